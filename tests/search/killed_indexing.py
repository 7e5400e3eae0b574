"""A child process for test_spoiled_index: what cannot be done in the process of the tests.

Usage: killed_indexing.py FOLDER keep: writes and indexes songs without end, and says how many are in the store.
killed_indexing.py FOLDER full: a disk without room for what changed, then with room; says what is found meanwhile.
"""

from __future__ import annotations

import asyncio
import logging
import resource
import sys
from datetime import UTC, datetime
from pathlib import Path

from server.composition import Household, open_household
from server.config import load_settings
from services.events import CatalogueChanged
from services.paging import Slice
from services.viewer import Viewer
from storage.engine import Insert
from storage.records import Artist, Song

BATCH = 50
TOO_LITTLE_BYTES = 256


def songs(first: int) -> list[Song]:
    """Some songs, numbered from `first`."""
    now = datetime.now(UTC)
    return [
        Song(f"s{n:06}", f"Number {n}", f"number {n}", f"number-{n}", "anna", "Anna", now, now, artist_ids=["anna"])
        for n in range(first, first + BATCH)
    ]


async def write(household: Household, first: int) -> None:
    """More songs, and the word of them."""
    made = songs(first)
    await household.store.songs.bulk([Insert(household.store.songs.codec.encode(song)) for song in made])
    household.house.bus.publish(CatalogueChanged(song_ids=tuple(song.id for song in made)))


async def keep(household: Household) -> None:
    """Until killed: write, index, and once more with a whole new generation now and then."""
    now = datetime.now(UTC)
    await household.store.artists.insert(Artist("anna", "Anna", "Anna", "anna", "anna", now, now))
    for turn in range(10_000):
        await write(household, turn * BATCH)
        print(turn * BATCH + BATCH, flush=True)
        await (household.house.indexing.rebuild() if turn % 4 == 3 else household.house.indexing.catch_up())


async def full(household: Household) -> None:
    """The disk is full after the index was made, and has room again later."""
    house = household.house
    now = datetime.now(UTC)
    await household.store.artists.insert(Artist("anna", "Anna", "Anna", "anna", "anna", now, now))
    await write(household, 0)
    await house.indexing.catch_up()
    await write(household, BATCH)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (TOO_LITTLE_BYTES, hard))
    await house.indexing.start()
    told = asyncio.Event()
    logging.getLogger("tutti.search").addFilter(lambda record: told.set() or True)
    await told.wait()
    print("full", await found(household), flush=True)
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    # A change, so that it is tried again at once.
    house.bus.publish(CatalogueChanged(artist_ids=("anna",)))
    async with asyncio.timeout(30):
        while await found(household) != 2 * BATCH:  # noqa: ASYNC110 - the index's own task does it
            await asyncio.sleep(0.02)
    print("room", await found(household), flush=True)


async def found(household: Household) -> int:
    """How many songs are found."""
    return (await household.house.search.songs(Viewer(), "number", Slice(1))).total or 0


async def main(folder: Path, part: str) -> None:
    """Open the house over the folder and do the part."""
    logging.lastResort = None
    settings = load_settings(None, {"TUTTI_STORAGE_DATA_DIR": str(folder / "data"), "TUTTI_LIBRARY_DEMO": "false"})
    async with open_household(settings) as household:
        await {"keep": keep, "full": full}[part](household)


asyncio.run(main(Path(sys.argv[1]), sys.argv[2]))
