"""The index follows the store: at once, from other processes, after crashes, and made again when it must be."""

import asyncio
import json

import pytest

from services.errors import Unavailable
from services.events import CatalogueChanged, PlaylistChanged
from services.search.entries import Kind
from services.search.indexing import Indexing
from storage.records import Playlist
from storage.search_index.folder_generations import FolderGenerations
from storage.search_index.index import IndexDamaged
from tests.catalogue_rig import small_house


async def found(rig, query):
    """The songs found."""
    page = await rig.data("query ($q: String!) { searchSongs(query: $q) { edges { node { id } } } }", q=query)
    return [edge["node"]["id"] for edge in page["searchSongs"]["edges"]]


async def until(condition, seconds=8.0):
    """Wait until an awaited condition holds."""
    async with asyncio.timeout(seconds):
        while not await condition():  # noqa: ASYNC110 - a thread or another process does it
            await asyncio.sleep(0.02)


def state_of(rig):
    """The kept state of the index."""
    return json.loads((rig.files.root / "search" / "state.json").read_text())


async def test_the_first_question_makes_the_index(music):
    assert await found(music, "bees") == ["b1"]
    assert state_of(music)["folder"] == "generation-1"


async def test_a_running_index_hears_of_a_change_at_once(music):
    await music.house.indexing.start()
    await until(lambda: _is(music, "bees", ["b1"]))
    await music.song("z1", "bert", title="Zebra")
    music.house.bus.publish(CatalogueChanged(song_ids=("z1",)))
    await until(lambda: _is(music, "zebra", ["z1"]), seconds=2.0)


async def test_a_running_index_sees_what_another_process_wrote(music):
    await music.house.indexing.start()
    await until(lambda: _is(music, "bees", ["b1"]))
    # No event: as if `run.py import` had written it.
    await music.song("z1", "bert", title="Zebra")
    await until(lambda: _is(music, "zebra", ["z1"]))
    await music.store.songs.update({"_id": "z1"}, {"$set": {"is_hidden": True, "updated_at": music.clock.now()}})
    await until(lambda: _is(music, "zebra", []))


async def _is(rig, query, expected):
    try:
        return await found(rig, query) == expected
    except AssertionError:
        return False


async def test_a_deleted_playlist_leaves_the_index_with_its_event(music):
    now = music.clock.now()
    await music.store.playlists.insert(Playlist("p", "Garden", "garden", "u", now, now))
    await music.house.indexing.catch_up()
    index = await music.house.indexing.index()
    assert index.count("playlist") == 1
    await music.store.playlists.delete({"_id": "p"})
    music.house.indexing.note(Kind.PLAYLIST, ("p",))
    await music.house.indexing.catch_up()
    assert index.count("playlist") == 0


async def test_events_name_what_to_look_at(music):
    indexing = music.house.indexing
    await indexing.start()
    await until(lambda: _is(music, "bees", ["b1"]))
    now = music.clock.now()
    await music.store.playlists.insert(Playlist("p", "Garden", "garden", "u", now, now))
    music.house.bus.publish(PlaylistChanged("p", "u", 1))
    index = await indexing.index()

    async def there():
        return index.count("playlist") == 1

    await until(there)


async def test_an_index_goes_on_where_it_stopped(tmp_path):
    async with small_house(tmp_path) as rig:
        await rig.artist("anna", name="Anna")
        await rig.song("a", "anna", title="Alpha")
        await rig.house.indexing.catch_up()
        await rig.house.indexing.stop()
        # Written while nobody indexes.
        await rig.song("b", "anna", title="Beta")
        rig.clock.turn(3600)
        await rig.song("c", "anna", title="Gamma")
        again = Indexing(rig.store, rig.clock, rig.house.bus, FolderGenerations(rig.files.root / "search"))
        rig.engine.asked.clear()
        await again.catch_up()
        assert state_of(rig)["folder"] == "generation-1"
        assert sorted((await again.index()).ids("song")) == ["a", "b", "c"]
        assert rig.engine.asked["songs"] == 1
        await again.stop()


async def test_an_index_of_another_version_is_made_again(music, log_watch):
    await music.house.indexing.catch_up()
    await music.house.indexing.stop()
    path = music.files.root / "search" / "state.json"
    path.write_text(json.dumps({**state_of(music), "version": "0.old"}))
    log_watch.expect("made again")
    assert await found(music, "bees") == ["b1"]
    assert state_of(music)["folder"] == "generation-2"
    assert not (music.files.root / "search" / "generation-1").exists()


@pytest.mark.parametrize("what", ["state", "folder", "files"])
async def test_a_missing_or_damaged_index_is_made_again(music, log_watch, what):
    await music.house.indexing.catch_up()
    await music.house.indexing.stop()
    root = music.files.root / "search"
    if what == "state":
        (root / "state.json").unlink()
    elif what == "folder":
        (root / "generation-1").rename(root / "elsewhere")
    else:
        (root / "generation-1" / "meta.json").write_text("{")
        log_watch.expect("cannot be opened")
        log_watch.expect("made again")
    assert await found(music, "bees") == ["b1"]


async def test_files_that_spoil_under_a_running_index_are_made_again(music, log_watch):
    indexing = music.house.indexing
    await indexing.start()
    await until(lambda: _is(music, "bees", ["b1"]))
    index = await indexing.index()
    log_watch.expect("is damaged")
    log_watch.expect("made again")
    refusal = indexing.damaged(index, IndexDamaged("tested"))
    assert (refusal.reason, refusal.status) == ("SEARCH_AWAY", 503)
    await until(lambda: _is(music, "bees", ["b1"]))
    assert state_of(music)["folder"] == "generation-2"


async def test_a_reader_that_finds_damage_asks_the_writer(music, log_watch):
    writer = music.house.indexing
    await writer.catch_up()
    reader = Indexing(music.store, music.clock, music.house.bus, FolderGenerations(music.files.root / "search"))
    log_watch.expect("is damaged")
    reader.damaged(await reader.index(), IndexDamaged("tested"))
    await reader.catch_up()
    assert await writer.wished()
    await reader.stop()


async def test_an_index_that_cannot_be_filled_leaves_no_folder_behind(music, monkeypatch):
    async def away(*_):
        raise Unavailable("The store is away.")

    monkeypatch.setattr(music.house.indexing._reading, "total", away)
    with pytest.raises(Unavailable):
        await music.house.indexing.catch_up()
    monkeypatch.undo()
    assert [path.name for path in (music.files.root / "search").iterdir()] == ["writer.lock"]
    assert await found(music, "bees") == ["b1"]


async def test_proving_puts_right_what_is_missing_stale_and_left_over(music):
    indexing = music.house.indexing
    await indexing.catch_up()
    assert await indexing.prove() == 0
    index = await indexing.index()
    index.remove("song", ["b1"])
    index.commit()
    # Neither moves `updated_at`: plays count up, and a row vanishes without an event.
    await music.store.songs.update({"_id": "s1"}, {"$set": {"play_count": 5_000_000}})
    await music.store.songs.delete({"_id": "s2"})
    assert await indexing.prove() == 3
    assert await indexing.prove() == 0
    assert await found(music, "anna") == ["s1", "s3"]
    assert await found(music, "bees") == ["b1"]


async def test_a_second_process_reads_along_and_takes_over(music, tmp_path):
    writer = music.house.indexing
    await writer.catch_up()
    reader = Indexing(music.store, music.clock, music.house.bus, FolderGenerations(music.files.root / "search"))
    await reader.catch_up()
    assert (await reader.index()).count("song") == 5
    with pytest.raises(Unavailable):
        await reader.rebuild()
    await music.song("z1", "bert", title="Zebra")
    await writer.catch_up()
    await reader.catch_up()
    assert (await reader.index()).count("song") == 6
    # The writer makes a new generation: the reader changes over to it.
    await writer.rebuild()
    await reader.catch_up()
    assert (await reader.index()).count("song") == 6
    await writer.stop()
    await music.song("z2", "bert", title="Zebu")
    await reader.catch_up()
    assert (await reader.index()).count("song") == 7
    await reader.stop()


async def test_a_wish_of_another_process_is_granted(music):
    await music.house.indexing.start()
    await until(lambda: _is(music, "bees", ["b1"]))
    other = Indexing(music.store, music.clock, music.house.bus, FolderGenerations(music.files.root / "search"))
    await other.wish()
    await until(lambda: _not(other.wished()))
    assert state_of(music)["folder"] == "generation-2"
    await other.stop()


async def _not(answer):
    return not await answer


async def test_rebuilding_tells_how_far_it_is(music):
    seen = []
    await music.house.indexing.rebuild(lambda done, total: seen.append((done, total)))
    assert seen[-1] == (13, 13)


async def test_stopping_twice_and_before_starting_is_nothing(music):
    await music.house.indexing.stop()
    await music.house.indexing.stop()
    await music.house.indexing.start()
    await music.house.indexing.stop()
