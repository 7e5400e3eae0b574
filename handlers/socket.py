"""The `/graphql` socket door: negotiates the subprotocol and hands frames to `realtime/connection.py`.

Owns nothing of the conversation. Refuses to know rules, operations and rooms.
"""

from __future__ import annotations

from typing import Any

from graph.context import Caller
from graph.execute import Executor
from handlers.websocket_base import HandlerWire, SocketHandler
from realtime.connection import Connection
from realtime.messages import SUBPROTOCOL, CloseCode
from realtime.player.crowd import Crowd
from realtime.sockets import OpenSockets
from realtime.transport import Limits
from services.errors import Unauthenticated
from services.viewer import NOBODY, Role, Viewer


class GraphqlSocket(SocketHandler):
    """graphql-transport-ws at `/graphql`. Composed with `executor`, `sockets`, `limits` and `crowd` beside the rest."""

    access = Role.ANYONE

    executor: Executor
    sockets: OpenSockets
    limits: Limits = Limits()
    crowd: Crowd | None = None
    _connection: Connection | None = None

    def select_subprotocol(self, subprotocols: list[str]) -> str | None:
        """The one we speak, when the client offers it."""
        return SUBPROTOCOL if SUBPROTOCOL in subprotocols else None

    def open(self, *_: str, **__: str) -> None:
        """Enter the socket into the register, or close it with the reason why not."""
        wire = HandlerWire(self)
        if self.selected_subprotocol is None:
            wire.close(CloseCode.SUBPROTOCOL, "Subprotocol not acceptable: offer graphql-transport-ws")
            return
        self.set_nodelay(True)
        address = self.request.remote_ip or ""
        if self.crowd is not None and not self.crowd.enter(address):
            wire.close(CloseCode.TRY_AGAIN, "Too many sockets of your address")
            return
        connection = Connection(
            wire=wire,
            executor=self.executor,
            admit=self._admit,
            renew=self._renew,
            sockets=self.sockets,
            clock=self.house.clock,
            limits=self.limits,
            crowd=self.crowd,
            caller=Caller(address, self.request.headers.get("User-Agent", "")[:256]),
        )
        if not self.sockets.add(connection):
            if self.crowd is not None:
                self.crowd.leave(address)
            wire.close(*self.sockets.refusal())
            return
        self._connection = connection
        connection.start()
        self.settle()

    async def on_message(self, message: str | bytes) -> None:
        """Hand a frame over; not returning yet is how a client that talks too fast is slowed down."""
        if self._connection is not None:
            await self._connection.receive(message)

    def on_close(self) -> None:
        """The peer is gone, or our own handshake is done."""
        if self._connection is not None:
            self._connection.lost()

    async def _admit(self, payload: dict[str, Any] | None) -> Viewer:
        token = token_in(payload)
        return NOBODY if token is None else await self.house.accounts.viewer_for(token)

    async def _renew(self, viewer: Viewer) -> Viewer:
        return await self.house.accounts.renewed(viewer)


def token_in(payload: dict[str, Any] | None) -> str | None:
    """The token in `{"token": T}` or `{"Authorization": "Bearer T"}`, None without either. Unauthenticated for a
    payload that names one of them and holds no token."""
    given = payload or {}
    if given.get("token") is not None:
        token = given["token"]
    elif (header := given.get("Authorization", given.get("authorization"))) is not None:
        scheme, _, token = header.partition(" ") if isinstance(header, str) else ("", "", None)
        if scheme.lower() != "bearer":
            raise Unauthenticated("use Authorization: Bearer TOKEN", code="TOKEN_INVALID")
    else:
        return None
    if not isinstance(token, str) or not token.strip():
        raise Unauthenticated("the token is not a string", code="TOKEN_INVALID")
    return token.strip()
