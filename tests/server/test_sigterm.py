"""SIGTERM with work and listeners under way: over within the time for it, nothing partial left, the rest goes on."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable

import pytest

from server.composition import open_household
from server.config import load_settings
from services.accounts.passwords import Passwords
from services.audio.segment_cache import _UNFINISHED
from services.viewer import NOBODY, SYSTEM
from tests.analysis.signals import write_wav
from tests.analysis.test_analysing import long_noise
from tests.server.client import PASSWORD, Client
from tests.server.conftest import Process
from tests.stream.test_stream_handler import connect

REQUEST = """mutation($songs: [ID!]) { requestDownload(songIds: $songs, deviceId: "phone", format: MP3, quality: HIGH) {
  download { id } } }"""


async def figure(client: Client, name: str, wanted: Callable[[float], bool]) -> None:
    """Wait until the server tells such a figure."""
    async with asyncio.timeout(60):
        while True:
            told = (await client.fetch("/metrics")).body.decode()
            if wanted(float(re.search(rf"^{name} (\S+)$", told, re.MULTILINE)[1])):
                return
            await asyncio.sleep(0.01)


@pytest.fixture
def lonely(tmp_path):
    """A server over one sound that takes a moment to measure and to encode, and a subscriber."""
    music = tmp_path / "music"
    music.mkdir()
    write_wav(music / "Long.wav", long_noise())
    settings = {"TUTTI_ANALYSIS_WORKERS": "1"}
    process = Process(tmp_path / "data", settings, as_shipped=True)
    yield process
    if process.child is not None:
        process.child.kill()
        process.child.wait()
        process.child.stdout.close()


def settings_of(process):
    return load_settings(None, {key: value for key, value in process.environ.items() if key.startswith("TUTTI_")})


async def end(process) -> None:
    """Ask the server to end, and wait until it did; half a minute is far more than it needs on any machine."""
    process.child.terminate()
    assert await asyncio.to_thread(process.child.wait, 30) == 0
    process.child.stdout.close()
    process.child = None


@pytest.mark.long
async def test_sigterm_with_work_under_way_ends_in_time_and_the_next_start_goes_on(lonely, tmp_path):
    async with open_household(settings_of(lonely)) as household:
        accounts = household.house.accounts
        accounts.passwords = Passwords(time_cost=1, memory_kib=8, least_score=0)
        await accounts.create(SYSTEM, email="ann@example.com", username="ann", password=PASSWORD, roles=[])
        await accounts.set_tier(SYSTEM, "ann", "premium")
        await household.importer.run([tmp_path / "music"])
        [song] = await household.store.songs.find({}, limit=2)
        signed_in = await accounts.signing_in.log_in(NOBODY, email="ann@example.com", password=PASSWORD)

    # What is measured is nobody who is waited for: the time for that is longer than `end` has.
    lonely.settings["TUTTI_SERVER_DRAIN_SECONDS"] = "120"
    lonely.start()
    client = Client(lonely.base)
    await figure(client, "tutti_sounds_in_measurement", lambda number: number == 1)
    await end(lonely)

    lonely.settings["TUTTI_SERVER_DRAIN_SECONDS"] = "2"
    lonely.start()
    client = Client(lonely.base)
    client.token = signed_in.token
    asked = (await client.get(REQUEST, songs=[song.id]))["requestDownload"]["download"]["id"]
    await figure(client, "tutti_encoders_running", lambda number: number > 0)
    lonely.lane = None
    async with connect(lonely, receive_bytes=8192) as slow:
        slow.ask(f"/stream/{song.id}?quality=lossless", f"Authorization: Bearer {client.token}")
        status, headers = await slow.head()
        # Who never takes more is waited for, but no longer than was said.
        await end(lonely)
        assert 0 < len(await slow.ended()) < int(headers["Content-Length"])
    assert status == 200
    log = lonely.log.read_text()
    assert "Traceback" not in log
    assert "WARNING" not in log
    assert list((lonely.data / "segments").rglob(f"{_UNFINISHED}*")) == []

    async with open_household(settings_of(lonely)) as household:
        house, store = household.house, household.store
        assert await store.leases.count({"_id": {"$gte": "measure", "$lt": "measurf"}}) == 0
        assert await store.sound_analyses.count({}) == 0
        left = await store.downloads.get(asked)
        assert (left.ready_count, left.due_at <= house.clock.now()) == (0, True)
        while await house.download_preparing.turn():
            pass
        done = await store.downloads.get(asked)
        assert (done.state, done.ready_count, done.total_bytes) == ("ready", 1, sum(done.sizes))
        assert (await house.analysing.run()).measured == 1
