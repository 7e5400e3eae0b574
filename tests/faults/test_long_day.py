"""A day in a house, much shortened: nothing goes wrong, and when everybody has left nothing of them is there."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from random import Random, SystemRandom

import pytest

from tests.faults.day.day import Day
from tests.faults.killing.house import SETTINGS, KilledHouse
from tests.faults.size import times
from tests.server.conftest import Process

pytestmark = pytest.mark.faults
LOOKS = 40


@pytest.mark.timeout(seconds=times(240, long=2400))
async def test_nothing_goes_wrong_and_nothing_is_left(tmp_path: Path) -> None:
    seed = int(os.environ.get("TUTTI_SEED") or SystemRandom().getrandbits(32))
    print(f"TUTTI_SEED={seed}", flush=True)
    (tmp_path / "house").mkdir()
    house = KilledHouse(Process(tmp_path / "house" / "data", SETTINGS), Random(seed))
    day = Day(house, tmp_path)
    try:
        await asyncio.to_thread(house.make_admin)
        await house.start()
        await day.live(times(20, long=1800))
        before = day.samples[0]
        # Kept-alive lines and encoders that waited end a little later.
        for _ in range(LOOKS):
            after = await day.sample(0)
            if after.tasks <= before.tasks + 5 and after.descriptors <= before.descriptors + 20:
                break
            await asyncio.sleep(0.5)
        else:
            pytest.fail(f"left over: {before} became {after}; open: {day.open_now()}")
        assert await house.stop() == 0
    finally:
        house.http.close()
        if house.process.child is not None:
            await house.kill()
    print(dict(day.steps), [round(sample.rss_mb) for sample in day.samples], before, after)
    assert (day.wrong, house.errors_logged()) == ([], [])
    assert min(day.steps[kind] for kind in ("Visitor", "Hearer", "Listener", "Curator", "Uploader", "Hosts")) > 0
