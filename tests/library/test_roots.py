"""Folders that are missing, empty, unreadable or shared by two imports: the catalogue is not thrown away for them."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from services.errors import Conflict, Invalid, Unavailable
from services.library.lock import ImportLock
from services.library.walk import Unwalked
from storage.files import LocalFiles
from tests.library.house import House
from tests.library.sounds import Sounds


async def test_a_folder_that_never_was_is_refused(house: House) -> None:
    with pytest.raises(Invalid, match="does not exist"):
        await house.importer.run([house.music / "nowhere"])


async def test_no_folder_at_all_is_refused(house: House) -> None:
    with pytest.raises(Invalid, match="at least one"):
        await house.importer.run([])


@pytest.mark.parametrize("how", ["missing", "empty"])
async def test_a_disk_that_is_not_mounted_hides_nothing(house: House, sounds: Sounds, how: str) -> None:
    sounds.put(house.music / "a.mp3", 300, title="T", artist="Ann")
    await house.run()
    shutil.rmtree(house.music)
    if how == "empty":
        house.music.mkdir()
    with pytest.raises(Unavailable, match="--allow-empty"):
        await house.run()
    assert (await house.song("T")).is_hidden is False
    assert [file.state for file in await house.files()] == ["present"]
    summary = await house.run(allow_empty=True)
    assert (summary.files_vanished, summary.songs_hidden) == (1, 1)
    assert (await house.song("T")).is_hidden is True


async def test_an_empty_folder_of_an_empty_catalogue_is_no_mistake(house: House) -> None:
    summary = await house.run()
    assert (summary.files_found, summary.problem_count) == (0, 0)


async def test_what_lies_under_a_folder_that_cannot_be_read_is_left_alone(
    house: House, sounds: Sounds, monkeypatch: pytest.MonkeyPatch
) -> None:
    sounds.put(house.music / "a" / "a.mp3", 300, title="A")
    sounds.put(house.music / "b" / "b.mp3", 301, title="B")
    await house.run()
    plain = os.scandir

    def failing(path: str) -> object:
        if str(path).endswith("/a"):
            raise OSError(5, "Input/output error")
        return plain(path)

    monkeypatch.setattr(os, "scandir", failing)
    summary = await house.run()
    assert [(problem.path, problem.reason) for problem in summary.problems] == [
        (str(house.music / "a"), "the folder cannot be read: Input/output error")
    ]
    assert [file.state for file in await house.files()] == ["present", "present"]
    assert summary.songs_hidden == 0


async def test_an_import_of_one_folder_leaves_the_others(house: House, sounds: Sounds, tmp_path: Path) -> None:
    sounds.put(house.music / "a.mp3", 300, title="A")
    sounds.put(tmp_path / "music too" / "b.mp3", 301, title="B")
    await house.importer.run([house.music, tmp_path / "music too", house.music])
    assert len(await house.songs()) == 2
    shutil.rmtree(tmp_path / "music too")
    summary = await house.run()
    assert (summary.files_found, summary.files_vanished) == (1, 0)
    assert (await house.song("B")).is_hidden is False


async def test_a_single_file_can_be_imported(house: House, sounds: Sounds) -> None:
    path = sounds.put(house.music / "a.mp3", 300, title="A", artist="Ann")
    sounds.put(house.music / "b.mp3", 301, title="B", artist="Ann")
    await house.importer.run([path])
    assert [song.title for song in await house.songs()] == ["A"]
    summary = await house.importer.run([path])
    assert (summary.files_unchanged, summary.files_vanished) == (1, 0)


async def test_two_imports_at_once_are_refused(house: House, sounds: Sounds) -> None:
    sounds.put(house.music / "a.mp3", 300)
    with ImportLock(LocalFiles(house.data).root / "import.lock"), pytest.raises(Conflict, match="Another import"):
        await house.run()
    assert await house.songs() == []
    assert (await house.run()).songs_added == 1


def test_the_walk_is_in_the_order_of_paths_as_text(tmp_path: Path) -> None:
    from services.library.walk import walk

    for name in ("a.mp3", "a/x.mp3", "a b/x.mp3", "a-b/x.mp3", "a/b.mp3", "aa.mp3", "ä/x.mp3", "Z.mp3", "a0/x.mp3"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"x")
    problems: list[Unwalked] = []
    paths = [found.path for found in walk(tmp_path, problems.append)]
    assert paths == sorted(paths)
    assert (len(paths), problems) == (9, [])
