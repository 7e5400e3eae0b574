"""A server that is killed while it measures: its sounds are free within seconds, and the next one takes them up."""

from __future__ import annotations

import asyncio
import os
import signal
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from server.composition import open_household
from server.sections.storage import StorageSettings
from server.settings import AnalysisSettings, AudioSettings, LibrarySettings, Settings
from services.analysis import analysing as analysing_module
from services.analysis.waiting import CLAIM_S
from services.clock import Clock, SetClock
from services.leases import Leases
from tests.analysis.conftest import Shelf
from tests.analysis.test_analysing import long_noise, processes, until
from tests.sound_tool import QUICK_FFMPEG
from tests.warm_python import warm_python

pytestmark = pytest.mark.faults

CHILD = Path(__file__).with_name("killed_measuring.py")


def settings_of(folder: Path) -> Settings:
    return Settings(
        storage=StorageSettings(data_dir=folder / "data"),
        library=LibrarySettings(demo=False),
        analysis=AnalysisSettings(workers=1),
        audio=AudioSettings(ffmpeg=QUICK_FFMPEG),
    )


async def test_what_a_killed_server_measured_is_measured_by_the_next_within_seconds(
    tmp_path: Path, shelf: Shelf, monkeypatch: Any
) -> None:
    shelf.put("Long", long_noise())
    async with shelf.household():
        pass
    child = await asyncio.to_thread(warm_python().run, CHILD, str(tmp_path), env=os.environ)
    assert child.returncode == -signal.SIGKILL, child.stderr
    await until(lambda: not processes(int(child.stdout)))
    clock = SetClock(Clock().now())
    monkeypatch.setattr(analysing_module, "FOLLOW_UP_SECONDS", 0.01)
    async with open_household(settings_of(tmp_path), clock) as household:
        [claim] = await household.store.leases.find({}, limit=2)
        assert claim.until - claim.taken_at <= timedelta(seconds=CLAIM_S + 1)
        analysing = household.house.analysing
        analysing._quiet_s = 0.0
        leases, met = analysing._waiting._leases, list[bool]()
        plain = leases.take

        async def take(name: str, seconds: float) -> bool:
            met.append(await plain(name, seconds))
            return met[-1]

        monkeypatch.setattr(leases, "take", take)
        analysing.start()
        await until(lambda: len(met) >= 2)
        assert not any(met), "the claim of the dead still stands"
        clock.turn(CLAIM_S)
        await until(lambda: analysing.measured == 1)
        await analysing.stop()


def test_a_killed_servers_sounds_are_looked_at_within_twenty_seconds() -> None:
    assert CLAIM_S + analysing_module.FOLLOW_UP_SECONDS + analysing_module.QUIET_SECONDS <= 20


async def test_a_claim_is_renewed_as_long_as_its_holder_lives(shelf: Shelf) -> None:
    async with open_household(shelf.settings) as household:
        store, clock = household.store, household.house.clock
        ours, theirs = Leases(store, clock), Leases(store, clock)
        async with ours.held("a work", 2.0) as taken:
            assert taken
            [first] = await store.leases.find({}, limit=2)
            lease = first
            async with asyncio.timeout(10):
                while lease.until < first.until + timedelta(seconds=0.4):
                    assert not await theirs.take("a work", 0.4)
                    await asyncio.sleep(0.02)
                    [lease] = await store.leases.find({}, limit=2)
            async with theirs.held("a work", 0.4) as also_taken:
                assert not also_taken
        assert await store.leases.count({}) == 0
        assert not await ours.renew("a work", 1.0)
