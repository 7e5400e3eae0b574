"""Edits that meet an import under way: what a person set stays, and every count comes out right."""

from __future__ import annotations

from typing import Any

import pytest

from services.catalogue.withdrawals import CatalogueKind
from services.library.settling import Settling
from services.viewer import SYSTEM
from storage.collections.library import Library
from storage.records import Credit, Song
from tests.library.house import House
from tests.library.sounds import Sounds
from tests.library.test_edited import Editors, editors, put

__all__ = ["editors"]


def just_before_write(monkeypatch: pytest.MonkeyPatch, shelf: str, work: Any) -> None:
    """Do `work` once, when an import has worked out what to write to a shelf and is about to."""
    real = Library.change_all
    waiting = [work]

    async def change_all(self: Library, collection: Any, changes: Any, *known: Any) -> Any:
        if changes and collection.name == shelf and waiting:
            await waiting.pop()()
        return await real(self, collection, changes, *known)

    monkeypatch.setattr(Library, "change_all", change_all)


async def test_a_title_and_genre_that_somebody_sets_while_the_file_is_read_stay(
    house: House, sounds: Sounds, editors: Editors, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(house, sounds, 1, "Mornign", genre="Rock")
    put(house, sounds, 2, "Noon")
    await house.run()
    song = await house.song("Mornign")
    put(house, sounds, 1, "Morgen", genre="Jazz", mood="calm")

    async def edit() -> None:
        await editors.songs.update(SYSTEM, song.id, title="Morning", genre="Folk")

    just_before_write(monkeypatch, "songs", edit)
    assert (await house.run()).songs_updated == 1
    kept = await house.store.songs.get(song.id)
    folk = await house.store.genres.first({"name": "Folk"})
    assert kept is not None and folk is not None
    assert (kept.title, kept.slug, kept.genre_ids, kept.mood) == ("Morning", "morning", [folk.id], "calm")
    assert (kept.as_tagged("title"), (await house.run()).songs_updated) == ("Morgen", 0)
    assert (await house.album("Days")).genre_ids == [folk.id]


async def test_a_song_that_somebody_hides_while_its_file_returns_stays_hidden(
    house: House, sounds: Sounds, editors: Editors, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = put(house, sounds, 1, "Dawn")
    put(house, sounds, 2, "Noon")
    await house.run()
    song = await house.song("Dawn")
    away = path.with_suffix(".away")
    path.rename(away)
    await house.run()
    away.rename(path)

    async def hide() -> None:
        await editors.withdrawals.set_hidden(SYSTEM, CatalogueKind.SONG, song.id, True)

    just_before_write(monkeypatch, "songs", hide)
    await house.run()
    kept = await house.store.songs.get(song.id)
    assert kept is not None
    assert (kept.is_withdrawn, kept.is_hidden) == (True, True)
    assert (await house.album("Days")).total_tracks == 1


async def test_an_album_title_that_somebody_sets_while_its_songs_are_retagged_stays(
    house: House, sounds: Sounds, editors: Editors, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(house, sounds, 1, "Dawn")
    await house.run()
    album = await house.album("Days")
    put(house, sounds, 1, "Dawn", album="Dayz")

    async def edit() -> None:
        await editors.albums.update(SYSTEM, album.id, title="Years", label="Own")

    just_before_write(monkeypatch, "albums", edit)
    await house.run()
    kept = await house.store.albums.get(album.id)
    assert kept is not None
    assert (kept.title, kept.slug, kept.label, kept.as_tagged("title")) == ("Years", "years", "Own", "Dayz")
    assert (await house.song("Dawn")).album_title == "Years"


async def test_a_song_that_comes_while_an_album_is_counted_is_counted(
    house: House, sounds: Sounds, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(house, sounds, 1, "Dawn")
    await house.run()
    first, album, clock = await house.song("Dawn"), await house.album("Days"), house.importer.clock

    def another(number: int) -> Song:
        made = Song(f"new{number}", "New", "New", f"new-{number}", first.artist_id, "Ann", clock.now(), clock.now())
        made.credits, made.artist_ids, made.album_id = [Credit(first.artist_id, "Ann")], [first.artist_id], album.id
        made.duration_ms = 1000
        return made

    async def count(song: Song) -> None:
        settling = Settling(Library(house.store), clock)
        settling.touch(song)
        await settling.recount_albums()
        await settling.recount_artists()

    async def come() -> None:
        await house.store.songs.insert(another(2))
        await count(another(2))

    await house.store.songs.insert(another(1))
    just_before_write(monkeypatch, "albums", come)
    await count(another(1))
    assert (await house.album("Days")).total_tracks == 3
    assert (await house.album("Days")).total_duration_ms == first.duration_ms + 2000
    assert (await house.artist("Ann")).song_count == 3
