"""The search index between processes: what an import writes is found by the servers that run."""

import asyncio
import json
import signal
from pathlib import Path

from services.audio.ffmpeg import Ffmpeg
from tests.server.client import Client
from tests.server.conftest import Process
from tests.sound_tool import QUICK_FFMPEG

FIND = "query ($q: String!) { searchSongs(query: $q) { totalCount edges { node { title } } } }"


async def titles(process, query):
    """What a server finds; nothing while its index is being made."""
    answer = await Client(process.base).ask(FIND, q=query)
    if "errors" in answer:
        assert [error["extensions"]["code"] for error in answer["errors"]] == ["SEARCH_AWAY"], answer
        return []
    return [edge["node"]["title"] for edge in answer["data"]["searchSongs"]["edges"]]


async def until_found(process, query, expected):
    """Wait until a server finds exactly this."""
    async with asyncio.timeout(60):
        while await titles(process, query) != expected:  # noqa: ASYNC110 - another process does it
            await asyncio.sleep(0.05)


def generation(process):
    """Which generation of the index is the good one."""
    return json.loads((process.data / "search" / "state.json").read_text())["folder"]


async def test_two_servers_find_what_an_import_beside_them_brought_and_hid(own_server, tmp_path):
    own_server.start()
    other = Process(own_server.data)
    other.start()
    try:
        for process in (own_server, other):
            await until_found(process, "dwan", ["Dawn"])
        more = tmp_path / "more"
        more.mkdir()
        words = ["-metadata", "title=Zebra Crossing", "-metadata", "artist=The Stripes", str(more / "zebra.flac")]
        Ffmpeg(Path(QUICK_FFMPEG)).run(
            ["-v", "error", "-f", "lavfi", "-i", "sine=frequency=330:duration=1", *words], timeout_s=60
        )
        done = own_server.command("import", str(more))
        assert done.returncode == 0, done.stderr
        for process in (own_server, other):
            await until_found(process, "zebra", ["Zebra Crossing"])
        (more / "zebra.flac").unlink()
        done = own_server.command("import", "--allow-empty", str(more))
        assert done.returncode == 0, done.stderr
        for process in (own_server, other):
            await until_found(process, "zebra", [])
        # The one that writes is killed: the other takes over.
        own_server.child.kill()
        own_server.child.wait()
        own_server.child.stdout.close()
        own_server.child = None
        await until_found(other, "noon", ["Noon"])
        done = other.command("reindex")
        assert (done.returncode, "made again" in done.stdout) == (0, True), done.stderr
        assert generation(other) == "generation-2"
        await until_found(other, "noon", ["Noon"])
        assert other.stop(signal.SIGTERM) == 0
    finally:
        if other.child is not None:
            other.child.kill()
            other.child.wait()
            other.child.stdout.close()


async def test_reindexing_without_a_server_makes_the_index_that_the_next_one_opens(own_server):
    done = own_server.command("reindex")
    assert (done.returncode, done.stdout.strip()) == (0, "The search index is made again."), done.stderr
    assert generation(own_server) == "generation-1"
    own_server.start()
    await until_found(own_server, "dusk", ["Dusk"])
    assert generation(own_server) == "generation-1"
    # A kill in mid-work costs nothing: what was there is there, and the lock went with the process.
    own_server.child.kill()
    own_server.child.wait()
    own_server.child.stdout.close()
    own_server.child = None
    own_server.start()
    await until_found(own_server, "dusk", ["Dusk"])
    assert generation(own_server) == "generation-1"
