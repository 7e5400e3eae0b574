"""What people's folders hold besides good files: each is reported with its reason, and the good ones are imported."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from services.library import reading
from tests.library.house import House
from tests.library.sounds import Sounds, run_ffmpeg, tag


async def good_and(house: House, sounds: Sounds, name: str, data: bytes) -> str:
    """Import this beside a good song; the reason it was refused with."""
    sounds.put(house.music / "good.mp3", 300, title="Good", artist="Ann")
    (house.music / name).write_bytes(data)
    summary = await house.run()
    assert [song.title for song in await house.songs()] == ["Good"]
    assert (summary.files_broken, summary.problem_count) == (1, 1)
    assert summary.problems[0].path == str(house.music / name)
    file = await house.file(house.music / name)
    assert (file.state, file.reason, file.song_id) == ("broken", summary.problems[0].reason, None)
    return summary.problems[0].reason


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("empty.mp3", b"", "the file is empty"),
        ("empty.flac", b"", "the file is empty"),
        ("zeros.mp3", bytes(20_000), "the file is filled with zeros"),
        ("noise.mp3", bytes(range(1, 255)) * 200, "the file holds no sound that is known here"),
        ("tags.mp3", b"ID3\x04\x00\x00\x00\x00\x00\x0a" + bytes(10), "the file holds tags but no sound"),
        ("list.mp3", b"#EXTM3U\n#EXTINF:1,A\nb.mp3\n", "the file is a playlist, not sound"),
        ("list2.mp3", b"\xef\xbb\xbf[playlist]\nFile1=b.mp3\n", "the file is a playlist, not sound"),
        ("sheet.mp3", b'REM GENRE Rock\nFILE "a.wav" WAVE\n', "the file is a cue sheet, not sound"),
        ("page.mp3", b"<!DOCTYPE html><html>404</html>", "the file is a web page, not sound"),
        ("photo.mp3", b"\xff\xd8\xff\xe0" + bytes(2000), "the file is a picture, which is not supported"),
        ("zip.flac", b"PK\x03\x04" + bytes(2000), "the file is a ZIP archive, which is not supported"),
        ("a.wma", b"0&\xb2u\x8ef\xcf\x11" + bytes(9), "the file is Windows Media (WMA or WMV), which is not supported"),
        ("half.flac", b"fLaC\x00\x00\x00\x22" + bytes(10), "the file is cut off inside its metadata"),
        ("half.ogg", b"OggS" + bytes(10), "the file is cut off before its first page ends"),
        ("half.wav", b"RIFF\x00\x00\x00\x00WAVEfmt ", "the file is cut off before its sound begins"),
    ],
)  # fmt: skip
async def test_what_is_no_sound_is_named(house: House, sounds: Sounds, name: str, data: bytes, reason: str) -> None:
    assert await good_and(house, sounds, name, data) == reason


@pytest.mark.parametrize("kind", ["mp3", "flac", "ogg", "opus", "m4a", "wav", "aiff"])
async def test_a_file_cut_off_is_reported(house: House, sounds: Sounds, kind: str) -> None:
    whole = sounds.take(kind, 300, 3.0).read_bytes()
    assert (await good_and(house, sounds, f"cut.{kind}", whole[: len(whole) * 6 // 10])).startswith(
        "the file is cut off"
    )


async def test_a_file_cut_off_before_its_table_of_contents_is_reported(house: House, sounds: Sounds) -> None:
    whole = sounds.take("m4a", 300).read_bytes()
    reason = await good_and(house, sounds, "a.m4a", whole[: whole.index(b"moov") - 4])
    assert reason == "the file is cut off: its table of contents (moov) is missing"


async def test_a_video_is_refused_and_so_is_drm(house: House, sounds: Sounds) -> None:
    video = house.music / "clip.mp4"
    run_ffmpeg("-f", "lavfi", "-i", "color=red:s=32x32:d=0.5", "-f", "lavfi", "-i", "sine=d=0.5", "-c:v", "mpeg4",
               "-c:a", "aac", str(video))  # fmt: skip
    run_ffmpeg("-i", str(video), "-c", "copy", str(house.music / "clip.mkv"))
    (house.music / "bought.m4p").write_bytes(sounds.take("m4a", 300).read_bytes().replace(b"mp4a", b"drms"))
    summary = await house.run()
    assert {Path(problem.path).name: problem.reason for problem in summary.problems} == {
        "bought.m4p": "the file is protected by DRM",
        "clip.mkv": "the file is a Matroska or WebM video, which is not supported",
        "clip.mp4": "this is a video; only sound is imported",
    }
    assert await house.songs() == []


async def test_a_mislabelled_file_is_read_for_what_it_is(house: House, sounds: Sounds) -> None:
    target = house.music / "really.flac"
    shutil.copyfile(sounds.take("mp3", 300), target)
    shutil.copyfile(sounds.take("flac", 301), house.music / "packed.mp3")
    summary = await house.run()
    assert summary.problems == []
    assert ((await house.file(target)).codec, (await house.file(target)).content_type) == ("mp3", "audio/mpeg")
    assert (await house.file(house.music / "packed.mp3")).codec == "flac"


async def test_a_broken_file_is_not_read_again_until_it_changes(
    house: House, sounds: Sounds, opened: list[str]
) -> None:
    path = house.music / "a.mp3"
    path.write_bytes(b"nothing to hear" * 100)
    await house.run()
    opened.clear()
    summary = await house.run()
    assert [name for name in opened if name == str(path)] == []
    assert (summary.files_unchanged, summary.files_still_broken, summary.problem_count) == (1, 1, 0)
    sounds.put(path, 300, title="Mended", artist="Ann")
    summary = await house.run()
    assert (summary.songs_added, summary.problem_count) == (1, 0)
    file = await house.file(path)
    assert (file.state, file.reason, file.song_id) == ("present", None, (await house.song("Mended")).id)


async def test_a_song_whose_file_breaks_is_hidden_until_it_is_mended(house: House, sounds: Sounds) -> None:
    path = sounds.put(house.music / "a.mp3", 300, title="T", artist="Ann")
    await house.run()
    song = await house.song("T")
    whole = path.read_bytes()
    path.write_bytes(whole[:3000])
    summary = await house.run()
    assert (summary.files_broken, summary.songs_hidden, (await house.song("T")).is_hidden) == (1, 1, True)
    path.write_bytes(whole)
    await house.run()
    assert ((await house.song("T")).id, (await house.song("T")).is_hidden) == (song.id, False)


async def test_links_pipes_and_hidden_files(house: House, sounds: Sounds, tmp_path: Path) -> None:
    sounds.put(house.music / "real" / "a.mp3", 300, title="Real", artist="Ann")
    outside = sounds.put(tmp_path / "outside" / "b.mp3", 301, title="Outside")
    (house.music / "out.mp3").symlink_to(outside)
    (house.music / "outdir").symlink_to(outside.parent)
    (house.music / "real" / "loop").symlink_to(house.music)
    (house.music / "dangling.mp3").symlink_to(house.music / "nowhere.mp3")
    os.mkfifo(house.music / "pipe.mp3")
    sounds.put(house.music / ".hidden.mp3", 302, title="Hidden")
    sounds.put(house.music / ".trash" / "x.mp3", 303, title="Trash")
    (house.music / "notes.txt").write_text("not audio")
    (house.music / "folder.mp3").mkdir()
    summary = await house.run()
    assert [song.title for song in await house.songs()] == ["Real"]
    reasons = {Path(problem.path).name: problem.reason for problem in summary.problems}
    assert reasons == {
        "out.mp3": "a link leads out of the library",
        "outdir": "a link leads out of the library",
        "loop": "a link leads back to a folder above it",
        "dangling.mp3": "the file cannot be read: No such file or directory",
        "pipe.mp3": "this is a device or a pipe, not a file",
    }


async def test_names_that_are_no_utf8_are_reported(house: House, sounds: Sounds) -> None:
    sounds.put(house.music / "good.mp3", 300, title="Good")
    shutil.copyfile(sounds.take("mp3", 301), os.fsencode(house.music) + b"/caf\xe9.mp3")
    summary = await house.run()
    assert [song.title for song in await house.songs()] == ["Good"]
    assert [problem.reason for problem in summary.problems] == ["the name is not valid UTF-8; rename it"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
async def test_an_unreadable_file_is_reported(house: House, sounds: Sounds) -> None:
    path = sounds.put(house.music / "a.mp3", 300)
    path.chmod(0)
    summary = await house.run()
    assert [problem.reason for problem in summary.problems] == ["the file cannot be read: Permission denied"]


async def test_strange_tags_do_no_harm(house: House, sounds: Sounds) -> None:
    path = sounds.put(house.music / "a.flac", 300)
    tag(path, title="T\x00ail \x07 bell", artist="A" * 3000, date="the year of the cat", tracknumber="zero/none",
        bpm="fast", isrc="nonsense", replaygain_track_gain="loud", musicbrainz_trackid="x", genre=";;; ;",
        lyrics="[99:99.99]x\n[offset:banana]")  # fmt: skip
    summary = await house.run()
    (song,) = await house.songs()
    assert summary.problems == []
    assert (song.release_date, song.track_number, song.isrc, song.genre_ids) == (None, None, None, [])
    assert (song.replaygain_db, song.features.tempo, len(song.artist_credit)) == (None, None, 500)


@pytest.mark.parametrize(
    ("error", "reason", "is_tried_again"),
    [
        (PermissionError(13, "Permission denied"), "the file cannot be read: Permission denied", False),
        (FileNotFoundError(2, "No such file or directory"), "the file cannot be read: No such file or directory", True),
        (OSError(5, "Input/output error"), "the file cannot be read: Input/output error", True),
    ],
)
async def test_what_the_disk_refuses_is_reported_and_bad_days_are_not_remembered(
    house: House, sounds: Sounds, monkeypatch: pytest.MonkeyPatch, error: OSError, reason: str, is_tried_again: bool
) -> None:
    bad = sounds.put(house.music / "bad.mp3", 300, title="Bad")
    sounds.put(house.music / "good.mp3", 301, title="Good")

    def failing(path: str, mode: str) -> object:
        if path == str(bad):
            raise error
        return open(path, mode)

    monkeypatch.setattr(reading, "open", failing, raising=False)
    summary = await house.run()
    assert [(problem.path, problem.reason) for problem in summary.problems] == [(str(bad), reason)]
    assert [song.title for song in await house.songs()] == ["Good"]
    monkeypatch.undo()
    again = await house.run()
    assert (again.files_read, again.songs_added) == ((1, 1) if is_tried_again else (0, 0))


async def test_a_file_that_is_still_being_written_waits_for_the_next_run(
    house: House, sounds: Sounds, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = sounds.put(house.music / "a.mp3", 300, title="T")
    plain = reading.probe

    def growing(file: object, size: int) -> object:
        with path.open("ab") as more:
            more.write(b"more")
        return plain(file, size)

    monkeypatch.setattr(reading, "probe", growing)
    summary = await house.run()
    assert [problem.reason for problem in summary.problems] == ["the file is still being written"]
    assert (await house.songs(), await house.files()) == ([], [])
    monkeypatch.undo()
    assert (await house.run()).songs_added == 1
