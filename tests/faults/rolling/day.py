"""A day in a house whose processes are renewed: everybody of the long day, and whoever feels a renewal most."""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import dataclass, field
from random import Random
from typing import Any

from websockets.exceptions import ConnectionClosed

from services.connect.faces import patched as patched_queue
from services.rooms.faces import patched as patched_room
from tests.faults.day.day import Day, Doer, Sample
from tests.faults.killing.hosts import Hosts
from tests.faults.killing.line import Line, Lost
from tests.faults.killing.storm import Storm
from tests.faults.rolling.companions import GOING_AWAY, Companion, Reader, Subscriber, Watcher, Writer
from tests.faults.rolling.house import RollingHouse
from tests.faults.rolling.kept import Regular
from tests.faults.rolling.streams import SlowListener
from tests.faults.size import times

PACES_S = (0.0, 0.02, 0.1, 0.3, 0.6, 0.95, 1.0, 1.05, 1.5, 2.5)
"""Between two requests over one connection: also the second after which a stopping process hangs up on the idle."""
IDLE = 9
BYTES_A_SECOND = (8_000_000, 500_000)
"""Of two listeners: one is through with the song in time, the other is cut and goes on."""
LONG_SONG = "The Long Hour"
MAKE = "mutation($n: String!) { createPlaylist(name: $n) { playlist { id } } }"
FOLLOW = "mutation($p: ID!) { followPlaylist(playlistId: $p) { success } }"
COUNT = "query($p: ID!) { playlist(id: $p) { songCount } }"
RUN = 'mutation { runJob(name: "import folders") { job { isWanted } } }'
LISTED = """query($c: String) { notifications(first: 100, after: $c) {
  edges { node { id } } pageInfo { hasNextPage endCursor } } }"""
JOBS = "{ adminJobs { name isWanted isRunning } }"
LISTS = 100
LOOKS = 200


class Fan:
    """Somebody who follows one playlist after another, each of which its owner is told of."""

    def __init__(self, line: Line, lists: list[str]) -> None:
        self._line = line
        self._lists = iter(lists)
        self.followed = 0

    async def step(self) -> None:
        """One more."""
        if (list_id := next(self._lists, None)) is not None:
            await self._line.ask(FOLLOW, p=list_id)
            self.followed += 1


class Asker:
    """An administrator who has a job run, and again when it has."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self.asked = 0

    async def step(self) -> None:
        """Once more, unless it is still wanted."""
        jobs = {job["name"]: job for job in (await self._line.ask(JOBS))["adminJobs"]}
        if not jobs["import folders"]["isWanted"] and not jobs["import folders"]["isRunning"]:
            await self._line.ask(RUN)
            self.asked += 1


@dataclass
class RollingDay(Day):
    """One such day. `idle` are connections that were kept, without a request since their first."""

    house: RollingHouse
    regulars: list[Regular] = field(default_factory=list)
    idle: list[Regular] = field(default_factory=list)
    slow: list[SlowListener] = field(default_factory=list)
    companions: list[Companion] = field(default_factory=list)
    host_codes: list[int | None] = field(default_factory=list)
    hearers_away: int = 0
    _staying: list[asyncio.Task[None]] = field(default_factory=list)

    async def people(self, storm: Storm) -> dict[Doer, float]:
        """Those of every day, and the companions, who begin at once."""
        people = await super().people(storm)
        ann, fan = await self.house.person("ann"), await self.house.person("fan")
        self.ann = ann
        self.road = (await ann.ask(MAKE, n="Road"))["createPlaylist"]["playlist"]["id"]
        lists = [(await ann.ask(MAKE, n=f"List {n}"))["createPlaylist"]["playlist"]["id"] for n in range(LISTS)]
        found = await ann.ask("query($q: String!) { search(query: $q) { songs { id title } } }", q=LONG_SONG)
        song_id = next(song["id"] for song in found["search"]["songs"] if song["title"] == LONG_SONG)
        path = f"/stream/{song_id}?quality=lossless"
        whole = (await ann.fetch(path)).body
        told = len(whole), hashlib.sha256(whole).hexdigest()
        self.slow = [SlowListener(ann, path, *told, pace) for pace in BYTES_A_SECOND]
        for number, pause_s in enumerate(PACES_S):
            self.regulars.append(Regular(ann, Random(number), song_id, self.road))
            people[self.regulars[-1]] = pause_s
        self.idle = [Regular(ann, Random(number), song_id, self.road) for number in range(IDLE)]
        self.fan, self.asker = Fan(fan, lists), Asker(await self.house.admin())
        people |= dict.fromkeys(self.slow, 0.0) | {self.fan: 0.3, self.asker: 0.5}
        await self._keep_company(song_id)
        return people

    async def _keep_company(self, song_id: str) -> None:
        ann = self.ann
        async with Companion(ann, "ann").player() as player:
            assert (await player.ask("hello", token=ann.token))["ok"]
            self.room_id = (await player.ask("room.create", name="Ann's"))["roomId"]
            assert (await player.ask("room.pause", roomId=self.room_id))["ok"]
        self.queue = [Watcher(ann, "queue.follow", patched_queue) for _ in range(3)]
        self.room = [Watcher(ann, "room.follow", patched_room, roomId=self.room_id) for _ in range(3)]
        self.readers = [*(Reader(ann) for _ in range(3)), *(Subscriber(ann) for _ in range(3))]
        self.queuer = Writer(ann, "queue.add", lambda _: {"songIds": [song_id]}, times(1, long=4) / 4)
        self.talker = Writer(ann, "room.chat", lambda n: {"roomId": self.room_id, "text": f"line {n}"}, 0.4)
        self.companions = [*self.queue, *self.room, *self.readers, self.queuer, self.talker]
        self._staying = [asyncio.create_task(each.stay(), name=each.name) for each in self.companions]

    async def rest(self) -> None:
        """Connections that will lie idle, each after one request."""
        for each in self.idle:
            await each._read()

    async def wake(self) -> None:
        """One request over each of those."""
        for each in self.idle:
            try:
                await each._read()
            except (Lost, AssertionError, OSError) as fault:
                self.wrong.append(f"idle: {fault!r}")

    async def settle(self) -> None:
        """The writers stop; the others are told all of it; everybody goes."""
        for each in (self.queuer, self.talker):
            each.over = True
        await asyncio.gather(*(self._staying[self.companions.index(each)] for each in (self.queuer, self.talker)))
        for _ in range(LOOKS):
            if not (lacking := [each for each in self.companions if not self._has_all(each)]):
                return
            await asyncio.sleep(0.1)
        self.wrong.append(f"not told of everything: {lacking}")

    async def leave(self) -> None:
        """Close whatever is open."""
        for each in self.companions:
            each.over = True
        for task in self._staying:
            task.cancel()
        for found in await asyncio.gather(*self._staying, return_exceptions=True):
            if isinstance(found, Exception):
                self.wrong.append(f"a companion: {found!r}")
        for each in self.queue + self.room:
            if each.follower is not None:
                await each.follower.end()
        for each in self.regulars + self.idle:
            await each.kept.close()

    def end(self) -> None:
        """Whoever takes a song leaves it."""
        super().end()
        for each in self.slow:
            each.over = True

    def _has_all(self, each: Companion) -> bool:
        if each in self.queue:
            return each.follower is not None and len(each.follower.face["items"]) >= self.queuer.done
        if each in self.room:
            chat = each.follower.face["chat"] if each.follower is not None else []
            return bool(chat) and chat[-1]["text"] == f"line {self.talker.done - 1}"
        return each not in self.readers or len(each.ids) >= self.fan.followed

    async def faces(self) -> tuple[Any, Any]:
        """Queue and room, read anew."""
        async with Companion(self.ann, "ann").player() as player:
            assert (await player.ask("hello", token=self.ann.token))["ok"]
            queue = (await player.ask("queue.get"))["queue"]
            assert (await player.ask("room.follow", "r", roomId=self.room_id))["ok"]
            return queue, (await player.event())["room"]

    async def count(self) -> int:
        """How many songs the playlist has that the regulars added to."""
        return int((await self.ann.ask(COUNT, p=self.road))["playlist"]["songCount"])

    async def notes(self) -> list[str]:
        """Ann's notifications, the first one first."""
        found: list[str] = []
        page: dict[str, Any] = {"hasNextPage": True, "endCursor": None}
        while page["hasNextPage"]:
            told = (await self.ann.ask(LISTED, c=page["endCursor"]))["notifications"]
            found += [edge["node"]["id"] for edge in told["edges"]]
            page = told["pageInfo"]
        return found[::-1]

    async def sample(self, at: float) -> Sample:
        """Nothing: several processes come and go."""
        return Sample(at, 0, 0, 0)

    def is_expected(self, each: Doer, fault: Exception) -> bool:
        """A socket may be told to go; the same operation is asked again over the next."""
        if isinstance(each, Hosts) and isinstance(fault, Lost):
            self.host_codes += each.sent_away()
            return True
        if isinstance(fault, ConnectionClosed) and fault.rcvd is not None and fault.rcvd.code == GOING_AWAY:
            self.hearers_away += 1
            return True
        return False
