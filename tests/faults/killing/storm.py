"""Writers at a house, and the kills: when, how many, and what the house has to show after each."""

from __future__ import annotations

import asyncio
from pathlib import Path
from random import Random
from typing import Protocol

from tests.faults.killing.curators import Curator
from tests.faults.killing.hosts import Hosts
from tests.faults.killing.house import KilledHouse
from tests.faults.killing.line import Line, Lost, Refused
from tests.faults.killing.listeners import Listener
from tests.faults.killing.uploaders import Place, Uploader

LONGEST_S = 2.0
"""Between two kills the writers have up to so many seconds."""


class Writer(Protocol):
    """Somebody who writes, one thing after the other."""

    async def step(self) -> None:
        """One write. Lost when the house died over it."""


class Storm:
    """Eleven writers at one house: four listeners, two curators, three uploaders, two pairs in rooms."""

    def __init__(self, house: KilledHouse, folder: Path) -> None:
        self.house = house
        self.folder = folder
        self.songs: list[str] = []
        self.uploaders: list[Uploader] = []
        self._writers: list[Writer] = []
        self._hosts: list[Hosts] = []
        self._people: list[Line] = []
        self._over = False

    async def furnish(self) -> None:
        """People, an artist, albums and the first songs."""
        admin = await self.house.admin()
        made = await admin.ask('mutation { createArtist(name: "The Hours") { artist { id } } }')
        artist_id = made["createArtist"]["artist"]["id"]
        albums = []
        for number in range(3):
            make = "mutation($a: ID!, $t: String!) { createAlbum(artistId: $a, title: $t) { album { id } } }"
            made = await admin.ask(make, a=artist_id, t=f"Album {number}")
            albums.append(made["createAlbum"]["album"]["id"])
            place = Place(f"sender {number}", artist_id, albums[-1], self.folder)
            self.uploaders.append(Uploader(admin, self._random(), place, self.songs))
        people = self._people = [await self.house.person(f"person{number}") for number in range(10)]
        while len(self.songs) < 6:
            await self.uploaders[0].step()
        playlists: list[str] = []
        targets = {
            "like": self.songs,
            "save": albums,
            "follow": [artist_id],
            "befriend": [each.user_id for each in people],
            "subscribe": playlists,
        }
        self._hosts = [Hosts(*pair, self._random(), self.songs) for pair in (people[6:8], people[8:10])]
        self._writers = [
            *(Listener(line, self._random(), targets) for line in people[:4]),
            *(Curator(line, self._random(), self.songs, playlists) for line in people[4:6]),
            *self.uploaders,
            *self._hosts,
        ]

    async def rage(self, kills: int) -> None:
        """Write, and be killed so often."""
        writing = [asyncio.create_task(self._write(each), name=f"writes: {each!r}") for each in self._writers]
        try:
            already = self.house.kills
            while self.house.kills < already + kills:
                await asyncio.sleep(self.house.random.uniform(0, LONGEST_S))
                await self.house.kill()
                await self.house.start()
                await self.look()
                print(f"killed {self.house.kills} times: {self.house.ledger.told()}", flush=True)
            self._over = True
            async with asyncio.timeout(30):
                await asyncio.gather(*writing)
        finally:
            for task in writing:
                task.cancel()
            await asyncio.gather(*writing, return_exceptions=True)
            await self.hang_up()

    def pauses(self) -> dict[Writer, float]:
        """The writers as they are on a day on which nobody is killed: how many seconds each waits between two steps."""
        return {each: 5.0 if isinstance(each, Uploader) else 0.3 for each in self._writers}

    async def hang_up(self) -> None:
        """Close what is open."""
        for hosts in self._hosts:
            await hosts.hang_up()

    async def look(self) -> None:
        """What a visitor sees first after a start: the song that was acknowledged last is there, and is found."""
        titles = [str(key[1]) for key in self.house.ledger.sure("song")]
        found = "query($q: String!) { search(query: $q, types: [SONG], limit: 50) { songs { title } } }"
        async with asyncio.timeout(10):
            while True:
                told = await self._people[0].ask(found, q=titles[-1])
                seen = [song["title"] for song in told["search"]["songs"]]
                if titles[-1] in seen:
                    break
                await asyncio.sleep(0.05)
        if seen.count(titles[-1]) != 1:
            self.house.complain(f"{titles[-1]} was found {seen.count(titles[-1])} times")

    async def _write(self, writer: Writer) -> None:
        while not self._over:
            await self.house.up.wait()
            try:
                await writer.step()
            except Lost:
                await asyncio.sleep(0.01)
            except Refused as refusal:
                self.house.complain(f"{type(writer).__name__} was refused: {refusal}")
                await asyncio.sleep(0.1)

    def _random(self) -> Random:
        return Random(self.house.random.getrandbits(64))
