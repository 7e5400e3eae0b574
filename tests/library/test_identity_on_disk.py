"""Files renamed, moved, exchanged, re-encoded, copied, lost and found: a song keeps its id, plays and likes."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.library.house import House
from tests.library.sounds import Sounds, run_ffmpeg, tag


async def like(house: House, song_id: str) -> None:
    await house.store.songs.update({"_id": song_id}, {"$inc": {"play_count": 5, "like_count": 1}})


@pytest.mark.parametrize("target", ["b.mp3", "deep/er/b.mp3", "Ä ünï 東京.mp3"])
async def test_a_rename_or_move_keeps_the_song_and_its_file(house: House, sounds: Sounds, target: str) -> None:
    path = sounds.put(house.music / "a.mp3", 300, title="T", artist="Ann", album="X")
    await house.run()
    song, file = await house.song("T"), await house.file(path)
    await like(house, song.id)
    (house.music / target).parent.mkdir(parents=True, exist_ok=True)
    path.rename(house.music / target)
    summary = await house.run()
    (after,) = await house.songs()
    (moved,) = await house.files()
    assert (after.id, after.play_count, after.like_count, after.is_hidden) == (song.id, 5, 1, False)
    assert (moved.id, moved.path, moved.state, moved.song_id) == (
        file.id, str(house.music / target), "present", song.id,
    )  # fmt: skip
    assert (summary.songs_added, summary.songs_recognised, summary.songs_hidden) == (0, 1, 0)


async def test_two_files_that_exchange_names_keep_their_songs(house: House, sounds: Sounds) -> None:
    a = sounds.put(house.music / "a.mp3", 300, title="A", artist="Ann", album="X", tracknumber="1")
    b = sounds.put(house.music / "b.mp3", 900, 2.0, title="B", artist="Ann", album="X", tracknumber="2")
    await house.run()
    song_a, song_b = await house.song("A"), await house.song("B")
    a.rename(house.music / "c")
    b.rename(a)
    (house.music / "c").rename(b)
    await house.run()
    assert len(await house.songs()) == 2
    assert ((await house.file(a)).song_id, (await house.file(b)).song_id) == (song_b.id, song_a.id)
    assert ((await house.song("A")).id, (await house.song("B")).id) == (song_a.id, song_b.id)
    assert (await house.song("A")).file_id == (await house.file(b)).id
    assert not any(song.is_hidden for song in await house.songs())


async def test_a_move_with_new_tags_at_once_keeps_the_song(house: House, sounds: Sounds) -> None:
    path = sounds.put(house.music / "a.mp3", 300, title="T", artist="Ann", album="X")
    await house.run()
    song = await house.song("T")
    path.unlink()
    sounds.put(house.music / "Z" / "z.mp3", 300, title="Other", artist="Else", album="Y")
    await house.run()
    (after,) = await house.songs()
    assert (after.id, after.title) == (song.id, "Other")


@pytest.mark.parametrize(
    "tags",
    [
        {"title": "T", "artist": "Ann", "album": "X"},
        {"title": "T", "artist": "ann", "album": "x", "tracknumber": "1"},
        {"title": "T (Remastered)", "artist": "Ann", "isrc": "USABC1234567"},
        {"title": "T", "artist": "Ann Other", "musicbrainz_trackid": "11111111-2222-3333-4444-555555555555"},
    ],
)
async def test_a_reencoded_file_of_another_name_is_the_same_song(
    house: House, sounds: Sounds, tags: dict[str, str]
) -> None:
    path = sounds.put(
        house.music / "a.flac", 300, title="T", artist="Ann", album="X", isrc="USABC1234567",
        musicbrainz_trackid="11111111-2222-3333-4444-555555555555",
    )  # fmt: skip
    await house.run()
    song = await house.song("T")
    await like(house, song.id)
    path.unlink()
    sounds.put(house.music / "b.ogg", 300, **tags)
    summary = await house.run()
    (after,) = await house.songs()
    assert (after.id, after.play_count, after.like_count, after.is_hidden) == (song.id, 5, 1, False)
    assert after.file_id == (await house.file(house.music / "b.ogg")).id
    assert (summary.songs_added, summary.songs_recognised) == (0, 1)


async def test_a_file_reencoded_in_its_place_is_the_same_song(house: House, sounds: Sounds) -> None:
    path = sounds.put(house.music / "a.mp3", 300, title="T", artist="Ann")
    await house.run()
    song = await house.song("T")
    sounds.put(path, 300, kind="vbr.mp3", title="T", artist="Ann")
    summary = await house.run()
    assert [song.id for song in await house.songs()] == [song.id]
    assert (summary.songs_added, summary.songs_hidden) == (0, 0)


async def test_another_song_put_in_its_place_is_another_song(house: House, sounds: Sounds) -> None:
    path = sounds.put(house.music / "01.mp3", 300, title="T", artist="Ann", album="X", tracknumber="1")
    await house.run()
    song = await house.song("T")
    sounds.put(path, 500, 4.5, title="Quite different", artist="Ann", album="X", tracknumber="1")
    summary = await house.run()
    assert (await house.song("T")).is_hidden is True
    assert (await house.song("Quite different")).id != song.id
    assert (summary.songs_added, summary.songs_hidden) == (1, 1)


async def test_a_flac_packed_more_tightly_is_the_same_sound(house: House, sounds: Sounds) -> None:
    path = sounds.put(house.music / "a.flac", 300, title="T", artist="Ann")
    await house.run()
    before = await house.file(path)
    path.unlink()
    run_ffmpeg("-i", str(sounds.take("flac", 300)), "-compression_level", "12", str(house.music / "b.flac"))
    tag(house.music / "b.flac", title="Nothing alike", artist="Bob")
    await house.run()
    (after,) = await house.files()
    assert (after.id, after.payload_hash) == (before.id, before.payload_hash)
    assert len(await house.songs()) == 1


async def test_a_copy_in_the_album_is_a_second_file_and_elsewhere_a_song_of_its_own(
    house: House, sounds: Sounds
) -> None:
    tags = {"title": "T", "artist": "Ann", "tracknumber": "1"}
    first = sounds.put(house.music / "x" / "01.mp3", 300, album="X", **tags)
    await house.run()
    second = sounds.put(house.music / "x" / "01 copy.mp3", 300, album="X", **tags)
    sounds.put(house.music / "best" / "09.mp3", 300, album="Best of", **{**tags, "tracknumber": "9"})
    summary = await house.run()
    songs = await house.songs()
    assert [song.album_title for song in songs] == ["X", "Best of"]
    assert (await house.file(first)).song_id == (await house.file(second)).song_id == songs[0].id
    assert (summary.songs_added, summary.second_files) == (1, 1)
    assert (await house.album("X")).total_tracks == 1


async def test_two_encodings_of_one_track_are_one_song_played_from_the_better(house: House, sounds: Sounds) -> None:
    tags = {"title": "T", "artist": "Ann", "album": "X", "tracknumber": "1"}
    sounds.put(house.music / "01.mp3", 300, **tags)
    flac = sounds.put(house.music / "01.flac", 300, **tags)
    await house.run()
    (song,) = await house.songs()
    assert song.file_id == (await house.file(flac)).id
    flac.unlink()
    summary = await house.run()
    (after,) = await house.songs()
    assert (after.is_hidden, after.file_id) == (False, (await house.file(house.music / "01.mp3")).id)
    assert summary.songs_hidden == 0


async def test_songs_that_differ_are_never_made_one(house: House, sounds: Sounds) -> None:
    sounds.put(house.music / "a" / "01.mp3", 300, title="Intro", artist="Ann", album="X", tracknumber="1")
    sounds.put(house.music / "a" / "09.mp3", 301, title="Intro", artist="Ann", album="X", tracknumber="9")
    # The same silence twice on one album, as hidden tracks have it.
    sounds.put(house.music / "a" / "10.mp3", 700, title="Silence", artist="Ann", album="X", tracknumber="10")
    sounds.put(house.music / "a" / "11.mp3", 700, title="Silence", artist="Ann", album="X", tracknumber="11")
    # One ISRC on an album and on a compilation.
    sounds.put(house.music / "b" / "01.flac", 302, title="Hit", artist="Ann", album="Y", isrc="USABC1234567")
    sounds.put(house.music / "c" / "01.flac", 303, title="Hit", artist="Ann", album="Hits", isrc="USABC1234567")
    await house.run()
    assert len(await house.songs()) == 6
    assert (await house.album("X")).total_tracks == 4
    await house.run()
    assert len(await house.songs()) == 6


async def test_a_vanished_file_hides_its_song_and_a_returning_one_brings_it_back(house: House, sounds: Sounds) -> None:
    path = sounds.put(house.music / "x" / "a.mp3", 300, title="T", artist="Ann", album="X")
    sounds.put(house.music / "y" / "b.mp3", 301, title="Stays", artist="Bob", album="Y")
    await house.run()
    song = await house.song("T")
    await like(house, song.id)
    away = house.music.parent / "away.mp3"
    shutil.move(path, away)
    house.events.clear()
    summary = await house.run()
    hidden = await house.song("T")
    assert (hidden.is_hidden, hidden.play_count, hidden.like_count) == (True, 5, 1)
    assert (await house.file(path)).state == "vanished"
    assert (await house.album("X")).is_hidden is True
    assert (await house.artist("Ann")).is_hidden is True
    assert (await house.album("Y")).is_hidden is False
    assert (summary.files_vanished, summary.songs_hidden) == (1, 1)
    assert house.events == [song.id]
    again = await house.run()
    assert (again.files_vanished, again.songs_hidden, again.files_read) == (0, 0, 0)
    shutil.move(away, path)
    summary = await house.run()
    back = await house.song("T")
    assert (back.id, back.is_hidden, back.play_count, back.like_count) == (song.id, False, 5, 1)
    assert (summary.songs_returned, summary.songs_added) == (1, 0)
    assert (await house.album("X")).is_hidden is False
    assert ((await house.artist("Ann")).is_hidden, (await house.artist("Ann")).song_count) == (False, 1)


async def test_a_file_that_returns_under_another_name_brings_its_song_back(house: House, sounds: Sounds) -> None:
    path = sounds.put(house.music / "a.mp3", 300, title="T", artist="Ann")
    sounds.put(house.music / "b.mp3", 301, title="Stays", artist="Bob")
    await house.run()
    song = await house.song("T")
    path.unlink()
    await house.run()
    sounds.put(house.music / "Found" / "again.mp3", 300, title="T", artist="Ann")
    await house.run()
    assert ((await house.song("T")).id, (await house.song("T")).is_hidden) == (song.id, False)


async def test_a_whole_folder_renamed_keeps_every_song(house: House, sounds: Sounds) -> None:
    for number in range(1, 6):
        sounds.put(house.music / "Old" / f"0{number}.mp3", 300 + number, title=f"T{number}", artist="Ann",
                   album="X", tracknumber=str(number))  # fmt: skip
    await house.run()
    before = [(song.id, song.title) for song in await house.songs()]
    album = await house.album("X")
    (house.music / "Old").rename(house.music / "New")
    summary = await house.run()
    assert [(song.id, song.title) for song in await house.songs()] == before
    assert (summary.songs_added, summary.songs_recognised, summary.songs_hidden) == (0, 5, 0)
    assert (await house.album("X")).id == album.id
    assert [Path(file.path).parent.name for file in await house.files()] == ["New"] * 5


async def test_an_album_of_two_encodings_retagged_moves_as_one(house: House, sounds: Sounds) -> None:
    paths = [house.music / "01.flac", house.music / "01.mp3"]
    for path in paths:
        sounds.put(path, 300, title="T", artist="Ann", album="X", tracknumber="1")
    await house.run()
    (song,) = await house.songs()
    for path in paths:
        sounds.put(path, 300, title="T", artist="Ann", album="Another name", tracknumber="1")
    await house.run()
    (after,) = await house.songs()
    assert (after.id, after.album_title) == (song.id, "Another name")


async def test_loose_songs_of_one_name_stay_two_unless_they_sound_the_same(house: House, sounds: Sounds) -> None:
    for folder, tone in (("x", 300), ("y", 301), ("y", 300)):
        sounds.put(house.music / folder / f"{tone}.mp3", tone, title="Live", artist="Ann")
    await house.run()
    songs = await house.songs()
    assert len(songs) == 2
    assert (await house.file(house.music / "y" / "300.mp3")).song_id == (
        await house.file(house.music / "x" / "300.mp3")
    ).song_id


@pytest.mark.parametrize("suffix", ["flac", "mp3"])
async def test_a_library_moved_as_a_whole_is_played_from_its_new_folder(
    house: House, sounds: Sounds, tmp_path: Path, suffix: str
) -> None:
    old = sounds.put(house.music / "a.flac", 300, title="T", artist="Ann", album="X")
    await house.run()
    song, file = await house.song("T"), await house.file(old)
    new = sounds.put(tmp_path / "elsewhere" / f"a.{suffix}", 300, title="T", artist="Ann", album="X")
    shutil.rmtree(house.music)
    await house.importer.run([new.parent])
    (after,) = await house.songs()
    assert (after.id, after.is_hidden, after.file_id) == (song.id, False, (await house.file(new)).id)
    assert {known.path: known.state for known in await house.files() if known.id != after.file_id} == (
        {} if after.file_id == file.id else {str(old): "vanished"}
    )


async def test_a_compilation_takes_no_song_over_from_a_disk_that_is_not_mounted(
    house: House, sounds: Sounds, tmp_path: Path
) -> None:
    sounds.put(house.music / "a.flac", 300, title="T", artist="Ann", album="X")
    await house.run()
    copy = sounds.put(tmp_path / "elsewhere" / "b.flac", 300, title="T", artist="Ann", album="Best Of")
    house.music.rename(tmp_path / "away")
    await house.importer.run([copy.parent])
    assert len({song.album_id for song in await house.songs()}) == 2
