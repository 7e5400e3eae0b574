"""People who look around, search as they type, listen and keep a socket open: what a house mostly has to do."""

from __future__ import annotations

import asyncio
import json
from random import Random
from typing import Any
from urllib.parse import urlsplit

from websockets.asyncio.client import connect

from tests.faults.killing.line import Line

HOME = """{
  newReleases(limit: 10) { id title artist { name } }
  trendingCharts(limit: 10) { songs { position song { title artistCredit } } }
  recommendedSongs(limit: 10) { id title artist { name } }
  myPlaylists { id name songCount }
}"""
SONG = "query($id: ID!) { song(id: $id) { title audioUrl artist { name } album { title songs { title } } } }"
FOUND = "query($q: String!) { autocomplete(query: $q) { suggestions } search(query: $q) { songs { title } } }"
WORD = "The Hours"
HEARS = "subscription { friendsListening { user { id } } }"
RANGE_BYTES = 65_536
QUALITIES = ("low", "normal", "high")
STAYS_S = 2.0


class Visitor:
    """Somebody who reads, in one way or another at each step."""

    def __init__(self, line: Line, random: Random, songs: list[str]) -> None:
        self._line = line
        self._random = random
        self._songs = songs

    async def step(self) -> None:
        """One thing; AssertionError for an answer that should not be."""
        await self._random.choice((self._browse, self._open, self._search, self._listen))()

    async def _browse(self) -> None:
        await self._line.ask(HOME)

    async def _open(self) -> str:
        told = await self._line.ask(SONG, id=self._random.choice(self._songs))
        return str(told["song"]["audioUrl"])

    async def _search(self) -> None:
        for end in range(3, len(WORD) + 1, 2):
            await self._line.ask(FOUND, q=WORD[:end])

    async def _listen(self) -> None:
        address = urlsplit(await self._open())
        quality = self._random.choice(QUALITIES)
        path = f"{address.path}?{address.query}{'&' if address.query else ''}quality={quality}"
        for start in (0, RANGE_BYTES):
            wanted = {"Range": f"bytes={start}-{start + RANGE_BYTES - 1}"}
            answer = await self._line.fetch(path, headers=wanted)
            # The second part lies beyond the end of a short song.
            assert answer.code == 206 or (start and answer.code == 416), (path, answer.code, answer.body[:200])


class Hearer:
    """Somebody whose socket stays for a while, hears of what friends play, and comes again."""

    def __init__(self, line: Line) -> None:
        self._line = line

    async def step(self) -> None:
        """Once in, for some seconds, and out again."""
        address = self._line.house.base.replace("http", "ws") + "/graphql"
        async with connect(address, subprotocols=["graphql-transport-ws"]) as socket:  # type: ignore[list-item]
            await self._say(socket, type="connection_init", payload={"token": self._line.token})
            acknowledged = json.loads(await socket.recv())
            assert acknowledged["type"] == "connection_ack", acknowledged
            await self._say(socket, id="1", type="subscribe", payload={"query": HEARS})
            try:
                async with asyncio.timeout(STAYS_S):
                    while True:
                        told = json.loads(await socket.recv())
                        assert told["type"] in ("next", "ping"), told
            except TimeoutError:
                return

    async def _say(self, socket: Any, **message: Any) -> None:
        await socket.send(json.dumps(message))
