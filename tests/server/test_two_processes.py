"""Two server processes on one store and one Redis are one house: they converge, and survive each other and Redis."""

from __future__ import annotations

import asyncio
import random
import shutil
import signal
from pathlib import Path

import orjson
import pytest

from tests.realtime.player.street import Player
from tests.realtime.small_house import until
from tests.server.client import Client
from tests.server.conftest import Process
from tests.services.exercised import exercised, missing
from tests.services.redis_server import RedisServer

pytestmark = pytest.mark.services

OPERATIONS = 500
"""Of playlists, through both processes in turn, four at a time."""

ADD = "mutation($p: ID!, $s: ID!) { addSongToPlaylist(playlistId: $p, songId: $s) { playlist { rev } } }"
READ = "query($p: ID!) { playlist(id: $p) { rev songCount entries(first: 100) { edges { node { id } } totalCount } } }"
MOVE = "mutation($p: ID!, $n: String!) { updatePlaylist(playlistId: $p, name: $n) { playlist { rev } } }"


class Pair:
    """Two processes, and the Redis between them."""

    def __init__(self, redis, processes):
        self.redis = redis
        self.processes = processes

    def socket(self, number):
        return Player(self.processes[number].base.replace("http", "ws") + "/ws")


@pytest.fixture
async def pair(tmp_path: Path, music: Path):
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
        "TUTTI_ANALYSIS_BACKGROUND": "false",
    }
    processes = [Process(tmp_path / "house" / "data", dict(settings)) for _ in range(2)]
    done = await asyncio.to_thread(processes[0].command, "import", str(music))
    assert done.returncode == 0, done.stderr
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
    """A player that follows a topic and keeps the newest revision it was told."""

    def __init__(self, player, token, topic):
        self.player, self.token, self.topic = player, token, topic
        self.revs = []
        self.task = None

    async def begin(self, **known):
        assert (await self.player.ask("hello", token=self.token))["ok"]
        answer = await self.player.ask("follow", "2", topic=self.topic, **known)
        assert answer["ok"], answer
        self.task = asyncio.create_task(self._read(), name=f"follows {self.topic}")

    async def _read(self):
        while True:
            self.revs.append((await self._event())["rev"])

    async def _event(self):
        return orjson.loads(await self.player.ws.recv())

    async def end(self):
        self.task.cancel()
        await asyncio.gather(self.task, return_exceptions=True)


async def edited(clients, playlist_id, songs, number):
    """One edit through one of the processes, asked again while others are faster."""
    client = clients[number % 2]
    while True:
        if number % 3:
            answer = await client.ask(ADD, p=playlist_id, s=songs[number % len(songs)])
        else:
            answer = await client.ask(MOVE, p=playlist_id, n=f"Road {number}")
        if "errors" not in answer:
            return
        assert answer["errors"][0]["extensions"]["code"] == "BUSY", answer


async def test_two_processes_converge_and_survive_each_other_and_redis(pair):
    one, two = (Client(process.base) for process in pair.processes)
    await one.register("ann")
    two.token, two.user_id = one.token, one.user_id
    made = await one.get('mutation { createPlaylist(name: "Road") { playlist { id rev } } }')
    playlist_id, rev = made["createPlaylist"]["playlist"]["id"], made["createPlaylist"]["playlist"]["rev"]
    found = await one.get("{ songs { edges { node { id } } } }")
    songs = [edge["node"]["id"] for edge in found["songs"]["edges"]]
    topic = f"playlist:{playlist_id}"
    numbers = list(range(OPERATIONS))
    random.Random(5).shuffle(numbers)

    async def work():
        while numbers:
            await edited((one, two), playlist_id, songs, numbers.pop())

    async with pair.socket(0) as at_one, pair.socket(1) as at_two:
        follows = [Follower(at_one, one.token, topic), Follower(at_two, one.token, topic)]
        for follower in follows:
            await follower.begin()
        await asyncio.gather(*(work() for _ in range(4)))
        whole = rev + OPERATIONS
        for follower in follows:
            await until(lambda follower=follower: follower.revs[-1:] == [whole], 20)
            assert follower.revs == sorted(set(follower.revs))
        answers = [(await client.get(READ, p=playlist_id))["playlist"] for client in (one, two)]
        assert answers[0] == answers[1]
        assert answers[0]["rev"] == whole
        assert answers[0]["songCount"] == sum(1 for number in range(OPERATIONS) if number % 3)

        # Redis away: the sockets stay, each process's own news still comes, and the other's is read anew after it.
        pair.redis.kill()
        for number in (1, 2):
            await edited((one, two), playlist_id, songs, number)
        await asyncio.sleep(1.0)
        await pair.redis.start()
        for follower in follows:
            await until(lambda follower=follower: follower.revs[-1:] == [whole + 2], 20)
            assert not follower.task.done()

        # The second process dies; its player comes to the first with what it knows, and is told what came since.
        await asyncio.to_thread(pair.processes[1].stop, signal.SIGKILL)
        await edited((one, one), playlist_id, songs, 4)
        await follows[1].end()
        async with pair.socket(0) as again:
            returned = Follower(again, one.token, topic)
            await returned.begin(rev=follows[1].revs[-1])
            await until(lambda: returned.revs == [whole + 3])
            await edited((one, one), playlist_id, songs, 5)
            await until(lambda: returned.revs == [whole + 3, whole + 4])
            await returned.end()
        await follows[0].end()
        assert await asyncio.to_thread(pair.processes[0].stop) == 0
        assert (await at_one.closed())[0] == 1001
