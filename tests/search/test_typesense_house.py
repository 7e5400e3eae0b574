"""A house whose index a real Typesense server keeps: following, reindexing under searches, kills, two processes."""

from __future__ import annotations

import asyncio

import pytest

from services.clock import Clock
from services.events import CatalogueChanged
from services.leases import Leases
from services.search.indexing import Indexing
from services.search.rules import SearchRules, SearchServer
from services.search.writing_hold import WritingHold
from storage.search_index.typesense_client import open_client
from storage.search_index.typesense_generations import TypesenseGenerations
from tests.catalogue_rig import small_house
from tests.services.exercised import exercised
from tests.services.typesense_server import running_typesense

pytestmark = pytest.mark.services
FIND = "query ($q: String!) { searchSongs(query: $q) { edges { node { id } } } }"


@pytest.fixture(scope="module")
def server():
    with running_typesense() as server:
        yield server


@pytest.fixture
async def kept(tmp_path, server, request):
    """A house with two songs, kept by the server under a prefix of its own."""
    exercised(f"Typesense {server.version} under a house")
    prefix = f"t{abs(hash(request.node.name)) % 10**9}"
    rules = SearchRules(server=SearchServer(server.url, server.api_key, prefix, patience_s=10))
    async with small_house(tmp_path, rules) as rig:
        rig.prefix = prefix
        await rig.artist("anna", name="Anna")
        await rig.song("bees", "anna", title="Bees", slug="bees", artist_credit="Anna")
        await rig.song("bears", "anna", title="Bears", slug="bears", artist_credit="Anna")
        yield rig


def client_of(server):
    return open_client(server.url, server.api_key, patience_s=10)


async def found(rig, query):
    answer = await rig.ask(FIND, q=query)
    assert "errors" not in answer, answer
    return [edge["node"]["id"] for edge in answer["data"]["searchSongs"]["edges"]], "extensions" in answer


async def until_found(rig, query, ids, seconds=20):
    async with asyncio.timeout(seconds):
        while await found(rig, query) != (ids, False):  # noqa: ASYNC110 - the index's task does it
            await asyncio.sleep(0.02)


def collections(server, prefix):
    names = [each["name"] for each in client_of(server).collections.retrieve()]
    return sorted(name for name in names if name.startswith(f"{prefix}-") and not name.endswith("notes"))


async def test_changes_are_found_and_what_is_gone_is_not(kept):
    await kept.house.indexing.start()
    await until_found(kept, "beez", ["bees"])
    changes = {"title": "Wolves", "sort_title": "Wolves", "updated_at": kept.clock.now()}
    await kept.store.songs.update({"_id": "bears"}, {"$set": changes})
    kept.house.bus.publish(CatalogueChanged(song_ids=("bears",)))
    await until_found(kept, "wolves", ["bears"])
    await until_found(kept, "bears", [])
    await kept.store.songs.delete({"_id": "bees"})
    kept.house.bus.publish(CatalogueChanged(song_ids=("bees",)))
    await until_found(kept, "bees", [])


async def test_a_new_index_takes_the_place_of_the_old_one_while_searches_go_on(kept, server):
    await kept.house.indexing.catch_up()
    assert collections(server, kept.prefix) == [f"{kept.prefix}-1"]
    searching = True
    answers = []

    async def search():
        while searching:
            answers.append(await found(kept, "bees"))

    task = asyncio.create_task(search())
    steps = []
    for _ in range(3):
        await kept.house.indexing.rebuild(lambda done, total: steps.append((done, total)))
    searching = False
    await task
    assert set(map(str, answers)) == {"(['bees'], False)"}
    assert collections(server, kept.prefix) == [f"{kept.prefix}-4"]
    assert steps[-1] == (3, 3)


async def test_an_index_goes_on_where_it_was_and_one_of_another_version_is_made_again(kept, server, log_watch):
    await kept.house.indexing.catch_up()
    await kept.house.indexing.stop()
    await kept.song("wolves", "anna", title="Wolves")
    hold = WritingHold(Leases(kept.store, kept.clock), kept.clock)
    generations = TypesenseGenerations(client_of(server), kept.prefix, hold)
    again = Indexing(kept.store, kept.clock, kept.house.bus, generations)
    await again.catch_up()
    assert sorted((await again.index()).ids("song")) == ["bears", "bees", "wolves"]
    assert collections(server, kept.prefix) == [f"{kept.prefix}-1"]
    await again.stop()
    generations.layout = "another"
    log_watch.expect("made again")
    newer = Indexing(kept.store, kept.clock, kept.house.bus, generations)
    await newer.catch_up()
    assert collections(server, kept.prefix) == [f"{kept.prefix}-2"]
    await newer.stop()


async def test_of_two_processes_one_writes_and_the_other_takes_over(kept, server):
    await kept.house.indexing.catch_up()
    hold = WritingHold(Leases(kept.store, kept.clock), kept.clock)
    other = Indexing(kept.store, kept.clock, kept.house.bus, TypesenseGenerations(client_of(server), kept.prefix, hold))
    await other.catch_up()
    assert not hold.ours
    assert (await other.index()).count("song") == 2
    await kept.house.indexing.stop()
    await other.catch_up()
    assert hold.ours
    await other.stop()


async def test_a_killed_server_is_stood_in_for_and_comes_back_with_everything(kept, server, log_watch):
    log_watch.expect("the search engine is away")
    await kept.house.indexing.start()
    await until_found(kept, "bees", ["bees"])
    server.kill()
    assert await found(kept, "bees") == (["bees"], True), "by the store"
    await kept.song("wolves", "anna", title="Wolves", slug="wolves")
    assert await found(kept, "wolves") == (["wolves"], True)
    await asyncio.to_thread(server.start)
    kept.clock.turn(10)
    await until_found(kept, "beez", ["bees"], seconds=60)
    await until_found(kept, "wolvse", ["wolves"], seconds=60)


async def test_a_wrong_key_and_a_dropped_collection_break_nothing(kept, server, log_watch):
    await kept.house.indexing.start()
    await until_found(kept, "bees", ["bees"])
    log_watch.expect("is damaged")
    log_watch.expect("made again")
    client_of(server).collections[f"{kept.prefix}-1"].delete()
    assert (await found(kept, "bees"))[0] == ["bees"]
    await until_found(kept, "beez", ["bees"])
    log_watch.expect("the search engine is away")
    wrong = open_client(server.url, "another key", patience_s=10)
    stranger = Indexing(
        kept.store,
        Clock(),
        kept.house.bus,
        TypesenseGenerations(wrong, kept.prefix, WritingHold(Leases(kept.store, kept.clock), kept.clock)),
    )
    kept.house.search._indexing = stranger
    assert await found(kept, "bees") == (["bees"], True)
    await stranger.stop()
