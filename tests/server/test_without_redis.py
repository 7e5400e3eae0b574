"""A room of two processes plays through ten seconds without Redis, and through the death of one that has the job."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import time

import pytest

from services.connect.faces import patched as patched_queue
from services.rooms.faces import patched as patched_room
from tests.realtime.small_house import until
from tests.server.client import Client
from tests.server.pair import NAME, Follower, runs_of, songs_of

pytestmark = pytest.mark.services

OUTAGE_S = 10.0
JOB_EVERY_S = 5.0
JOB_LEASE_S = 4.0
LATEST_TICK_S = JOB_EVERY_S * 1.1
APART_MS = 5.0
"""What two processes may be apart in their time, beside what a round trip leaves open."""
LINK = "mutation($r: ID!) { createRoomInvite(roomId: $r) { token } }"


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
