"""Keeping up with a folder while it changes, and two writers who meet at a unique key."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable

import pytest

from services.clock import Clock
from services.errors import Conflict
from services.library.catalogue_writer import CatalogueWriter
from services.library.credits import NamedCredit
from services.library.summary import Summary
from storage.collections.library import Library
from tests.library.house import House
from tests.library.sounds import Sounds


@pytest.mark.parametrize("polling", [None, True])
async def test_the_catalogue_follows_the_folder(house: House, sounds: Sounds, polling: bool | None) -> None:
    sounds.put(house.music / "x" / "a.mp3", 300, title="A", artist="Ann", album="X")
    new = sounds.put(house.data / "b.mp3", 301, title="B", artist="Ann", album="X")
    stop = asyncio.Event()
    summaries: asyncio.Queue[Summary] = asyncio.Queue()
    watching = asyncio.create_task(
        house.importer.watch([house.music], stop=stop, on_summary=summaries.put_nowait, polling=polling), name="watch"
    )

    async def until(holds: Callable[[Summary], bool]) -> None:
        async with asyncio.timeout(15):
            while not holds(await summaries.get()):
                pass

    try:
        await until(lambda summary: summary.songs_added == 1)
        with pytest.raises(Conflict):
            await house.run()
        # The watch begins a moment after the first summary: touch until it is noticed.
        (house.music / "y").mkdir()
        moving = asyncio.create_task(keep_changing(house, new), name="changes")
        await until(lambda summary: summary.songs_added == 1)
        await moving
        song = await house.song("B")
        shutil.move(house.music / "y" / "b.mp3", house.music / "x" / "b.mp3")
        await until(lambda summary: summary.songs_recognised == 1)
        assert (await house.song("B")).id == song.id
        shutil.rmtree(house.music / "x")
        await until(lambda summary: summary.songs_hidden == 2)
        assert all(song.is_hidden for song in await house.songs())
    finally:
        stop.set()
        await watching


async def keep_changing(house: House, new: object) -> None:
    target = house.music / "y" / "b.mp3"
    while not await house.store.songs.find({"title": "B"}, limit=1):
        if not target.exists():
            shutil.copyfile(str(new), target)
        else:
            target.touch()
        await asyncio.sleep(0.3)


async def test_writers_at_the_same_time_meet_in_one_artist_and_differ_in_slugs(house: House) -> None:
    library = Library(house.store)
    writers = [CatalogueWriter(library, Clock()) for _ in range(4)]
    credits = [NamedCredit(name) for name in ("Ann", "Bob", "ANN", "A.N.N.")]
    people = await asyncio.gather(*(writer.artists(credits, {}) for writer in writers))
    artists = await house.artists()
    assert sorted((artist.identity_key, artist.slug) for artist in artists) == [
        ("name:ann", "ann"),
        ("name:bob", "bob"),
    ]
    assert len({tuple(found.credit(credit).artist_id for credit in credits) for found in people}) == 1
    assert sum(writer.artists_added for writer in writers) == 2
    genres = await asyncio.gather(*(writer.genres(["Rock", "rock", "Jazz"]) for writer in writers))
    assert len({tuple(sorted(found.items())) for found in genres}) == 1
    assert await house.store.genres.count({}) == 2
