"""Keeping up with a folder while it changes, and two writers who meet at a unique key."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import watchfiles

from services.clock import Clock
from services.errors import Conflict
from services.library.catalogue_writer import CatalogueWriter
from services.library.credits import NamedCredit
from services.library.summary import Summary
from services.library.watch import watch_folders
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
        async with asyncio.timeout(60):
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


async def test_where_the_system_gives_no_notices_folders_are_polled(
    house: House, monkeypatch: pytest.MonkeyPatch, log_watch: Any
) -> None:
    plain = watchfiles.awatch
    tried: list[bool | None] = []

    def failing(*paths: Path, **options: Any) -> Any:
        tried.append(options["force_polling"])
        if not options["force_polling"]:
            raise OSError(28, "inotify watch limit reached")
        return plain(*paths, **{**options, "poll_delay_ms": 50})

    monkeypatch.setattr(watchfiles, "awatch", failing)
    log_watch.expect("polling instead")
    stop = asyncio.Event()
    folders = watch_folders([house.music], stop=stop, debounce_ms=50)
    changed = asyncio.create_task(anext(folders), name="change")
    async with asyncio.timeout(60):
        while not changed.done():
            (house.music / "new").mkdir(exist_ok=True)
            (house.music / "new" / "a.mp3").write_bytes(str(len(tried)).encode())
            (house.music / "new" / "a.mp3").touch()
            await asyncio.sleep(0.1)
    assert (await changed)[0].is_relative_to(house.music)
    assert tried == [None, True]
    stop.set()
    await folders.aclose()


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
