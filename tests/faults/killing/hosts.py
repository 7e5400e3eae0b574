"""Two people in rooms: one opens them and asks the other in; both queue songs, vote and talk, over `/ws`."""

from __future__ import annotations

import itertools
from random import Random

from tests.faults.killing.ledger import Key
from tests.faults.killing.line import Line, Lost, Refused, SocketLine

ITEMS = "query($r: ID!) { room(id: $r) { items(limit: 100) { id song { id } } } }"
FULL = 25
"""Songs in a room before the next one is opened."""


class Hosts:
    """One host and one friend. Rooms are paused, so that their queues stand still and can be compared."""

    def __init__(self, host: Line, friend: Line, random: Random, songs: list[str]) -> None:
        self._host, self._friend = SocketLine(host), SocketLine(friend)
        self._random = random
        self._songs = songs
        self._ledger = host.house.ledger
        self._numbers = itertools.count(1)
        self._room_id: str | None = None
        self._added: list[str] = []
        self._came = False
        self._again: tuple[SocketLine, str, dict[str, object], Key] | None = None

    async def step(self) -> None:
        """One write. What was lost is asked again under its name, as a player does that has come back."""
        if self._again is not None:
            await self._ask(*self._again)
            return
        if self._room_id is not None and len(self._added) >= FULL:
            await self._close()
        if self._room_id is None:
            await self._open()
            return
        if await self._host.is_new():
            await self._host.ask("room.follow", roomId=self._room_id)
        if not self._came:
            await self._bring()
            return
        await self._random.choice([self._add, self._vote, self._talk])()

    async def hang_up(self) -> None:
        """Both go."""
        await self._host.close()
        await self._friend.close()

    def sent_away(self) -> list[int | None]:
        """With what codes their sockets were closed since this was asked last."""
        codes = self._host.codes + self._friend.codes
        self._host.codes, self._friend.codes = [], []
        return codes

    async def _open(self) -> None:
        name = f"Room {next(self._numbers)} of {self._host.line.user_id}"
        try:
            room_id = (await self._host.ask("room.create", name=name))["roomId"]
        except Lost:
            self._ledger.perhaps(("room", name), there=True)
            raise
        self._ledger.done(("room", name))
        self._room_id, self._added, self._came = room_id, [], False
        await self._host.ask("room.follow", roomId=room_id)

    async def _bring(self) -> None:
        """Stopped, the friend asked in and come: all of it may be said again."""
        await self._host.ask("room.pause", roomId=self._room_id)
        await self._host.ask("room.invite", roomId=self._room_id, userIds=[self._friend.line.user_id])
        key = ("member", self._room_id, self._friend.line.user_id)
        await self._ask(self._friend, "room.join", {}, key)
        self._came = True

    async def _add(self) -> None:
        free = [song_id for song_id in self._songs[-60:] if song_id not in self._added]
        if not free:
            await self._talk()
            return
        song_id = self._random.choice(free)
        self._added.append(song_id)
        who = self._random.choice([self._host, self._friend])
        await self._ask(who, "room.add", {"songIds": [song_id]}, ("queued", self._room_id, song_id))

    async def _vote(self) -> None:
        items = (await self._host.line.ask(ITEMS, r=self._room_id))["room"]["items"]
        if not items:
            await self._add()
            return
        item = self._random.choice(items)
        who, up = self._random.choice([self._host, self._friend]), self._random.random() < 0.7
        key = ("vote", self._room_id, item["song"]["id"], who.line.user_id)
        await self._ask(who, "room.vote", {"itemId": item["id"], "up": up}, key, there=up)

    async def _talk(self) -> None:
        text = f"line {next(self._numbers)}"
        await self._ask(
            self._random.choice([self._host, self._friend]),
            "room.chat",
            {"text": text},
            ("line", self._room_id, text),
        )

    async def _close(self) -> None:
        room_id, self._room_id = self._room_id, None
        assert room_id is not None
        try:
            await self._host.ask("room.close", roomId=room_id)
        except Lost:
            self._ledger.perhaps(("closed", room_id), there=True)
            raise
        self._ledger.done(("closed", room_id))

    async def _ask(self, who: SocketLine, op: str, members: dict[str, object], key: Key, *, there: bool = True) -> None:
        """One operation with a name of its own; kept for the next step when no answer comes."""
        members = {"roomId": self._room_id, "clientOpId": f"op{next(self._numbers)}"} | members
        try:
            await who.ask(op, **members)
        except Lost:
            self._ledger.perhaps(key, there=there)
            self._again = (who, op, members, key) if there else None
            raise
        except Refused:
            self._again = None
            raise
        self._again = None
        (self._ledger.done if there else self._ledger.undone)(key)
