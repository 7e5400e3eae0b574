"""A real server is backed up while people write, and comes back from the archive in another place."""

import asyncio
import shutil
import subprocess
import sys

import pytest

from tests.server.client import Client
from tests.server.conftest import Process
from tests.server.pair import ADD, songs_of
from tests.warm_python import RUN

pytestmark = pytest.mark.long

MAKE = 'mutation { createPlaylist(name: "Road") { playlist { id } } }'
LIKE = "mutation($id: ID!) { likeSong(songId: $id) { song { likeCount } } }"
READ = "query($p: ID!) { playlist(id: $p) { songCount songs(limit: 100) { song { id } } } }"
FOUND = '{ search(query: "Dawn") { songs { title } } }'


def run(process, *words):
    return subprocess.run([sys.executable, str(RUN), *words], env=process.environ, capture_output=True, text=True)


async def test_every_write_that_was_answered_before_the_start_is_in_the_archive(own_server, tmp_path):
    own_server.settings |= {"TUTTI_GRAPHQL_RATE_PER_SECOND": "0"}
    await asyncio.to_thread(own_server.start)
    client = Client(own_server.base)
    await client.register("ann")
    songs = await songs_of(client)
    playlist = (await client.get(MAKE))["createPlaylist"]["playlist"]["id"]
    for title in songs:
        await client.get(ADD, p=playlist, s=songs[title])
    before = 3
    stop = asyncio.Event()

    async def write():
        written = 0
        while not stop.is_set():
            await client.get(ADD, p=playlist, s=songs["Dawn"])
            written += 1
            await asyncio.sleep(0.05)
        return written

    writing = asyncio.create_task(write())
    archive = tmp_path / "house.tar"
    done = await asyncio.to_thread(run, own_server, "backup", str(archive))
    stop.set()
    written = await writing
    assert (done.returncode, done.stderr) == (0, "")
    assert written > 5
    again = await asyncio.to_thread(run, own_server, "backup", str(archive))
    assert again.returncode == 1
    assert "is there already" in again.stderr
    checked = await asyncio.to_thread(run, own_server, "backup", "--verify", str(archive))
    assert checked.returncode == 0
    assert "is whole" in checked.stdout

    # Not under a living server, and not over a house that somebody lives in.
    refused = await asyncio.to_thread(run, own_server, "restore", "--replace", str(archive))
    assert (refused.returncode, "stop it first" in refused.stderr) == (1, True)
    await asyncio.to_thread(own_server.stop)
    refused = await asyncio.to_thread(run, own_server, "restore", str(archive))
    assert (refused.returncode, "is not empty" in refused.stderr) == (1, True)

    # A damaged archive changes nothing.
    damaged = tmp_path / "damaged.tar"
    data = bytearray(archive.read_bytes())
    data[len(data) // 2] ^= 1
    damaged.write_bytes(data)
    kept = (own_server.data / "tutti.db").read_bytes()
    refused = await asyncio.to_thread(run, own_server, "restore", "--replace", str(damaged))
    assert (refused.returncode, "Nothing was restored" in refused.stderr) == (1, True)
    assert (own_server.data / "tutti.db").read_bytes() == kept

    other = Process(tmp_path / "elsewhere" / "data")
    other.data.parent.mkdir()
    restored = await asyncio.to_thread(run, other, "restore", str(archive))
    assert (restored.returncode, restored.stderr) == (0, "")
    assert "counters" not in restored.stdout
    await asyncio.to_thread(other.start)
    try:
        back = Client(other.base)
        # The session goes on: the secret came along.
        back.token = client.token
        read = (await back.get(READ, p=playlist))["playlist"]
        assert before <= read["songCount"] <= before + written
        assert read["songCount"] == len(read["songs"])
        assert [each["song"]["id"] for each in read["songs"]][:3] == list(songs.values())
        found = (await back.get(FOUND))["search"]["songs"]
        assert [each["title"] for each in found] == ["Dawn"]
    finally:
        await asyncio.to_thread(other.stop)
    shutil.rmtree(other.data)
