"""The players' door, `/ws`: hands frames to `realtime/player/session.py`. Owns nothing of the conversation."""

from __future__ import annotations

from typing import Any

from handlers.websocket_base import HandlerWire, SocketHandler
from realtime.messages import CloseCode
from realtime.player.session import PlayerParts, PlayerSession
from services.viewer import Role


class PlayerSocket(SocketHandler):
    """The protocol of `docs/protocol.md` at `/ws`. Composed with `parts` beside house and manners."""

    access = Role.ANYONE

    # Beside the dictionary that Tornado's members fill: one that overflows is 1.5 KB for each socket.
    __slots__ = ("_session", "parts")

    parts: PlayerParts

    def initialize(self, *words: Any, **collaborators: Any) -> None:
        """As every door's."""
        self._session: PlayerSession | None = None
        super().initialize(*words, **collaborators)

    def open(self, *_: str, **__: str) -> None:
        """Enter the socket into the register, or close it with the reason why not."""
        wire = HandlerWire(self)
        address = self.request.remote_ip or ""
        crowd, sockets = self.parts.crowd, self.parts.sockets
        self.set_nodelay(True)
        if not crowd.enter(address):
            wire.close(CloseCode.TRY_AGAIN, "Too many sockets of your address")
            return
        session = PlayerSession(self.parts, wire=wire, address=address)
        if not sockets.add(session):
            crowd.leave(address)
            wire.close(*sockets.refusal())
            return
        self._session = session
        session.start()
        self.settle()

    async def on_message(self, message: str | bytes) -> None:
        """Hand a frame over; not returning yet is how a client that talks too fast is slowed down."""
        if self._session is not None:
            await self._session.receive(message)

    def on_close(self) -> None:
        """The peer is gone, or our own handshake is done."""
        if self._session is not None:
            self._session.lost()
