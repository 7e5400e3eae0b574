"""Two server processes on one store and one Redis are one house: they converge, and survive each other and Redis."""

from __future__ import annotations

import asyncio
import contextlib
import re
import shutil
import signal
import time
from pathlib import Path

import orjson
import pytest
from tornado.httpclient import HTTPClientError
from websockets.exceptions import ConnectionClosed

from services.connect.faces import patched as patched_queue
from services.rooms.faces import patched as patched_room
from tests.realtime.player.street import Player
from tests.realtime.small_house import until
from tests.server.client import Client
from tests.server.conftest import Process
from tests.services.exercised import exercised, missing
from tests.services.redis_server import RedisServer

pytestmark = pytest.mark.services

QUEUED = 500
"""Operations of the queue, by four devices at once, two at each process."""
EDITED = 500
"""Edits of a playlist meanwhile, by four others."""
KILLED_AFTER = 400
"""Answers of both kinds, before one process is killed."""
OUTAGE_S = 10.0
JOB = "look after rooms"
JOB_EVERY_S = 5.0
JOB_LEASE_S = 4.0
LATEST_TICK_S = JOB_EVERY_S * 1.1
APART_MS = 5.0
"""What two processes may be apart in their time, beside what a round trip leaves open."""

ADD = "mutation($p: ID!, $s: ID!) { addSongToPlaylist(playlistId: $p, songId: $s) { playlist { rev } } }"
READ = "query($p: ID!) { playlist(id: $p) { rev songCount name } }"
NAME = "mutation($p: ID!, $n: String!) { updatePlaylist(playlistId: $p, name: $n) { playlist { rev } } }"
SONGS = "{ songs { edges { node { id title } } } }"
LINK = "mutation($r: ID!) { createRoomInvite(roomId: $r) { token } }"


class Pair:
    """Two processes, and the Redis between them."""

    def __init__(self, redis, processes):
        self.redis = redis
        self.processes = processes

    def socket(self, number):
        return Player(self.processes[number].base.replace("http", "ws") + "/ws")


@pytest.fixture
async def pair(tmp_path: Path, library: Path):
    if shutil.which("redis-server") is None:
        missing("Redis", "install redis-server")
    (tmp_path / "house").mkdir()
    redis = RedisServer(tmp_path)
    await redis.start()
    settings = {
        "TUTTI_REALTIME_REDIS_URL": redis.url,
        "TUTTI_SERVER_SECRET": "one secret for both of the processes",
        "TUTTI_GRAPHQL_RATE_PER_SECOND": "0",
        "TUTTI_REALTIME_PLAYER_RATE_PER_SECOND": "0",
        "TUTTI_REALTIME_MAX_MESSAGES_PER_SECOND": "10000",
        "TUTTI_ANALYSIS_BACKGROUND": "false",
    }
    processes = [Process(tmp_path / "house" / "data", dict(settings)) for _ in range(2)]
    shutil.copytree(library, processes[0].data)
    for process in processes:
        await asyncio.to_thread(process.start)
    exercised("Redis under two server processes")
    try:
        yield Pair(redis, processes)
    finally:
        for process in processes:
            if process.child is not None:
                process.child.kill()
                process.child.wait()
                process.child.stdout.close()
        redis.kill()


class Follower:
    """A player that follows one thing and puts what it is told on the face it has, as clients do."""

    def __init__(self, player, token, op, patched=None, **members):
        self.player, self.token, self.op, self.patched, self.members = player, token, op, patched, members
        self.face, self.revs, self.wholes, self.task = None, [], 0, None

    async def begin(self, **known):
        assert (await self.player.ask("hello", token=self.token))["ok"]
        answer = await self.player.ask(self.op, "follow", **self.members, **known)
        assert answer["ok"], answer
        self.task = asyncio.create_task(self._read(), name=f"follows by {self.op}")
        return self

    async def come_back(self, player):
        """At another process, with what it has."""
        await asyncio.wait([self.task])
        self.player, self.wholes = player, 0
        known = {"rev": self.revs[-1]} if self.patched is None else {"lastRev": self.revs[-1]}
        if self.op == "room.follow":
            known["epoch"] = self.face["epoch"]
        return await self.begin(**known)

    async def _read(self):
        for event in self.player.events:
            self._hear(event)
        with contextlib.suppress(ConnectionClosed):
            while True:
                frame = orjson.loads(await self.player.ws.recv())
                if "ev" in frame:
                    self._hear(frame)

    def _hear(self, event):
        if "from" in event:
            assert event["from"] == self.face["rev"]
            for patch in event.get("changes", event.get("patches")):
                self.face = self.patched(self.face, patch)
        elif self.patched is not None:
            self.face = event.get("queue") or event.get("room")
            self.wholes += 1
        else:
            self.face = event
        self.revs.append(event["rev"])

    async def end(self):
        self.task.cancel()
        await asyncio.gather(self.task, return_exceptions=True)


class Storm:
    """People who edit one queue and one playlist through both processes, and go to the first when the second dies."""

    def __init__(self, pair, clients, songs, playlist_id):
        self.pair, self.clients, self.songs, self.playlist_id = pair, clients, songs, playlist_id
        self.queue_numbers, self.edit_numbers = list(range(QUEUED)), list(range(EDITED))
        self.queue_revs, self.repeated, self.came_over = [], 0, 0
        self.edits, self.perhaps = 0, 0
        self.halfway = asyncio.Event()

    def _answered(self):
        if len(self.queue_revs) + self.edits >= KILLED_AFTER:
            self.halfway.set()

    async def device(self, at):
        """Takes numbers and does what they say; what was not answered is asked again by the same name."""
        number = None
        while True:
            try:
                async with self.pair.socket(at) as player:
                    assert (await player.ask("hello", token=self.clients[0].token))["ok"]
                    while number is not None or self.queue_numbers:
                        number = self.queue_numbers.pop() if number is None else number
                        op, members = self._operation(number)
                        answer = await player.ask(op, f"q{number}", clientOpId=f"op-{number}", **members)
                        if answer.get("error", {}).get("code") == "BUSY":
                            continue
                        assert answer.get("ok"), answer
                        self.queue_revs.append(answer["rev"])
                        self.repeated += answer.get("repeated", False)
                        number = None
                        self._answered()
                    return
            except ConnectionClosed:
                assert at == 1
                at, self.came_over = 0, self.came_over + 1

    def _operation(self, number):
        if number % 5:
            return "queue.add", {"songIds": [self.songs[number % len(self.songs)]], "next": number % 3 == 0}
        return "queue.volume", {"volume": number // 5 % 100}

    async def editor(self, at):
        """The same with a playlist, whose edits have no names: one that was not answered may have been done."""
        while self.edit_numbers:
            number = self.edit_numbers.pop()
            words = (NAME, {"n": f"Road {number}"}) if number % 3 == 0 else (ADD, {"s": self.songs[number % 3]})
            while True:
                try:
                    answer = await self.clients[at].ask(words[0], p=self.playlist_id, **words[1])
                except (OSError, HTTPClientError):
                    assert at == 1
                    at, self.perhaps = 0, self.perhaps + 1
                    break
                if "errors" not in answer:
                    self.edits += 1
                    self._answered()
                    break
                assert answer["errors"][0]["extensions"]["code"] == "BUSY", answer


@pytest.fixture
async def clients(pair):
    one, two = (Client(process.base) for process in pair.processes)
    await one.register("ann")
    two.token, two.user_id = one.token, one.user_id
    return one, two


async def songs_of(client):
    return {edge["node"]["title"]: edge["node"]["id"] for edge in (await client.get(SONGS))["songs"]["edges"]}


async def runs_of(client):
    """How often this process did the job, and how often it found it done."""
    text = (await client.fetch("/metrics")).body.decode()
    found = re.findall(rf'tutti_job_runs_total{{job="{JOB}",outcome="(.+?)"}} (\S+)', text)
    counted = {outcome: float(count) for outcome, count in found}
    return counted.get("done", 0), counted.get("leased elsewhere", 0)


async def test_a_thousand_operations_converge_though_one_process_is_killed_in_the_middle(pair, clients):
    one, _ = clients
    made = await one.get('mutation { createPlaylist(name: "Road") { playlist { id rev } } }')
    playlist_id, rev = made["createPlaylist"]["playlist"]["id"], made["createPlaylist"]["playlist"]["rev"]
    storm = Storm(pair, clients, list((await songs_of(one)).values()), playlist_id)
    async with (
        pair.socket(0) as at_one,
        pair.socket(1) as at_two,
        pair.socket(0) as at_one_too,
        pair.socket(1) as at_two_too,
        pair.socket(0) as back,
        pair.socket(0) as back_too,
    ):
        queues = [Follower(each, one.token, "queue.follow", patched_queue) for each in (at_one, at_two)]
        topic = f"playlist:{playlist_id}"
        lists = [Follower(each, one.token, "follow", topic=topic) for each in (at_one_too, at_two_too)]
        for follower in (*queues, *lists):
            await follower.begin()
        working = asyncio.gather(*(work(at) for work in (storm.device, storm.editor) for at in (0, 1, 0, 1)))
        halfway = asyncio.create_task(storm.halfway.wait(), name="halfway")
        await asyncio.wait([working, halfway], return_when=asyncio.FIRST_COMPLETED)
        assert not working.done()
        assert storm.queue_numbers or storm.edit_numbers
        await asyncio.to_thread(pair.processes[1].stop, signal.SIGKILL)
        await asyncio.gather(queues[1].come_back(back), lists[1].come_back(back_too))
        await working

        # Every operation of the queue was answered once and done once; all who follow it hold the same.
        assert storm.came_over == 2
        assert len(storm.queue_revs) == len(set(storm.queue_revs)) == QUEUED
        async with pair.socket(0) as reader:
            assert (await reader.ask("hello", token=one.token))["ok"]
            answer = await reader.ask("queue.get")
        queue = answer["queue"]
        assert len(queue["items"]) == sum(1 for number in range(QUEUED) if number % 5)
        for follower in queues:
            await until(lambda follower=follower: follower.face["rev"] == queue["rev"], 20)
            assert {**follower.face, "unavailable": []} == queue
        # What came while nobody was there to tell it came as changes, not as the whole.
        assert queues[1].wholes == 0

        playlist = (await one.get(READ, p=playlist_id))["playlist"]
        assert rev + storm.edits <= playlist["rev"] <= rev + storm.edits + storm.perhaps
        assert storm.edits + storm.perhaps == EDITED
        for follower in lists:
            await until(lambda follower=follower: follower.revs[-1] == playlist["rev"], 20)
            assert follower.revs == sorted(set(follower.revs))
            assert (follower.face["name"], follower.face["songCount"]) == (playlist["name"], playlist["songCount"])
        for follower in (*queues, *lists):
            await follower.end()


class Kitchen:
    """A room in play with Ann at one process and Ben at the other; queue and playlist of Ann are followed at both."""

    def __init__(self, pair, clients, ben, stack):
        self.pair, self.clients, self.ben, self._stack = pair, clients, ben, stack
        self.rooms, self.queues, self.lists = [], [], []

    async def socket(self, at, token=None):
        player = await self._stack.enter_async_context(self.pair.socket(at))
        assert token is None or (await player.ask("hello", token=token))["ok"]
        return player

    async def open(self):
        one = self.clients[0]
        await self.ben.register("ben")
        songs = await songs_of(one)
        self.song_id = songs["Dawn"]
        made = await one.get('mutation { createPlaylist(name: "Road") { playlist { id rev } } }')
        self.playlist_id, self.list_rev = (made["createPlaylist"]["playlist"][name] for name in ("id", "rev"))
        self.speakers = [await self.socket(0, one.token), await self.socket(1, self.ben.token)]
        created = await self.speakers[0].ask("room.create", name="Kitchen", songIds=[songs["Noon"], songs["Dusk"]])
        self.room_id = created["roomId"]
        link = await one.get(LINK, r=self.room_id)
        joined = await self.speakers[1].ask("room.join", token=link["createRoomInvite"]["token"])
        assert joined["roomId"] == self.room_id
        for at, token in enumerate((one.token, self.ben.token)):
            room = Follower(await self.socket(at), token, "room.follow", patched_room, roomId=self.room_id)
            queue = Follower(await self.socket(at), one.token, "queue.follow", patched_queue)
            list_ = Follower(await self.socket(at), one.token, "follow", topic=f"playlist:{self.playlist_id}")
            self.rooms.append(await room.begin())
            self.queues.append(await queue.begin())
            self.lists.append(await list_.begin())
        await until(lambda: all(follower.face for follower in (*self.rooms, *self.queues, *self.lists)))
        assert (await self.speakers[0].ask("room.play", roomId=self.room_id))["ok"]
        self.item_id = self.rooms[0].face["currentItemId"]
        for player in self.speakers:
            assert (await player.ask("room.ready", roomId=self.room_id, itemId=self.item_id))["ok"]
        await until(lambda: all(follower.face["anchor"]["playing"] for follower in self.rooms), 10)
        self.anchor = self.rooms[0].face["anchor"]

    @property
    def followers(self):
        return (*self.rooms, *self.queues, *self.lists)

    async def plays_on(self, speakers):
        """Everybody still holds the anchor from before, and a time to read it by: so all hear the same spot."""
        for follower in self.rooms:
            assert (follower.face["anchor"], follower.face["currentItemId"]) == (self.anchor, self.item_id)
        least, most = -1e18, 1e18
        for player in speakers:
            sent_ms = time.monotonic() * 1000
            told = await player.ask("clock", t0=sent_ms)
            least = max(least, told["t2"] - time.monotonic() * 1000)
            most = min(most, told["t1"] - sent_ms)
        assert least <= most + APART_MS
        return time.monotonic() * 1000 + most - self.anchor["atMs"]

    async def agree(self):
        """Both hold what the house holds."""
        for pair in (self.rooms, self.queues, self.lists):
            await until(lambda pair=pair: pair[0].face["rev"] == pair[1].face["rev"], 20)
            assert pair[0].face == pair[1].face


@pytest.fixture
async def kitchen(pair, clients):
    async with contextlib.AsyncExitStack() as stack:
        kitchen = Kitchen(pair, clients, Client(clients[1].base), stack)
        await kitchen.open()
        yield kitchen
        for follower in kitchen.followers:
            await follower.end()


async def holder_of_a_fresh_lease(clients):
    """Which process did the job just now, and a moment before it took the lease for that."""
    idle_at = time.monotonic()
    before = [(await runs_of(client))[0] for client in clients]
    while True:
        asked_at = time.monotonic()
        done = [(await runs_of(client))[0] for client in clients]
        for at in (0, 1):
            if done[at] > before[at]:
                return at, idle_at, done
        idle_at = asked_at
        await asyncio.sleep(0.05)


async def test_a_room_plays_through_ten_seconds_without_redis_and_the_death_of_a_process(pair, clients, kitchen):
    one, two = clients
    began = time.monotonic()
    pair.redis.kill()
    gone_at = time.monotonic()
    # Edits at either process while neither hears the other.
    for number, client in enumerate((one, two)):
        assert "errors" not in await client.ask(NAME, p=kitchen.playlist_id, n=f"Road {number}")
    devices = [await kitchen.socket(at, one.token) for at in (0, 1)]
    for number, device in enumerate(devices):
        added = await device.ask("queue.add", clientOpId=f"away-{number}", songIds=[kitchen.song_id])
        assert added.get("ok"), added
    heard_ms: list[float] = []
    while time.monotonic() < gone_at + OUTAGE_S:
        heard_ms.append(await kitchen.plays_on(kitchen.speakers))
        for player in (*kitchen.speakers, *devices):
            assert (await player.ask("ping"))["ok"]
        await asyncio.sleep(0.5)
    assert not any(follower.task.done() for follower in kitchen.followers)
    assert heard_ms == sorted(heard_ms)
    assert heard_ms[-1] - heard_ms[0] >= (OUTAGE_S - 2) * 1000
    await pair.redis.start()

    for follower in kitchen.lists:
        await until(lambda follower=follower: follower.face["rev"] == kitchen.list_rev + 2, 20)
    for follower in kitchen.queues:
        await until(lambda follower=follower: len(follower.face["items"]) == 2, 20)
    assert (await kitchen.speakers[1].ask("room.chat", roomId=kitchen.room_id, text="still there?"))["ok"]
    for follower in kitchen.rooms:
        await until(lambda follower=follower: bool(follower.face["chat"]), 20)
    await kitchen.agree()
    await kitchen.plays_on(kitchen.speakers)
    assert not any(follower.task.done() for follower in kitchen.followers)

    # Both processes ticked the job, and no two runs of it lay nearer to each other than its lease is long.
    dead, idle_at, runs = await holder_of_a_fresh_lease(clients)
    assert 1 <= sum(runs) <= (time.monotonic() - began + 15) / JOB_LEASE_S + 1
    await asyncio.to_thread(pair.processes[dead].stop, signal.SIGKILL)
    died_at, alive = time.monotonic(), 1 - dead

    # Whoever was at the dead one goes on at the other, with changes and no whole.
    for followers in (kitchen.rooms, kitchen.queues):
        await followers[dead].come_back(await kitchen.socket(alive))
    await kitchen.lists[dead].come_back(await kitchen.socket(alive))
    token = (one.token, kitchen.ben.token)[dead]
    back = await kitchen.socket(alive, token)
    assert (await back.ask("room.chat", roomId=kitchen.room_id, text="here again"))["ok"]
    added = await back.ask("queue.add", clientOpId="after", songIds=[kitchen.song_id]) if dead == 0 else None
    assert added is None or added["ok"]
    for follower in kitchen.rooms:
        await until(lambda follower=follower: len(follower.face["chat"]) == 2, 20)
    await kitchen.agree()
    assert (kitchen.rooms[dead].wholes, kitchen.queues[dead].wholes) == (0, 0)
    assert kitchen.rooms[alive].face["anchor"]["playing"]

    # Its job is done by the other: not while the lease of the dead runs, and at the first tick after that.
    while (await runs_of(clients[alive]))[0] == runs[alive]:
        assert time.monotonic() < died_at + JOB_LEASE_S + 2 * LATEST_TICK_S
        await asyncio.sleep(0.1)
    assert time.monotonic() >= idle_at + JOB_LEASE_S
    for follower in kitchen.followers:
        await follower.end()
    assert await asyncio.to_thread(pair.processes[alive].stop) == 0
    assert (await kitchen.speakers[alive].closed())[0] == 1001
