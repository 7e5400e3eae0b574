"""`kill -9` at random moments under load: what was acknowledged is there once, the books agree, no file is left."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from pathlib import Path
from random import Random, SystemRandom
from statistics import median

import pytest

from server.composition import Household
from tests.faults.killing.audit import Audit
from tests.faults.killing.house import SETTINGS, KilledHouse
from tests.faults.killing.storm import Storm
from tests.faults.size import LONG, times
from tests.server.conftest import Process
from tests.services.exercised import exercised
from tests.services.ferretdb import running_server
from tests.uploads.test_resumable import Later

pytestmark = pytest.mark.faults
PUT_RIGHT_S = 80.0
"""Within so long a running house has put right by itself what a kill left: two looks for songs and two for albums."""
ENGINES = {"sqlite": times(8, long=120), "mongodb": times(3, long=80)}


@pytest.fixture(params=ENGINES)
def engine(request) -> Iterator[tuple[str, dict[str, str]]]:
    """An engine's name, and the settings that lead to it."""
    if request.param == "sqlite":
        yield request.param, {}
        return
    with running_server() as documents:
        exercised(f"{documents.product} under a server that is killed")
        yield request.param, {"TUTTI_STORAGE_MONGODB_URI": documents.uri}


@pytest.mark.timeout(seconds=times(300, long=7200))
async def test_what_was_acknowledged_is_there_once_and_the_books_agree(
    engine: tuple[str, dict[str, str]], tmp_path: Path
) -> None:
    name, settings = engine
    seed = int(os.environ.get("TUTTI_SEED") or SystemRandom().getrandbits(32))
    kills = int(os.environ.get("TUTTI_KILLS") or ENGINES[name])
    print(f"TUTTI_SEED={seed}, {kills} kills on {name}", flush=True)
    (tmp_path / "house").mkdir()
    house = KilledHouse(Process(tmp_path / "house" / "data", {**SETTINGS, **settings}), Random(seed))
    storm = Storm(house, tmp_path)
    try:
        await asyncio.to_thread(house.make_admin)
        await house.start()
        await storm.furnish()
        await storm.rage(kills)
        if LONG:
            # Once more, with nobody there: a counter that moves is left to a later look.
            await house.kill()
            await house.start()
            await asyncio.sleep(PUT_RIGHT_S)
        assert await house.stop() == 0
    finally:
        house.http.close()
        if house.process.child is not None:
            await house.kill()
    print(house.ledger.told())
    print(f"{house.kills} kills; ready after {median(house.starts_s):.2f} s, {max(house.starts_s):.2f} s at the most")
    print(f"{house.busy} times an upload was just becoming a song")
    assert (house.complaints, house.errors_logged()) == ([], [])

    async with house.opened() as household:
        audit = Audit(household, house.ledger)
        await audit.acknowledged()
        left = await audit.counters()
        print(f"{len(left)} counters that are still as a kill left them: {left[:5]}")
        assert (audit.wrong, LONG and left) == ([], LONG and [])
    # Two days later, when all that the house does by itself has been done.
    async with house.opened(Later(48)) as household:
        await put_right(household)
        audit = Audit(household, house.ledger)
        await audit.acknowledged()
        await audit.roll_ups()
        await audit.sent({title: sha for each in storm.uploaders for title, sha in each.sent.items()})
        await audit.files()
        assert (audit.wrong, await audit.counters()) == ([], [])


async def put_right(household: Household) -> None:
    """The periodic jobs that follow a kill, without the half minute they wait for requests under way."""
    house = household.house
    await house.uploads.sweep()
    await house.file_sweep.sweep()
    await house.edge_counts.recount(settle_s=0)
    await house.play_counts.recount(settle_s=0)
    await house.playlist_upkeep.recount()
    await house.roll_up_proof.prove()
