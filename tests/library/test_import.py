"""An import from end to end over real files: what becomes of them in the catalogue."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.library.house import House
from tests.library.sounds import Sounds


async def test_every_format_becomes_a_playable_song(house: House, sounds: Sounds) -> None:
    for number, kind in enumerate(("mp3", "flac", "ogg", "opus", "m4a", "wav", "aiff"), 1):
        sounds.put(house.music / f"{kind}.{kind}", 300 + number, title=f"In {kind}", artist="Ann", album="Kinds",
                   albumartist="Ann", tracknumber=str(number), date="2020-03-14", genre="Rock")  # fmt: skip
    sounds.put(house.music / "raw.aac", 400)
    summary = await house.run()
    assert summary.problems == []
    assert (summary.files_found, summary.files_read, summary.songs_added) == (8, 8, 8)
    album = await house.album("Kinds")
    songs = [await house.song(f"In {kind}") for kind in ("mp3", "flac", "ogg", "opus", "m4a", "wav", "aiff")]
    assert [song.track_number for song in songs] == [1, 2, 3, 4, 5, 6, 7]
    assert {song.album_id for song in songs} == {album.id}
    assert {song.release_date for song in songs} == {"2020-03-14"}
    assert album.total_tracks == 7
    assert album.total_duration_ms == sum(song.duration_ms for song in songs)
    codecs = {Path(file.path).name: (file.codec, file.container, file.content_type) for file in await house.files()}
    assert codecs == {
        "mp3.mp3": ("mp3", "mp3", "audio/mpeg"),
        "flac.flac": ("flac", "flac", "audio/flac"),
        "ogg.ogg": ("vorbis", "ogg", "audio/ogg"),
        "opus.opus": ("opus", "ogg", "audio/ogg"),
        "m4a.m4a": ("aac", "mp4", "audio/mp4"),
        "wav.wav": ("pcm", "wav", "audio/wav"),
        "aiff.aiff": ("pcm", "aiff", "audio/aiff"),
        "raw.aac": ("aac", "adts", "audio/aac"),
    }
    raw = await house.song("raw")
    assert (raw.artist_credit, raw.album_id) == ("Unknown Artist", None)
    assert sorted(house.events) == sorted(song.id for song in await house.songs())


async def test_a_second_run_opens_nothing(house: House, sounds: Sounds, opened: list[str]) -> None:
    for number in range(3):
        sounds.put(house.music / "A" / "B" / f"0{number + 1} S{number}.mp3", 300 + number)
    opened.clear()
    await house.run()
    assert len([path for path in opened if path.startswith(str(house.music))]) == 3
    opened.clear()
    house.events.clear()
    summary = await house.run()
    assert [path for path in opened if path.startswith(str(house.music))] == []
    assert (summary.files_found, summary.files_unchanged, summary.files_read) == (3, 3, 0)
    assert house.events == []


async def test_only_what_changed_is_read(house: House, sounds: Sounds, opened: list[str]) -> None:
    for number in range(3):
        sounds.put(house.music / f"0{number + 1} S{number}.mp3", 300 + number)
    await house.run()
    sounds.put(house.music / "02 S1.mp3", 301, title="Fresh")
    opened.clear()
    summary = await house.run()
    assert [Path(path).name for path in opened if path.startswith(str(house.music))] == ["02 S1.mp3"]
    assert (summary.files_read, summary.songs_updated, summary.songs_added) == (1, 1, 0)
    assert (await house.song("Fresh")).slug == "fresh"


async def test_missing_tags_fall_back_to_the_path(house: House, sounds: Sounds) -> None:
    sounds.put(house.music / "Nina" / "2001 - Blue Days" / "CD2" / "03 - Morning.mp3", 300)
    await house.run()
    song = await house.song("Morning")
    album = await house.album("Blue Days")
    assert (song.track_number, song.disc_number, song.artist_credit, song.release_date) == (3, 2, "Nina", "2001")
    assert song.album_id == album.id


async def test_a_credit_is_split_once_and_kept_as_printed(house: House, sounds: Sounds) -> None:
    sounds.put(house.music / "a.mp3", 300, title="One", artist="Ann feat. Bob")
    sounds.put(house.music / "b.flac", 301, title="Two", artist=["Cy", "Di", "Ed"])
    sounds.put(house.music / "c.mp3", 302, title="Three", artist="Simon & Garfunkel")
    sounds.put(house.music / "d.mp3", 303, title="Four", artist="AC/DC", composer="Angus Young")
    await house.run()
    one = await house.song("One")
    assert one.artist_credit == "Ann feat. Bob"
    assert [(c.name, c.role, c.join) for c in one.credits] == [("Ann", "main", " feat. "), ("Bob", "featured", "")]
    two = await house.song("Two")
    assert two.artist_credit == "Cy, Di & Ed"
    assert [credit.name for credit in (await house.song("Three")).credits] == ["Simon & Garfunkel"]
    four = await house.song("Four")
    assert [(c.name, c.role) for c in four.credits] == [("AC/DC", "main"), ("Angus Young", "composer")]
    assert four.artist_ids == [(await house.artist("AC/DC")).id]
    assert (await house.artist("Angus Young")).is_hidden is True
    assert (await house.artist("Bob")).song_count == 1


@pytest.mark.parametrize("kind", ["mp3", "flac", "ogg", "opus", "m4a"])
async def test_a_retag_keeps_the_song(house: House, sounds: Sounds, kind: str) -> None:
    path = sounds.put(house.music / f"a.{kind}", 300, title="Old", artist="Ann", album="First")
    await house.run()
    before = await house.song("Old")
    await house.store.songs.update({"_id": before.id}, {"$inc": {"play_count": 7, "like_count": 2}})
    sounds.put(path, 300, title="New and much longer than it was", artist="Bob", album="Second", genre="Jazz")
    summary = await house.run()
    (after,) = await house.songs()
    assert (after.id, after.title, after.play_count, after.like_count) == (
        before.id, "New and much longer than it was", 7, 2,
    )  # fmt: skip
    assert after.old_slugs == ["old"]
    assert (summary.songs_added, summary.songs_updated) == (0, 1)
    # All of the album was retagged: it is the same album under another name.
    (album,) = await house.albums()
    assert (album.id, album.title, album.slug, album.old_slugs) == (before.album_id, "Second", "second", ["first"])
    assert (album.artist_credit, album.total_tracks, album.genre_ids) == ("Bob", 1, after.genre_ids)
    assert (after.album_id, after.album_title) == (album.id, "Second")
    assert (await house.artist("Ann")).is_hidden is True
    assert (await house.artist("Bob")).song_count == 1


async def test_a_title_whose_slug_stays_keeps_it_and_one_that_changes_goes_on_resolving(
    house: House, sounds: Sounds
) -> None:
    first = sounds.put(house.music / "1.mp3", 300, title="Blue", artist="Ann")
    second = sounds.put(house.music / "2.mp3", 301, title="Blue", artist="Bob")
    await house.run()
    assert [song.slug for song in await house.songs()] == ["blue", "blue-2"]
    sounds.put(second, 301, title="BLUE!", artist="Bob")
    sounds.put(first, 300, title="Green", artist="Ann")
    await house.run()
    assert [(song.slug, song.old_slugs) for song in await house.songs()] == [("green", ["blue"]), ("blue-2", [])]
    sounds.put(house.music / "3.mp3", 302, title="Blue", artist="Cy")
    await house.run()
    assert (await house.song("Blue")).slug == "blue-3"
