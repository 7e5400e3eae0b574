"""Three real processes at one port over the embedded store and Redis: one is killed, all are renewed, under load."""

import asyncio
import os
import re
import shutil
import signal
from collections import Counter
from pathlib import Path

import pytest
from tornado.httpclient import HTTPClientError

from tests.quiet_house import QUIET
from tests.realtime.player.street import Player
from tests.server.client import Client
from tests.server.conftest import Process
from tests.server.pair import ADD, SETTINGS, songs_of
from tests.services.exercised import exercised, missing
from tests.services.redis_server import RedisServer

pytestmark = pytest.mark.services

MAKE = 'mutation { createPlaylist(name: "Road") { playlist { id } } }'
COUNT = "query($p: ID!) { playlist(id: $p) { songCount } }"


@pytest.fixture
async def three(tmp_path, library):
    if shutil.which("redis-server") is None:
        missing("Redis", "install redis-server")
    (tmp_path / "house").mkdir()
    redis = RedisServer(tmp_path)
    await redis.start()
    settings = {f"TUTTI_{name}": value for name, value in QUIET.items()} | SETTINGS
    settings |= {"TUTTI_REALTIME_REDIS_URL": redis.url, "TUTTI_SERVER_PROCESSES": "3"}
    process = Process(tmp_path / "house" / "data", settings, as_shipped=True)
    shutil.copytree(library, process.data)
    await asyncio.to_thread(process.start)
    exercised("Redis under three server processes")
    yield process
    if process.child is not None:
        await asyncio.to_thread(process.stop)
    redis.kill()


async def serving(process, number):
    """Wait until so many serve; the figures of all."""
    async with asyncio.timeout(60):
        while True:
            text = (await Client(process.base).fetch("/metrics")).body.decode()
            rows = re.findall(r'tutti_processes\{process="supervisor"\} (\S+)', text)
            if [float(row) for row in rows] == [number]:
                return text
            await asyncio.sleep(0.05)


def children_of(process):
    text = Path(f"/proc/{process.child.pid}/task/{process.child.pid}/children").read_text()
    return sorted(int(pid) for pid in text.split())


def lives(pid):
    return os.path.exists(f"/proc/{pid}")


class Load:
    """Visitors who each make one request after another, each over a new connection, until told to stop."""

    def __init__(self, client, song_id, playlist_id):
        self.client, self.song_id, self.playlist_id = client, song_id, playlist_id
        self.done, self.faults, self.on = Counter(), [], True

    async def visit(self, kind):
        while self.on:
            try:
                await getattr(self, kind)()
                self.done[kind] += 1
            except (OSError, HTTPClientError) as fault:
                self.faults.append((kind, repr(fault)))

    async def read(self):
        assert (await songs_of(self.client))["Dawn"] == self.song_id

    async def add(self):
        await self.client.get(ADD, p=self.playlist_id, s=self.song_id)

    async def range(self):
        data = await self.client.fetch(f"/stream/{self.song_id}?quality=lossless", headers={"Range": "bytes=100-999"})
        assert (data.code, len(data.body)) == (206, 900)

    async def run(self, kinds):
        await asyncio.gather(*(self.visit(kind) for kind in kinds))


async def test_a_killed_process_comes_back_and_a_renewal_loses_no_request(three):
    text = await serving(three, 3)
    assert len(set(re.findall(r'process_start_time_seconds\{process="(\d)"\}', text))) == 3
    client = Client(three.base)
    await client.register("ann")
    song_id = (await songs_of(client))["Dawn"]
    before = children_of(three)
    assert len(before) == 3

    # Renewed under load: every request is answered, every write is there once.
    playlist_id = (await client.get(MAKE))["createPlaylist"]["playlist"]["id"]
    load = Load(client, song_id, playlist_id)
    running = asyncio.create_task(load.run(["read", "read", "add", "range"]))
    three.child.send_signal(signal.SIGHUP)
    async with asyncio.timeout(120):
        while len(children_of(three)) != 3 or set(children_of(three)) & set(before):
            assert not running.done()
            await asyncio.sleep(0.1)
    await asyncio.sleep(0.5)
    load.on = False
    await running
    assert load.faults == []
    assert min(load.done[kind] for kind in ("read", "add", "range")) > 20
    assert (await client.get(COUNT, p=playlist_id))["playlist"]["songCount"] == load.done["add"]

    # What is written at any of them is seen at all; each socket may be at another one.
    sockets = [Player(three.base.replace("http", "ws") + "/ws") for _ in range(6)]
    for socket in sockets:
        await socket.__aenter__()
        assert (await socket.ask("hello", token=client.token))["ok"]
    assert (await sockets[0].ask("queue.add", "q", songIds=[song_id], clientOpId="one"))["ok"]
    for socket in sockets:
        assert len((await socket.ask("queue.get"))["queue"]["items"]) == 1
        await socket.__aexit__(None, None, None)

    # Killed: the other two go on at once, and there are three again soon.
    before = children_of(three)
    os.kill(before[1], signal.SIGKILL)
    for _ in range(10):
        assert (await client.fetch("/healthz")).code == 200
    text = await serving(three, 3)
    assert 'tutti_process_restarts_total{process="supervisor"} 1.0' in text
    assert len(set(before) & set(children_of(three))) == 2
    log = three.log.read_text()
    assert log.count("a process died") == 1
    assert "Traceback" not in log

    # The end of the supervisor is the end of them all.
    left = children_of(three)
    assert await asyncio.to_thread(three.stop, signal.SIGKILL) == -signal.SIGKILL
    async with asyncio.timeout(30):
        while any(lives(pid) for pid in left):  # noqa: ASYNC110 - they are nobody's children any more
            await asyncio.sleep(0.05)
