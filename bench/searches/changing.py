"""How soon a change is found, while the index is written to and asked all the time.

Owns the changes, which are put back. Refuses to judge how soon is soon enough.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Sequence
from random import Random

from bench.searches.asking import NOBODY
from bench.searches.catalogue import Tune
from bench.searches.stopwatch import Stopwatch
from server.composition import Household
from services.events import CatalogueChanged
from services.paging import Slice
from services.search.entries import Kind

PATIENCE_S = 60.0
OTHERS = 200
"""Songs that are written again each half second beside what is measured."""


async def change_and_find(household: Household, sample: Sequence[Tune], changes: int) -> tuple[float, Stopwatch]:
    """The longest of `changes` new titles to be found, in seconds; and how fast others were answered meanwhile."""
    house, store, watch = household.house, household.store, Stopwatch()
    await house.indexing.start()
    await _at_rest(household, sample[0])
    busy = [
        asyncio.create_task(_keep_writing(household, sample), name="bench writes"),
        asyncio.create_task(_keep_asking(household, sample, watch), name="bench questions"),
    ]
    slowest = 0.0
    try:
        for number, tune in enumerate(sample[:changes]):
            await asyncio.sleep(0.13 * (number % 7))
            slowest = max(slowest, await _time_one(household, tune, f"Zqx{number}wv"))
            await store.songs.update({"_id": tune.id}, {"$set": {"title": tune.title}})
            house.indexing.note(Kind.SONG, (tune.id,))
    finally:
        for task in busy:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
        await house.indexing.catch_up()
    return slowest, watch


async def _time_one(household: Household, tune: Tune, title: str) -> float:
    begun = time.perf_counter()
    await household.store.songs.update({"_id": tune.id}, {"$set": {"title": title}})
    household.house.bus.publish(CatalogueChanged(song_ids=(tune.id,)))
    while time.perf_counter() - begun < PATIENCE_S:
        page = await household.house.search.songs(NOBODY, title, Slice(1))
        if [song.id for song in page.items] == [tune.id]:
            return time.perf_counter() - begun
        await asyncio.sleep(0.01)
    raise SystemExit(f"{title} was not found within {PATIENCE_S} s")


async def _at_rest(household: Household, tune: Tune) -> None:
    """Until the first turn, with its comparison of the whole store, is over: only then is a change found."""
    await household.house.indexing.catch_up()
    await _time_one(household, tune, "Zqxwvzq")
    await household.store.songs.update({"_id": tune.id}, {"$set": {"title": tune.title}})
    household.house.indexing.note(Kind.SONG, (tune.id,))


async def _keep_writing(household: Household, sample: Sequence[Tune]) -> None:
    random = Random(8)
    while True:
        ids = [tune.id for tune in random.sample(sample, min(OTHERS, len(sample)))]
        household.house.bus.publish(CatalogueChanged(song_ids=tuple(ids)))
        await asyncio.sleep(0.5)


async def _keep_asking(household: Household, sample: Sequence[Tune], watch: Stopwatch) -> None:
    random = Random(9)
    while True:
        with watch.timing():
            await household.house.search.songs(NOBODY, random.choice(sample).title[:30], Slice(20))
        await asyncio.sleep(0.02)
