"""The executor: batching, bounds, time-outs, bugs, the cache of documents."""

import asyncio
import gc
import warnings

import pytest
from graphql import get_introspection_query

from graph.build import build_executor
from graph.execute import Executor, Request
from graph.limits import Limits
from graph.loaders import Loader
from services.errors import Denied
from services.viewer import NOBODY
from storage.sqlite_find import Statement

COSTLY = "cursor node { id title }"
ALBUMS = "albums { songs { id title duration } }"


async def crowd(music, count):
    for number in range(count):
        artist = await music.artist(f"x{number}")
        await music.album(f"xa{number}", artist.id, release_date="2020")
        await music.song(
            f"xs{number}", artist.id, album_id=f"xa{number}", genre_id="indie", genre_ids=["indie", "rock"]
        )


@pytest.mark.parametrize("rows", [2, 30])
async def test_a_list_costs_the_same_commands_however_long(music, rows):
    await crowd(music, 30)
    music.engine.asked.clear()
    data = await music.data(
        f"""{{ songs(first: {rows}) {{ edges {{ node {{ title artist {{ name }} album {{ title artist {{ name }} }}
        genre {{ name }} genres {{ name }} featuredArtists {{ name }} credits {{ artist {{ name }} }} }} }} }} }}"""
    )
    assert len(data["songs"]["edges"]) == rows
    assert music.engine.asked == {"songs": 1, "artists": 1, "albums": 1, "genres": 1}


@pytest.mark.parametrize("rows", [2, 30])
async def test_albums_with_their_songs_cost_the_same_commands_however_many(music, rows):
    await crowd(music, 30)
    music.engine.asked.clear()
    node = "title artist { name albums { id } } songs { title }"
    await music.data(f"{{ albums(first: {rows}) {{ edges {{ node {{ {node} }} }} totalCount }} }}")
    assert music.engine.asked == {"albums": 3, "artists": 1, "songs": 1}


async def test_the_whole_list_is_counted_only_when_asked(music):
    music.engine.asked.clear()
    await music.data("{ songs { edges { cursor } } }")
    assert music.engine.asked == {"songs": 1}
    for query in (
        "{ songs { totalCount } }",
        "{ songs { ...F } } fragment F on SongConnection { totalCount }",
        "{ songs { ... on SongConnection { totalCount } } }",
    ):
        music.engine.asked.clear()
        assert await music.data(query) == {"songs": {"totalCount": 4}}
        assert music.engine.asked == {"songs": 2}


async def test_a_later_mutation_reads_anew(music):
    viewer = await music.sign_up("listener")
    play = 'playSong(songId: "s1", playId: "%s") { song { album { playCount } } }'
    data = await music.data(f"mutation {{ a: {play % 'p1'} b: {play % 'p2'} }}", viewer)
    assert [data[name]["song"]["album"]["playCount"] for name in "ab"] == [1, 2]


async def test_a_loader_asks_once_for_what_is_wanted_in_one_turn():
    asked = []

    async def fetch(keys):
        asked.append(keys)
        await asyncio.sleep(0)
        return {key: key.upper() for key in keys if key != "c"}

    loader = Loader("letters", fetch)
    assert loader.load(None) is None
    assert await asyncio.gather(loader.load("a"), loader.load("b"), loader.load("a")) == ["A", "B", "A"]
    assert loader.load("a") == "A"
    assert await loader.load("c") is None
    assert await loader.load_many(["c", "a", "d"]) == ["A", "D"]
    assert loader.load_many(["d", "c"]) == ["D"]
    loader.forget()
    assert await loader.load("a") == "A"
    assert asked == [["a", "b"], ["c"], ["d"], ["a"]]


async def test_a_loaders_refusal_reaches_everybody_who_waits():
    async def fetch(keys):
        raise Denied("No.")

    loader = Loader("letters", fetch)
    for result in await asyncio.gather(loader.load("a"), loader.load("b"), return_exceptions=True):
        assert isinstance(result, Denied)


async def test_a_bug_is_logged_once_and_shown_as_something_went_wrong(music, log_watch):
    log_watch.expect("resolver failed .*the floor is wet")

    async def broken(*_):
        raise RuntimeError("the floor is wet")

    music.house.artists.get_many = broken
    answer = await music.ask("{ songs { edges { node { id artist { name } } } } }")
    assert len(answer["errors"]) == 4
    assert {error["message"] for error in answer["errors"]} == {"Something went wrong."}
    assert {error["extensions"]["code"] for error in answer["errors"]} == {"INTERNAL"}
    assert "requestId" in answer["errors"][0]["extensions"]
    assert "wet" not in str(answer)
    assert len(log_watch.lines) == 1


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("{ songs { edges { node { " + "artist { albums { " * 3 + "id " + "} } " * 3 + "} } } }", "TOO_DEEP"),
        ("{ artists(first: 100) { edges { node { albums { songs { id title duration } } } } } }", "TOO_COSTLY"),
        ("{ " + " ".join(f"a{n}: __typename" for n in range(120)) + " }", "TOO_MANY_ROOT_FIELDS"),
        ("{ " + " ".join(f"a{n}: songs(first: 99) {{ edges {{ {COSTLY} }} }}" for n in range(60)) + " }", "TOO_COSTLY"),
        ("{ " + " ".join(f"a{n}: __typename" for n in range(201)) + " }", "TOO_MANY_ALIASES"),
        ("{ " + " ".join(f"a{n}: __typename @skip(if: false)" for n in range(101)) + " }", "TOO_MANY_DIRECTIVES"),
        ("{ __typename " + "@skip(if: false) " * 6 + "}", "TOO_MANY_DIRECTIVES"),
        (f"query ($n: Int = 99) {{ artists(first: $n) {{ edges {{ node {{ {ALBUMS} }} }} }} }}", "TOO_COSTLY"),
        ("{ " + "__typename " * 9 + "}", "TOO_COSTLY"),
        (" ".join(f"query q{n} {{ __typename }}" for n in range(51)), "TOO_COSTLY"),
        ("{ " + " ".join(f"a{n}: __typename" for n in range(700)) + " }", "TOO_MANY_TOKENS"),
        ("{ __typename } #" + "x" * 50_000, "TOO_LARGE"),
        ("{ songs(first: " + "9" * 5_000 + ") { edges { cursor } } }", "INVALID"),
        ("query ($n: Int = -" + "9" * 5_000 + ") { songs(first: $n) { edges { cursor } } }", "INVALID"),
        ("{ nothing }", "GRAPHQL_INVALID"),
        ("{", "GRAPHQL_SYNTAX"),
        ("fragment F on Song { id }", "GRAPHQL_INVALID"),
        ("query A { __typename } query B { __typename }", "INVALID"),
        ("{ songs { edges { ...F } } } fragment F on SongEdge { ...F }", "GRAPHQL_INVALID"),
    ],
)  # fmt: skip
async def test_a_request_beyond_the_bounds_is_refused_before_anything_is_read(music, query, code):
    executor = build_executor(music.house, None, limits=Limits(depth=9))
    music.engine.asked.clear()
    answer = await executor.execute(Request(query), NOBODY)
    assert "data" not in answer
    assert answer["errors"][0]["extensions"]["code"] == code
    assert executor.operation_kind(Request(query)) == answer
    assert music.engine.asked == {}


async def test_fragments_that_grow_without_fields_are_not_counted_to_their_end(music):
    wide = [f"fragment F{n} on Query {{ {f'...F{n + 1} ' * 8} }}" for n in range(5)]
    long = [f"fragment F{n} on Query {{ ...F{n + 1} }}" for n in range(5, 45)]
    document = " ".join(["{ ...F0 }", *wide, *long, "fragment F45 on Query { a: song(id: 1) { __typename } }"])
    executor = build_executor(music.house, None, limits=Limits(root_fields=10**9, cost=10**9))
    answer = await executor.execute(Request(document), NOBODY)
    assert [error["extensions"] for error in answer["errors"]] == [{"code": "TOO_COSTLY"}]


async def test_cost_follows_the_variables(music):
    query = "query ($n: Int) { artists(first: $n) { edges { node { albums { songs { id title duration } } } } } }"
    assert "data" in await music.ask(query, n=5)
    assert (await music.errors(query, n=100)) == [{"code": "TOO_COSTLY"}]
    assert (await music.errors(query, n=100.0)) == [{"code": "TOO_COSTLY"}]


async def test_the_usual_introspection_passes_the_bounds_unless_it_is_off(music):
    assert "errors" not in await music.ask(get_introspection_query(input_value_deprecation=True))
    closed = build_executor(music.house, None, introspection=False)
    answer = await closed.execute(Request("{ __schema { types { name } } }"), NOBODY)
    assert {error["extensions"]["code"] for error in answer["errors"]} == {"GRAPHQL_INVALID"}
    hint = await closed.execute(Request("{ son { id } }"), NOBODY)
    assert "Did you mean" not in hint["errors"][0]["message"]


@pytest.mark.parametrize("steps", [1, 2, 3, 4])
async def test_whoever_leaves_at_once_leaves_nothing_begun(music, steps):
    query = Request(
        "{ albums { edges { node { title } } } featuredPlaylists { name } moods { name } newReleases { id } }"
    )
    asking = asyncio.create_task(music.executor.execute(query, NOBODY))
    for _ in range(steps):
        await asyncio.sleep(0)
    asking.cancel()
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        with pytest.raises(asyncio.CancelledError):
            await asking
        gc.collect()
    assert [str(each.message) for each in told] == []


async def test_a_request_that_takes_too_long_is_cancelled(music):
    cancelled = asyncio.Event()

    async def slow(*_):
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.set()

    music.house.songs.get_many = slow
    executor = build_executor(music.house, None, timeout_seconds=0.01)
    answer = await executor.execute(Request('{ song(id: "s1") { id } }'), NOBODY)
    assert answer == {
        "data": None,
        "errors": [{"message": "This request took too long.", "extensions": {"code": "TIMED_OUT"}}],
    }
    assert cancelled.is_set()


async def test_documents_are_parsed_once_and_the_memory_of_them_is_bounded(music, monkeypatch):
    import graph.documents as module

    parsed = []
    parse = module.parse
    monkeypatch.setattr(module, "parse", lambda text, **options: parsed.append(text) or parse(text, **options))
    executor = Executor(music.executor.schema, music.executor._make_context, documents_limit=2)
    for alias in ("a", "a", "b", "a", "c", "b"):
        assert "data" in await executor.execute(Request(f"{{ {alias}: __typename }}"), NOBODY)
    assert [text[2] for text in parsed] == ["a", "b", "c", "b"]
    parsed.clear()
    short = Executor(music.executor.schema, music.executor._make_context, documents_characters=40)
    for alias in ("a", "b", "a", "c", "b"):
        assert "data" in await short.execute(Request(f"{{ {alias}: __typename }}"), NOBODY)
    assert [text[2] for text in parsed] == ["a", "b", "c", "b"]


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        ({}, "to be provided"),
        ({"at": "yesterday"}, "A DateTime is ISO 8601"),
        ({"at": "2026-06-01T12:00:00"}, "A DateTime is ISO 8601"),
        ({"at": 7}, "A DateTime is ISO 8601"),
    ],
)
async def test_variables_of_the_wrong_kind_are_refused_before_anything_runs(music, variables, message):
    viewer = await music.sign_up("listener")
    query = 'mutation ($at: DateTime!) { playSong(songId: "s1", startedAt: $at) { success } }'
    answer = await music.ask(query, viewer, **variables)
    assert "data" not in answer
    assert message in answer["errors"][0]["message"]
    assert answer["errors"][0]["extensions"] == {"code": "GRAPHQL_INVALID"}


ENDLESS = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT count(*) FROM c"


async def test_a_request_that_times_out_breaks_off_its_read(music):
    reader = music.engine._engine._reader
    ended = []

    async def endless(*_):
        try:
            return await reader.on_thread(Statement(ENDLESS, {}), list)
        finally:
            ended.append("broken off")

    music.house.songs.get_many = endless
    executor = build_executor(music.house, None, timeout_seconds=0.05)
    answer = await executor.execute(Request('{ song(id: "s1") { id } }'), NOBODY)
    assert answer["errors"][0]["extensions"] == {"code": "TIMED_OUT"}
    assert ended == ["broken off"]
    threads = [reader.on_thread(Statement("SELECT 7", {}), list) for _ in range(8)]
    assert await asyncio.wait_for(asyncio.gather(*threads), 60) == [[(7,)]] * 8
