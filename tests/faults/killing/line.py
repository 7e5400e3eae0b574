"""The lines from a client to a house that is killed again and again: every request ends in one of three ways."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tornado.httpclient import HTTPError, HTTPResponse
from websockets.exceptions import InvalidHandshake, WebSocketException

from tests.realtime.player.street import Player

if TYPE_CHECKING:
    from tests.faults.killing.house import KilledHouse


class Lost(Exception):
    """No answer: done or not."""


class Refused(Exception):
    """The house said no."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code


class Line:
    """GraphQL and plain HTTP, as one person."""

    def __init__(self, house: KilledHouse, user_id: str, token: str) -> None:
        self.house = house
        self.user_id = user_id
        self.token = token

    async def fetch(self, path: str, **options: Any) -> HTTPResponse:
        """Any answer. Lost when the line broke before it came."""
        headers = {"Authorization": f"Bearer {self.token}", **options.pop("headers", {})}
        options.setdefault("request_timeout", 30)
        try:
            return await self.house.http.fetch(self.house.base + path, headers=headers, raise_error=False, **options)
        except (OSError, HTTPError) as fault:
            if isinstance(fault, HTTPError) and "imeout" in str(fault):
                self.house.complain(f"{path}: {fault}")
            raise Lost from fault

    async def ask(self, query: str, **variables: Any) -> Any:
        """The data of a GraphQL answer. Lost or Refused."""
        body = json.dumps({"query": query, "variables": variables})
        headers = {"Content-Type": "application/json"}
        return self.read(await self.fetch("/graphql", method="POST", headers=headers, body=body))

    def read(self, answer: HTTPResponse) -> Any:
        """What a GraphQL answer says."""
        told = json.loads(answer.body)
        if "errors" in told:
            [error, *_] = told["errors"]
            refusal = Refused(error.get("extensions", {}).get("code", "?"), error["message"])
            if refusal.code in ("INTERNAL", "?"):
                self.house.complain(str(refusal))
            raise refusal
        return told["data"]


class SocketLine:
    """`/ws`, as one person; opened when it is needed and again after it was lost."""

    def __init__(self, line: Line) -> None:
        self.line = line
        self._player: Player | None = None
        self._number = 0
        self.codes: list[int | None] = []

    async def ask(self, op: str, **members: Any) -> dict[str, Any]:
        """The answer to an operation. Lost or Refused."""
        player = await self._open()
        self._number += 1
        try:
            answer = await player.ask(op, f"{self._number}", **members)
        except TimeoutError as fault:
            if self.line.house.up.is_set():
                self.line.house.complain(f"{op} was not answered within five seconds")
            raise await self._lost() from fault
        except (OSError, WebSocketException) as fault:
            self.codes.append(player.ws.close_code)
            raise await self._lost() from fault
        player.events.clear()
        if not answer.get("ok"):
            raise Refused(answer["error"]["code"], answer["error"]["message"])
        return answer

    async def is_new(self) -> bool:
        """Open the line if it is not; whether it was not."""
        was_closed = self._player is None
        await self._open()
        return was_closed

    async def close(self) -> None:
        """Hang up."""
        player, self._player = self._player, None
        if player is not None:
            await player.ws.close()

    async def _open(self) -> Player:
        if self._player is None:
            player = Player(self.line.house.base.replace("http", "ws") + "/ws")
            try:
                await player.__aenter__()
                self._player = player
                answer = await player.ask("hello", token=self.line.token)
            except (OSError, TimeoutError, WebSocketException, InvalidHandshake) as fault:
                raise await self._lost() from fault
            assert answer["ok"], answer
        return self._player

    async def _lost(self) -> Lost:
        player, self._player = self._player, None
        if player is not None and hasattr(player, "ws"):
            player.ws.transport.abort()
        return Lost()
