"""Whatever happens to its files, the index is whole again without being asked, and nothing is lost or left behind."""

import asyncio
import os
import shutil
from pathlib import Path

import pytest

from server.composition import open_household
from server.config import load_settings
from services.errors import Unavailable
from services.search.entries import Kind
from services.search.indexing import Indexing
from storage.search_index.folder_generations import FolderGenerations
from tests.catalogue_rig import small_house
from tests.search.test_indexing import _is, found, state_of, until
from tests.warm_python import warm_python

CHILD = Path(__file__).parent / "killed_indexing.py"


def flip(path):
    """One bit of a file is another."""
    spoiled = bytearray(path.read_bytes())
    spoiled[len(spoiled) // 3] ^= 0x10
    path.write_bytes(spoiled)


def cut(path):
    """The latter half of a file is gone."""
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def everywhere(spoil, suffix):
    """Spoil each file of a kind."""

    def spoiling(folder):
        found = [path for path in folder.iterdir() if path.suffix == suffix]
        assert found
        for path in found:
            spoil(path)

    return spoiling


def emptied(folder):
    """No file is left."""
    for path in folder.iterdir():
        path.unlink()


SPOILT = {
    "a bit in the words": everywhere(flip, ".term"),
    "a bit in the places": everywhere(flip, ".idx"),
    "a bit in the columns": everywhere(flip, ".fast"),
    "a bit in what is stored": everywhere(flip, ".store"),
    "half of the words": everywhere(cut, ".term"),
    "half of the description": lambda folder: cut(folder / "meta.json"),
    "one file": everywhere(Path.unlink, ".idx"),
    "all files": emptied,
}


async def test_whatever_is_lost_is_found_out_and_made_again(music, log_watch):
    await music.house.indexing.catch_up()
    await music.house.indexing.stop()
    root = music.files.root / "search"
    log_watch.expect("cannot be opened")
    log_watch.expect("made again")
    for number, (name, spoil) in enumerate(SPOILT.items(), start=1):
        spoil(root / f"generation-{number}")
        again = Indexing(music.store, music.clock, music.house.bus, FolderGenerations(root))
        await again.catch_up()
        assert (await again.index()).count("song") == 5, name
        assert state_of(music)["folder"] == f"generation-{number + 1}", name
        assert sorted(path.name for path in root.iterdir() if path.is_dir()) == [f"generation-{number + 1}"], name
        await again.stop()


async def test_what_a_killed_process_began_is_swept_away(music):
    await music.house.indexing.catch_up()
    await music.house.indexing.stop()
    root = music.files.root / "search"
    shutil.copytree(root / "generation-1", root / "generation-2")
    assert await found(music, "bees") == ["b1"]
    assert sorted(path.name for path in root.iterdir() if path.is_dir()) == ["generation-1"]


async def test_a_folder_that_is_deleted_under_a_running_index_is_there_again(music):
    await music.house.indexing.start()
    await until(lambda: _is(music, "bees", ["b1"]))
    await music.house.indexing.catch_up()
    shutil.rmtree(music.files.root / "search")
    async with asyncio.timeout(8):
        while not (music.files.root / "search" / "state.json").exists():  # noqa: ASYNC110 - the index's task does it
            await asyncio.sleep(0.02)
    assert await found(music, "bees") == ["b1"]


async def test_where_nothing_can_be_written_search_is_away_and_comes_back(music, log_watch):
    # Even an administrator cannot make a folder below a file.
    (music.files.root / "search").write_text("in the way")
    log_watch.expect("could not be brought up to date")
    await music.house.indexing.start()
    await until(lambda: _logged(log_watch, "could not be brought up to date"))
    with pytest.raises(Unavailable) as refusal:
        await music.house.indexing.index()
    assert refusal.value.reason == "SEARCH_AWAY"
    (music.files.root / "search").unlink()
    music.house.indexing.note(Kind.SONG, ())
    await until(lambda: _is(music, "bees", ["b1"]), seconds=20)


async def test_an_index_that_may_only_be_read_is_read(music, monkeypatch):
    await music.house.indexing.catch_up()
    await music.house.indexing.stop()
    reader = Indexing(music.store, music.clock, music.house.bus, FolderGenerations(music.files.root / "search"))
    really = os.open

    def refusing(path, flags, *more, **named):
        if str(path).endswith("writer.lock"):
            raise PermissionError(13, "Permission denied", str(path))
        return really(path, flags, *more, **named)

    # The tests may run as an administrator, whom no permission stops.
    monkeypatch.setattr(os, "open", refusing)
    await reader.catch_up()
    assert (await reader.index()).count("song") == 5
    await reader.stop()


async def test_on_a_full_disk_the_old_index_answers_until_there_is_room(tmp_path):
    done = await asyncio.to_thread(warm_python().run, CHILD, str(tmp_path), "full", env=dict(os.environ))
    assert (done.returncode, done.stdout.split()) == (0, ["full", "50", "room", "100"]), done.stderr
    generations = [path.name for path in (tmp_path / "data" / "search").iterdir() if path.is_dir()]
    assert len(generations) == 1


@pytest.mark.parametrize("turns", [1, 6])
async def test_a_process_killed_while_it_indexes_loses_nothing(tmp_path, turns):
    child = warm_python().start(CHILD, str(tmp_path), "keep", env=dict(os.environ), pipe=True)
    stored = 0
    try:
        for _ in range(turns):
            stored = int(await asyncio.to_thread(child.stdout.readline))
    finally:
        child.kill()
        child.wait()
        child.stdout.close()
    settings = load_settings(None, {"TUTTI_STORAGE_DATA_DIR": str(tmp_path / "data"), "TUTTI_LIBRARY_DEMO": "false"})
    async with open_household(settings) as household:
        await household.house.indexing.catch_up()
        index = await household.house.indexing.index()
        kept = await household.store.songs.count({})
        assert kept >= stored
        assert index.count("song") == kept
        assert await household.house.indexing.prove() == 0
        root = tmp_path / "data" / "search"
        assert len([path for path in root.iterdir() if path.is_dir()]) == 1


async def test_an_empty_library_and_one_of_one_song_are_searched(tmp_path):
    async with small_house(tmp_path) as rig:
        assert await found(rig, "anything") == []
        assert await rig.data('{ autocomplete(query: "a") { suggestions } }') == {"autocomplete": {"suggestions": []}}
        await rig.artist("anna", name="Anna")
        await rig.song("one", "anna", title="Only")
        await rig.house.indexing.catch_up()
        assert await found(rig, "olny") == ["one"]


async def _logged(log_watch, text):
    return any(text in line for line in log_watch.lines)
