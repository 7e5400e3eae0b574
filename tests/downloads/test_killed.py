"""A server that is killed while it prepares: the next one goes on, and nothing is made or counted twice."""

from __future__ import annotations

import asyncio
import os
import signal
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from server.composition import open_household
from server.config import load_settings
from services.clock import SetClock
from services.viewer import NOBODY, SYSTEM, Viewer
from tests.downloads.place import PASSWORD, write_music, write_song
from tests.quiet_house import QUIET
from tests.warm_python import warm_python

pytestmark = pytest.mark.faults

CHILD = Path(__file__).with_name("killed_preparing.py")
MANY = 8


def settings_of(folder: Path) -> Any:
    told = {**QUIET, "STORAGE_DATA_DIR": str(folder / "data"), "LIBRARY_DEMO": "false"}
    return load_settings(None, {f"TUTTI_{name}": value for name, value in told.items()})


async def furnish(folder: Path) -> tuple[str, Viewer]:
    """A premium listener with a download of an album that nothing was prepared of."""
    music = write_music(folder / "music")
    for number in range(5, MANY + 1):
        write_song(music / "The Hours" / "One Day" / f"{number:02d} Song {number}.wav", 1.0, 90.0 * number)
    async with open_household(settings_of(folder)) as household:
        accounts = household.house.accounts
        await accounts.create(SYSTEM, email="ann@example.com", username="ann", password=PASSWORD, roles=[])
        await accounts.set_tier(SYSTEM, "ann", "premium")
        signed_in = await accounts.signing_in.log_in(NOBODY, email="ann@example.com", password=PASSWORD)
        viewer = await accounts.viewer_for(signed_in.token)
        await household.importer.run([music])
        [album] = await household.store.albums.find({}, limit=2)
        made = await household.house.downloads.request(viewer, device_id="phone", album_id=album.id, form="mp3")
        return made.id, viewer


async def test_a_killed_server_is_followed_by_one_that_goes_on(tmp_path: Path) -> None:
    id, viewer = await furnish(tmp_path)
    for kept in (2, 4):
        child = await asyncio.to_thread(warm_python().run, CHILD, str(tmp_path), str(kept), env=os.environ)
        assert child.returncode == -signal.SIGKILL, child.stderr
    async with open_household(settings_of(tmp_path)) as household:
        house, store = household.house, household.store
        left = await house.downloads.get(viewer, id)
        assert (left.state, left.ready_count, len(left.song_ids)) == ("preparing", 0, MANY)
        sums = {each.id for each in await store.rendition_sums.find({}, limit=100)}
        assert len(sums) == 6
        # The claim of the dead: nobody touches it until it runs out.
        assert left.claimed_by is not None
        await store.downloads.update({"_id": id}, {"$set": {"due_at": household.house.clock.now()}})
        encoded: list[int] = []
        plain = house.deliveries.encoder.encode

        async def counting(source: Any, geometry: Any, index: int, feed: Any = None, **named: Any) -> bytes:
            encoded.append(index)
            return await plain(source, geometry, index, feed, **named)

        house.deliveries.encoder.encode = counting  # type: ignore[method-assign]
        while await house.download_preparing.turn():
            pass
        done = await house.downloads.get(viewer, id)
        assert (done.state, done.ready_count, done.due_at) == ("ready", MANY, None)
        assert done.total_bytes == sum(done.sizes) > 0
        # The two that were left, a segment each.
        assert encoded == [0, 0]
        assert await store.rendition_sums.count({}) == MANY


async def test_a_claim_that_nobody_renews_runs_out(tmp_path: Path) -> None:
    id, viewer = await furnish(tmp_path)
    async with open_household(settings_of(tmp_path)) as household:
        house, store = household.house, household.store
        clock = SetClock(house.clock.now())
        house.download_preparing._clock = clock
        claimed = {"due_at": clock.now() + timedelta(seconds=9), "claimed_by": "somebody dead"}
        await store.downloads.update({"_id": id}, {"$set": claimed})
        assert not await house.download_preparing.turn()
        clock.turn(10)
        assert await house.download_preparing.turn()
        assert (await house.downloads.get(viewer, id)).ready_count == MANY


async def test_two_processes_share_the_work_and_do_it_once(tmp_path: Path) -> None:
    id, viewer = await furnish(tmp_path)
    async with open_household(settings_of(tmp_path)) as household:
        house = household.house
        await asyncio.gather(*(house.download_preparing.turn() for _ in range(4)))
        done = await house.downloads.get(viewer, id)
        assert (done.state, done.ready_count, done.revision) == ("ready", MANY, 2)
