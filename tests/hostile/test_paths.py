"""Nothing beside a song leads out of the library either, and no key of a file out of its folder."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from services.library.walk import walk
from storage.files import Folder
from tests.hostile.sounds import MP3


def test_no_companion_of_a_song_leads_out_of_the_library(tmp_path: Path) -> None:
    music, private = tmp_path / "music", tmp_path / "private"
    music.mkdir()
    private.mkdir()
    (private / "diary.txt").write_text("[00:01.00]mine")
    (music / "a.mp3").write_bytes(MP3)
    (music / "own.lrc").write_text("[00:01.00]ours")
    for name in ("a.lrc", "a.ttml", "a.srt", "a.txt", "cover.jpg", "folder.png"):
        (music / name).symlink_to(private / "diary.txt")
    os.mkfifo(music / "front.jpg")
    told: list[object] = []
    [found] = walk(music, told.append)
    assert (found.lyrics_paths, found.cover_path) == ([], None)
    (music / "a.lrc").unlink()
    (music / "a.lrc").symlink_to(music / "own.lrc")
    [found] = walk(music, told.append)
    assert found.lyrics_paths == [str(music / "a.lrc")]


@pytest.mark.parametrize(
    "key", ["../x", "/etc/passwd", "a/../../x", "a\0b", "a\\..\\b", "", ".", "a//b", "a/./b", "\u202e", "a\n"]
)
def test_no_key_leads_out_of_the_folder(tmp_path: Path, key: str) -> None:
    folder = Folder(tmp_path / "data")
    for use in (folder.path, folder.get, lambda key: folder.put(key, b"x")):
        with pytest.raises(ValueError):
            use(key)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
