"""Answers to nobody in particular are kept until something changes: what is, for how long, and what never is."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from urllib.parse import urlencode

import orjson
import pytest
from graphql import get_operation_ast, parse
from tornado.httpclient import AsyncHTTPClient
from tornado.httpserver import HTTPServer
from tornado.testing import bind_unused_port
from tornado.web import Application

from graph.build import build_schema
from graph.cache_control import CacheScope, Keeping, keeping_of
from graph.kept_answers import KeptAnswers
from handlers.base import Manners
from handlers.graphql import GraphqlHandler
from realtime.answer_news import AnswerNews
from realtime.broker import LocalBroker
from services.accounts.preferences import PreferencesEdit
from services.catalogue.withdrawals import CatalogueKind
from services.events import CatalogueChanged
from services.viewer import SYSTEM
from tests.catalogue_rig import Client

SONG = '{ song(id: "s1") { title artist { name } playCount } }'
RESPONSE = "application/graphql-response+json"


def keeping(query, most_seconds=300):
    document = parse(query)
    return keeping_of(build_schema(), document, get_operation_ast(document), most_seconds=most_seconds)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        (SONG, Keeping(60)),
        ("{ songs { edges { node { title album { title } } } pageInfo { endCursor } totalCount } }", Keeping(60)),
        ("{ __typename song(id: 1) { ...F } } fragment F on Song { credits { artist { name } } }", Keeping(60)),
        ("{ song(id: 1) { title isLiked } }", Keeping(60, CacheScope.PRIVATE)),
        ("{ song(id: 1) { reviews { id } } }", None),
        ("{ song(id: 1) { genre { name } } }", None),
        ("{ song(id: 1) { title } me { id } }", None),
        ("{ song(id: 1) { ...F } } fragment F on Song { title ... @skip(if: true) { reviews { id } } }", None),
        ("{ tiers { __typename } }", None),
        ("{ __schema { types { name } } }", None),
        ("{ __typename }", None),
        ('mutation { likeSong(songId: "1") { success } }', None),
    ],
)  # fmt: skip
def test_what_may_be_kept_is_what_every_part_of_it_allows(query, found):
    assert keeping(query) == found


def test_the_house_may_bound_the_time_or_keep_nothing():
    assert keeping(SONG, 7) == Keeping(7)
    assert keeping(SONG, 0) is None


class Door(Client):
    """The HTTP door in front of answers that are kept."""

    async def get(self, query, token=None, headers=None, **more):
        sent = {"Accept": RESPONSE, **(headers or {})}
        if token:
            sent["Authorization"] = f"Bearer {token}"
        return await self.fetch("/graphql?" + urlencode({"query": query, **more}), headers=sent)


@asynccontextmanager
async def door_of(rig, broker, **bounds):
    """One process: its memory, its ear at the broker, its door."""
    kept = KeptAnswers(rig.executor, hears=lambda: broker.connected, **{"limit_bytes": 1_000_000, **bounds})
    news = AnswerNews(kept.forget, bus=rig.house.bus, broker=broker)
    news.start()
    parts = {"house": rig.house, "manners": Manners(), "executor": rig.executor, "kept": kept}
    server = HTTPServer(Application([(r"/graphql", GraphqlHandler, parts)], log_function=lambda handler: None))
    listening, port = bind_unused_port()
    server.add_sockets([listening])
    http = AsyncHTTPClient(force_instance=True)
    door = Door(f"http://127.0.0.1:{port}", http)
    door.kept = kept
    try:
        yield door
    finally:
        news.stop()
        server.stop()
        await server.close_all_connections()
        http.close()


@pytest.fixture
async def door(music):
    async with door_of(music, LocalBroker()) as door:
        door.rig = music
        yield door


async def rename(rig, title):
    await rig.house.song_edits.update(SYSTEM, "s1", title=title)


async def test_get_tells_caches_what_they_may_do_and_answers_304_to_who_has_it(door):
    first = await door.get(SONG)
    assert first.code == 200
    assert orjson.loads(first.body) == {
        "data": {"song": {"title": "First", "artist": {"name": "Anna"}, "playCount": 10}}
    }
    assert first.headers["Cache-Control"] == "public, max-age=60"
    assert first.headers["Age"] == "0"
    assert first.headers.get_list("Vary") == ["Accept", "Authorization", "GraphQL-Cost", "Accept-Encoding"]
    again = await door.get(SONG, headers={"If-None-Match": f'"other", W/{first.headers["Etag"]}'})
    assert (again.code, again.body, again.headers["Etag"]) == (304, b"", first.headers["Etag"])
    assert again.headers["Cache-Control"] == "public, max-age=60"
    assert (door.kept.hits, door.kept.misses) == (1, 1)
    plain = await door.get(SONG, headers={"Accept": "application/json"})
    assert plain.body == first.body
    assert plain.headers["Etag"] != first.headers["Etag"], "another media type is another answer"
    head = await door.fetch("/graphql?" + urlencode({"query": SONG}), method="HEAD", headers={"Accept": RESPONSE})
    assert (head.code, head.headers["Etag"]) == (200, first.headers["Etag"])


async def test_an_edit_is_seen_at_once_by_get_post_and_who_held_the_old_answer(door):
    old = await door.get(SONG)
    assert (await door.post({"query": SONG})).body == old.body
    assert door.kept.hits == 1, "GET and POST share what is kept"
    await rename(door.rig, "Prime")
    new = await door.get(SONG, headers={"If-None-Match": old.headers["Etag"]})
    assert new.code == 200
    assert orjson.loads(new.body)["data"]["song"]["title"] == "Prime"
    posted = await door.post({"query": SONG})
    assert posted.body == new.body
    assert posted.headers["Cache-Control"] == "no-store", "no cache keeps what a POST was answered"
    assert "Etag" not in posted.headers


async def test_hiding_and_an_edit_in_another_process_are_seen_at_once_too(door, music):
    broker = LocalBroker()
    async with door_of(music, broker) as other:
        await other.get(SONG)
        broker.publish("answers", {})
        assert len(other.kept) == 0
        await other.get(SONG)
        await music.house.withdrawals.set_hidden(SYSTEM, CatalogueKind.SONG, "s1", True)
        assert orjson.loads((await other.get(SONG)).body) == {"data": {"song": None}}


async def test_nothing_is_kept_for_anybody_who_signed_in(door):
    signed_in = await door.rig.sign_in("ann")
    await door.get(SONG)
    for answer in (await door.get(SONG, signed_in.token), await door.post({"query": SONG}, signed_in.token)):
        assert answer.code == 200
        assert answer.headers["Cache-Control"] == "no-store"
        assert "Etag" not in answer.headers
    explicit = '{ song(id: "s2") { title } }'
    assert orjson.loads((await door.get(explicit)).body)["data"]["song"] == {"title": "Second"}
    viewer = await door.rig.house.accounts.viewer_for(signed_in.token)
    await door.rig.house.preferences.update(viewer, PreferencesEdit(explicit_content=False))
    assert orjson.loads((await door.get(explicit, signed_in.token)).body)["data"]["song"] is None
    assert door.kept.hits == 0


async def test_errors_private_answers_and_told_prices_are_not_kept(door):
    broken = await door.get("{ songs(first: 1000) { totalCount } }")
    assert broken.headers["Cache-Control"] == "no-store"
    assert "errors" in orjson.loads(broken.body)
    wrong = await door.get("query ($id: ID!) { song(id: $id) { title } }")
    assert (wrong.code, wrong.headers["Cache-Control"]) == (400, "no-store")
    own = await door.get('{ song(id: "s1") { title isLiked } }')
    assert own.headers["Cache-Control"] == "private, max-age=60"
    price = await door.get(SONG, headers={"GraphQL-Cost": "1"})
    assert price.headers["Cache-Control"] == "no-store"
    assert orjson.loads(price.body)["extensions"]["cost"]["requested"] > 0
    assert len(door.kept) == 0


async def test_variables_and_operations_are_told_apart_and_their_order_is_not(door):
    both = """
        query A($id: ID, $s: Int) { song(id: $id) { title coverImage(size: $s) } }
        query B { song(id: "b1") { title } }
    """

    async def title(**body):
        return orjson.loads((await door.post({"query": both, **body})).body)["data"]["song"]["title"]

    assert await title(operationName="A", variables={"id": "s1", "s": 96}) == "First"
    assert await title(operationName="A", variables={"s": 96, "id": "s1"}) == "First"
    assert (door.kept.hits, door.kept.misses) == (1, 1)
    assert await title(operationName="A", variables={"id": "s3", "s": 96}) == "Third"
    assert await title(operationName="B") == "Bees"
    assert (door.kept.hits, door.kept.misses) == (1, 3)


async def test_memory_is_bounded_the_least_used_goes_first_and_time_ends_it(music):
    async with door_of(music, LocalBroker(), limit_bytes=8_000, most_seconds=7) as door:
        for number in range(40):
            await door.post({"query": f'{{ a{number}: song(id: "s1") {{ title }} }}'})
            assert door.kept.used_bytes <= 8_000
        assert 5 < len(door.kept) < 40
        await door.post({"query": '{ a39: song(id: "s1") { title } }'})
        assert door.kept.hits == 1
        for key, answer in door.kept._answers.items():
            object.__setattr__(answer, "made_at", answer.made_at - 7)
            assert key
        await door.post({"query": '{ a39: song(id: "s1") { title } }'})
        assert door.kept.hits == 1
    async with door_of(music, LocalBroker(), limit_bytes=0) as off:
        assert (await off.get(SONG)).headers["Cache-Control"] == "no-store"


async def test_an_answer_begun_before_a_change_is_given_and_not_kept(door):
    reading, going_on = asyncio.Event(), asyncio.Event()
    get_many = door.rig.house.songs.get_many

    async def slow(viewer, ids):
        found = await get_many(viewer, ids)
        reading.set()
        await going_on.wait()
        return found

    door.rig.house.songs.get_many = slow
    asking = asyncio.create_task(door.post({"query": SONG}), name="asks")
    await reading.wait()
    door.rig.house.bus.publish(CatalogueChanged(song_ids=("s1",)))
    going_on.set()
    assert (await asking).code == 200
    assert len(door.kept) == 0


async def test_while_other_processes_are_not_heard_nothing_is_kept(music):
    class Deaf(LocalBroker):
        connected = True

    broker = Deaf()
    async with door_of(music, broker) as door:
        await door.get(SONG)
        broker.connected = False
        assert (await door.get(SONG)).headers["Cache-Control"] == "no-store"
        assert door.kept.hits == 0
