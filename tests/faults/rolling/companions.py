"""People whose sockets stay open for good: they are sent away, come back, and hold what they were told against it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections.abc import Callable
from typing import Any

import orjson
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake

from tests.faults.killing.line import Line
from tests.realtime.player.street import Player
from tests.server.pair import Follower

GOING_AWAY = 1001
COMES_AGAIN_S = 0.2
"""What a client waits before it comes again; the first second of `web/` is shorter."""
NOTES = "subscription($after: String) { notifications(after: $after) { id place } }"


class Companion:
    """One socket after the other. `codes` are those it was closed with, `away_s` how long each time until it was told
    again, `vain` how often it came and was sent away at once."""

    def __init__(self, line: Line, name: str) -> None:
        self.line = line
        self.name = name
        self.codes: list[int | None] = []
        self.away_s: list[float] = []
        self.vain = 0
        self.over = False
        self._left_at: float | None = None

    def __repr__(self) -> str:
        return f"{self.name}, sent away {self.codes}, {getattr(self, 'ids', [''])[-1:]}"

    async def stay(self) -> None:
        """Until it is over."""
        while not self.over:
            try:
                await self._once()
            except (OSError, TimeoutError, InvalidHandshake) as fault:
                self.line.house.complain(f"{self.name} could not come in: {fault!r}")
            except ConnectionClosed as closed:
                self._note(closed)
            await asyncio.sleep(COMES_AGAIN_S)

    async def _once(self) -> None:
        """Come, hear until sent away. ConnectionClosed then."""
        raise NotImplementedError

    def _note(self, closed: ConnectionClosed) -> None:
        if self.over:
            return
        self.codes.append(closed.rcvd.code if closed.rcvd is not None else None)
        if self._left_at is None:
            self._left_at = time.monotonic()
        else:
            self.vain += 1

    def _is_back(self) -> None:
        if self._left_at is not None:
            self.away_s.append(time.monotonic() - self._left_at)
            self._left_at = None

    def player(self) -> Player:
        """A socket at `/ws`, not yet open."""
        return Player(self.line.house.base.replace("http", "ws") + "/ws")


class Watcher(Companion):
    """Follows one thing over `/ws`, from the revision it has."""

    def __init__(self, line: Line, op: str, patched: Callable[..., Any], **members: Any) -> None:
        super().__init__(line, f"watches by {op}")
        self._op, self._patched, self._members = op, patched, members
        self.follower: Follower | None = None
        self.wholes = 0

    async def _once(self) -> None:
        async with self.player() as player:
            if self.follower is None:
                self.follower = await Follower(
                    player, self.line.token, self._op, self._patched, **self._members
                ).begin()
            else:
                await self.follower.come_back(player)
            self._is_back()
            await self.follower.task
            self.wholes += self.follower.wholes
            # It read until the socket was closed; to ask once more tells with what.
            await player.ws.recv()


class Reader(Companion):
    """Hears of notifications over `/ws`, from the place it has."""

    def __init__(self, line: Line) -> None:
        super().__init__(line, "reads notifications over /ws")
        self.ids: list[str] = []
        self._place = "n2.0"

    async def _once(self) -> None:
        async with self.player() as player:
            assert (await player.ask("hello", token=self.line.token))["ok"]
            assert (await player.ask("notifications.follow", lastSeen=self._place))["ok"]
            self._is_back()
            while True:
                told = player.events.pop(0) if player.events else orjson.loads(await player.ws.recv())
                self.ids += [item["id"] for item in told["items"]]
                self._place = told["place"]


class Subscriber(Companion):
    """Hears of notifications over `/graphql`, from the place it has."""

    def __init__(self, line: Line) -> None:
        super().__init__(line, "subscribes to notifications over /graphql")
        self.ids: list[str] = []
        self._place = "n2.0"

    async def _once(self) -> None:
        address = self.line.house.base.replace("http", "ws") + "/graphql"
        async with connect(address, subprotocols=["graphql-transport-ws"]) as socket:  # type: ignore[list-item]
            await socket.send(json.dumps({"type": "connection_init", "payload": {"token": self.line.token}}))
            assert json.loads(await socket.recv())["type"] == "connection_ack"
            payload = {"query": NOTES, "variables": {"after": self._place}}
            await socket.send(json.dumps({"id": "1", "type": "subscribe", "payload": payload}))
            self._is_back()
            while True:
                told = json.loads(await socket.recv())
                if told["type"] != "ping":
                    assert told["type"] == "next" and "errors" not in told["payload"], told
                    note = told["payload"]["data"]["notifications"]
                    self.ids.append(note["id"])
                    self._place = note["place"]


class Writer(Companion):
    """Says one operation after another over `/ws`, each under a name of its own; what was not answered is asked again
    under the same name. `done` counts those that were answered, `again` those that had been done already."""

    def __init__(self, line: Line, op: str, members: Callable[[int], dict[str, Any]], every_s: float) -> None:
        super().__init__(line, f"writes by {op}")
        self._op, self._members, self._every_s = op, members, every_s
        self.done = self.again = 0

    async def _once(self) -> None:
        async with self.player() as player:
            assert (await player.ask("hello", token=self.line.token))["ok"]
            self._is_back()
            while not self.over:
                members = self._members(self.done)
                answer = await player.ask(self._op, clientOpId=f"{self._op}-{self.done}", **members)
                assert answer.get("ok"), answer
                self.done += 1
                self.again += bool(answer.get("repeated"))
                player.events.clear()
                with contextlib.suppress(TimeoutError):
                    # A client reads while it has nothing to say, and so hears of its end.
                    async with asyncio.timeout(self._every_s):
                        while True:
                            await player.ws.recv()
