"""Answers in parts: @defer and @stream over multipart/mixed, in both formats, with one time-out and one end."""

import asyncio
import json
from types import SimpleNamespace
from urllib.parse import urlencode

import pytest
from graphql import ExperimentalIncrementalExecutionResults, InitialIncrementalExecutionResult
from graphql.execution import (
    CompletedResult,
    IncrementalDeferResult,
    IncrementalStreamResult,
    PendingResult,
    SubsequentIncrementalExecutionResult,
)

from graph.build import build_executor
from graph.execute import Request
from graph.incremental import IncrementalResponse, PartFormat
from handlers.incremental import wanted_parts
from services.rates import CostRates, Rate
from services.viewer import NOBODY
from tests.graph.doors import open_doors

OLD = "multipart/mixed;deferSpec=20220824"
NEW = "multipart/mixed;incrementalSpec=v0.2"
DEFERRED = """{ album(id: "dawn") { title ... @defer(label: "songs") { songs { title artist { name } } } } }"""
STREAMED = """{ album(id: "dawn") { songs @stream(initialCount: 1, label: "more") { title } } }"""
NESTED = """{ album(id: "dawn") { title
    ... @defer(label: "outer") { artist { name ... @defer(label: "inner") { albums { title } } } } } }"""
BOTH = """{ album(id: "dawn") { title
    ... @defer(label: "late") { songs @stream(initialCount: 2, label: "rest") { title } } } }"""
SONGS = [{"title": title, "artist": {"name": "Anna"}} for title in ("First", "Second", "Third")]


def parts_of(answer):
    """The JSON of each part of a multipart answer; fails where its framing is not as the clients' parsers want it."""
    head, *rest = answer.body.decode().split("\r\n---")
    assert head == ""
    assert rest[-1] == "--\r\n"
    found = []
    for part in rest[:-1]:
        header, _, body = part.partition("\r\n\r\n")
        assert header == "\r\nContent-Type: application/json; charset=utf-8"
        found.append(json.loads(body))
    assert [part["hasNext"] for part in found] == [True] * (len(found) - 1) + [False]
    return found


async def in_parts(music, query, format=PartFormat.PENDING, viewer=NOBODY, executor=None):
    found = await (executor or music.executor).execute_incrementally(Request(query), viewer, format)
    assert isinstance(found, IncrementalResponse), found
    return [part async for part in found]


@pytest.mark.parametrize(
    ("accept", "format"),
    [
        (None, None),
        ("*/*", None),
        ("application/json", None),
        ("multipart/form-data", None),
        ("multipart/mixed", PartFormat.PENDING),
        (NEW, PartFormat.PENDING),
        (f"{OLD},application/graphql-response+json,application/json;q=0.9", PartFormat.PATHS),
        ('application/json, multipart/mixed; deferSpec="20220824"', PartFormat.PATHS),
        ("multipart/mixed;q=0, application/json", None),
        ("multipart/mixed;q=0.0, application/json", None),
        ("multipart/mixed;q=0.5, application/json", PartFormat.PENDING),
    ],
)
def test_parts_go_to_those_who_take_them(accept, format):
    assert wanted_parts(accept) == format


async def test_a_deferred_part_follows_in_todays_format(client):
    answer = await client.post({"query": DEFERRED}, Accept=f"{NEW}, application/json")
    assert answer.headers["Content-Type"] == 'multipart/mixed; boundary="-"; incrementalSpec=v0.2'
    assert answer.headers["Cache-Control"] == "no-store"
    assert parts_of(answer) == [
        {
            "data": {"album": {"title": "Dawn"}},
            "pending": [{"id": "0", "path": ["album"], "label": "songs"}],
            "hasNext": True,
        },
        {
            "hasNext": False,
            "completed": [{"id": "0"}],
            "incremental": [{"id": "0", "data": {"songs": SONGS}}],
        },
    ]


async def test_a_deferred_part_follows_in_apollos_format(client):
    answer = await client.post({"query": DEFERRED}, Accept=f"{OLD}, application/json")
    assert answer.headers["Content-Type"] == 'multipart/mixed; boundary="-"; deferSpec=20220824'
    assert parts_of(answer) == [
        {"data": {"album": {"title": "Dawn"}}, "hasNext": True},
        {"hasNext": False, "incremental": [{"data": {"songs": SONGS}, "path": ["album"], "label": "songs"}]},
    ]


@pytest.mark.parametrize("format", list(PartFormat))
async def test_a_list_is_streamed_after_its_first_rows(music, format):
    first, *later = await in_parts(music, STREAMED, format)
    assert first["data"] == {"album": {"songs": [{"title": "First"}]}}
    came = [entry for part in later for entry in part.get("incremental", [])]
    assert [item["title"] for entry in came for item in entry["items"]] == ["Second", "Third"]
    if format is PartFormat.PATHS:
        assert came[0]["path"] == ["album", "songs", 1]
        assert {entry["label"] for entry in came} == {"more"}


@pytest.mark.parametrize("format", list(PartFormat))
async def test_a_stream_inside_a_deferred_part_goes_on_where_it_began(music, format):
    parts = await in_parts(music, BOTH, format)
    came = [entry for part in parts for entry in part.get("incremental", [])]
    assert came[0]["data"] == {"songs": [{"title": "First"}, {"title": "Second"}]}
    assert came[1]["items"] == [{"title": "Third"}]
    if format is PartFormat.PATHS:
        assert [entry["path"] for entry in came] == [["album"], ["album", "songs", 2]]


@pytest.mark.parametrize("format", list(PartFormat))
async def test_parts_within_parts_arrive(music, format):
    parts = await in_parts(music, NESTED, format)
    came = [entry for part in parts for entry in part.get("incremental", [])]
    assert [entry["data"] for entry in came] == [
        {"artist": {"name": "Anna"}},
        {"albums": [{"title": "Dusk"}, {"title": "Dawn"}]},
    ]
    if format is PartFormat.PATHS:
        assert [(entry["path"], entry["label"]) for entry in came] == [
            (["album"], "outer"),
            (["album", "artist"], "inner"),
        ]


@pytest.mark.parametrize("query", [DEFERRED, STREAMED, NESTED, BOTH])
@pytest.mark.parametrize("accept", ["application/json", "*/*", "application/graphql-response+json"])
async def test_others_are_answered_in_one_piece(client, query, accept):
    plain = query
    for word in ('@defer(label: "songs")', '@defer(label: "outer")', '@defer(label: "inner")', '@defer(label: "late")',
                 '@stream(initialCount: 1, label: "more")', '@stream(initialCount: 2, label: "rest")'):  # fmt: skip
        plain = plain.replace(word, "")
    assert "@" not in plain
    answer = await client.post({"query": query}, Accept=accept)
    assert "multipart" not in answer.headers["Content-Type"]
    assert json.loads(answer.body) == json.loads((await client.post({"query": plain})).body)


async def test_over_the_socket_and_in_a_batch_the_answer_is_whole(music):
    whole = {"data": {"album": {"title": "Dawn", "songs": SONGS}}}
    async with open_doors(music, music.executor) as doors, doors.socket() as ask:
        assert await ask(DEFERRED) == [whole]
        batch = await doors.post([{"query": DEFERRED}], Accept=f"{NEW}, application/json")
        assert json.loads(batch.body) == [whole]


async def test_who_takes_parts_alone_gets_one_even_when_nothing_is_deferred(client):
    answer = await client.post({"query": "{ __typename }"}, Accept=OLD)
    assert parts_of(answer) == [{"data": {"__typename": "Query"}, "hasNext": False}]
    either = await client.post({"query": "{ __typename }"}, Accept=f"{OLD}, application/json")
    assert either.headers["Content-Type"] == "application/json; charset=utf-8"
    switched_off = DEFERRED.replace("label:", "if: false, label:")
    whole = json.loads((await client.post({"query": switched_off}, Accept=f"{OLD}, application/json")).body)
    assert whole == {"data": {"album": {"title": "Dawn", "songs": SONGS}}}


async def test_a_refusal_is_not_split(client):
    for accept in (OLD, NEW):
        refused = await client.post({"query": "{ nothing ... @defer { __typename } }"}, Accept=accept)
        assert refused.headers["Content-Type"] == "application/json; charset=utf-8"
        assert json.loads(refused.body)["errors"][0]["extensions"]["code"] == "GRAPHQL_INVALID"


async def test_get_can_be_answered_in_parts_and_head_is_not(client):
    path = "/graphql?" + urlencode({"query": DEFERRED})
    assert len(parts_of(await client.fetch(path, headers={"Accept": NEW}))) == 2
    head = await client.fetch(path, method="HEAD", headers={"Accept": f"{NEW}, application/json"})
    assert (head.code, head.headers["Content-Type"]) == (200, "application/json; charset=utf-8")


@pytest.mark.parametrize("format", list(PartFormat))
async def test_a_deferred_part_that_fails_says_so_where_it_stands(music, format, log_watch):
    log_watch.expect("resolver failed .*the shelf is wet")

    async def broken(*_):
        raise RuntimeError("the shelf is wet")

    music.house.songs.of_albums = broken
    _, last = await in_parts(music, DEFERRED, format)
    entry = (last.get("completed") or last["incremental"])[0]
    assert entry["errors"][0]["extensions"]["code"] == "INTERNAL"
    assert entry["errors"][0]["path"] == ["album", "songs"]
    if format is PartFormat.PATHS:
        assert (entry["data"], entry["path"], entry["label"]) == (None, ["album"], "songs")


@pytest.mark.parametrize("format", list(PartFormat))
async def test_the_time_out_holds_for_all_parts_and_cancels_what_still_runs(music, format):
    cancelled = asyncio.Event()

    async def slow(*_):
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.set()

    music.house.songs.of_albums = slow
    executor = build_executor(music.house, None, timeout_seconds=0.05)
    first, last = await in_parts(music, DEFERRED, format, executor=executor)
    assert first["data"] == {"album": {"title": "Dawn"}}
    assert last["hasNext"] is False
    entry = (last.get("completed") or last["incremental"])[0]
    assert entry["errors"] == [{"message": "This request took too long.", "extensions": {"code": "TIMED_OUT"}}]
    assert cancelled.is_set()


async def test_who_leaves_between_two_parts_ends_the_work(music):
    begun, given_up = asyncio.Event(), asyncio.Event()

    async def slow(*_):
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            given_up.set()

    music.house.songs.of_albums = slow
    async with open_doors(music, music.executor) as doors:
        body = json.dumps({"query": DEFERRED}).encode()
        reader, writer = await asyncio.open_connection("127.0.0.1", int(doors.base.rpartition(":")[2]))
        head = (
            f"POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nAccept: {NEW}\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        writer.write(head.encode() + body)
        # The first part has left, its closing boundary with it, while the second is still being made.
        first = await asyncio.wait_for(reader.readuntil(b"\r\n---\r\n"), 60)
        first += await asyncio.wait_for(reader.readuntil(b'"hasNext":true}\r\n---'), 60)
        assert b'{"album":{"title":"Dawn"}}' in first
        await asyncio.wait_for(begun.wait(), 60)
        writer.close()
        await asyncio.wait_for(given_up.wait(), 10)


async def test_parts_nobody_reads_are_given_up_with_the_rest(music):
    given_up = asyncio.Event()

    async def slow(*_):
        try:
            await asyncio.Event().wait()
        finally:
            given_up.set()

    music.house.songs.of_albums = slow
    parts = await music.executor.execute_incrementally(Request(DEFERRED), NOBODY, PartFormat.PENDING)
    await anext(parts)
    waiting = asyncio.create_task(anext(parts))
    await asyncio.sleep(0.01)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    await parts.aclose()
    assert given_up.is_set()
    unread = await music.executor.execute_incrementally(Request(DEFERRED), NOBODY, PartFormat.PENDING)
    await unread.aclose()
    await unread.aclose()
    assert [part async for part in unread][1:] == []


async def test_deferred_parts_are_batched_like_everything_else(music):
    music.engine.asked.clear()
    parts = await in_parts(
        music, "{ albums(first: 3) { edges { node { id ... @defer { songs { title artist { name } } } } } } }"
    )
    assert sum(len(part.get("incremental", [])) for part in parts) == 3
    assert music.engine.asked["songs"] == 1
    assert music.engine.asked["artists"] <= 2


async def test_a_mutation_may_be_answered_in_parts(music, client):
    token = (await music.sign_in("ann")).token
    query = 'mutation { playSong(songId: "s1") { success ... @defer { song { title playCount } } } }'
    first, last = parts_of(await client.post({"query": query}, token, Accept=NEW))
    assert first["data"] == {"playSong": {"success": True}}
    assert last["incremental"][0]["data"] == {"song": {"title": "First", "playCount": 11}}


async def test_the_rates_and_the_price_hold_for_parts_too(music):
    rates = CostRates(music.clock, signed_in=Rate(1, 100), anonymous=Rate(1, 40))
    executor = build_executor(music.house, None, rates=rates, report_cost=True)
    async with open_doors(music, executor) as doors:
        first, _ = parts_of(await doors.post({"query": DEFERRED}, Accept=NEW))
        assert first["extensions"] == {"cost": {"requested": 33, "limit": 20_000, "left": 7}}
        assert (await doors.post({"query": DEFERRED}, Accept=NEW)).code == 429


@pytest.mark.parametrize(
    "query",
    [
        "{ ... @defer(label: $x) { __typename } }",
        'subscription { ... @defer { nowPlaying(userId: "x") { timestamp } } }',
        "mutation { ... @defer { logout { success } } }",
        '{ album(id: "dawn") { title @stream } }',
        '{ album(id: "dawn") { ... @defer(label: "a") { title } ... @defer(label: "a") { id } } }',
        '{ album(id: "dawn") { songs @stream(initialCount: -1) { title } } }',
        '{ album(id: "dawn") { songs @stream(initialCount: null) { title } } }',
        'query ($n: Int = null) { album(id: "dawn") { songs @stream(initialCount: $n) { title } } }',
    ],
)
async def test_misplaced_directives_are_refused_or_answered_never_a_bug(client, query):
    for accept in (NEW, "application/json"):
        answer = await client.post({"query": query}, Accept=f"{accept}, application/json")
        assert answer.code == 200
        assert b"INTERNAL" not in answer.body
        if b"multipart" not in answer.headers["Content-Type"].encode():
            assert json.loads(answer.body)["errors"]


def whole_of(parts):
    """What a client of the older format has at the end: every piece put at its path."""
    whole = parts[0]["data"]
    for entry in [entry for part in parts[1:] for entry in part.get("incremental", [])]:
        *above, last = entry["path"] if "items" in entry else [*entry["path"], None]
        place = whole
        for step in above:
            place = place[step]
        if "items" in entry:
            assert last == len(place)
            place.extend(entry["items"])
        else:
            place.update(entry["data"])
    return whole


@pytest.mark.parametrize("format", list(PartFormat))
async def test_deferred_parts_of_streamed_rows_may_come_with_their_announcement(music, format):
    for number in range(40):
        await music.song(f"more{number}", "anna", album_id="dawn")
    inside = "node {{ id {defer} {{ title artist {{ name }} album {{ title }} }} }}"
    document = "{{ songs(first: 50) {{ edges {stream} {{ " + inside + " }} }} }}"
    plain = await music.data(document.format(stream="", defer="..."))
    query = document.format(stream="@stream(initialCount: 1)", defer="... @defer")
    parts = await in_parts(music, query, format)
    assert not any("errors" in entry for part in parts for entry in [part, *part.get("incremental", [])])
    if format is PartFormat.PATHS:
        assert whole_of(parts) == plain
        return
    announced = set()
    for part in parts:
        announced |= {each["id"] for each in part.get("pending", [])}
        assert {each["id"] for each in part.get("incremental", []) + part.get("completed", [])} <= announced
    assert announced == {each["id"] for part in parts for each in part.get("completed", [])}


async def test_a_part_may_come_in_the_message_that_announces_it():
    async def later():
        yield SubsequentIncrementalExecutionResult(
            has_next=False,
            pending=[PendingResult("1", ["rows", 1]), PendingResult("2", ["rows", 1, "names"])],
            incremental=[
                IncrementalStreamResult([{"id": "b"}], "0"),
                IncrementalDeferResult({"names": ["x"]}, "1"),
                IncrementalStreamResult(["y"], "2"),
            ],
            completed=[CompletedResult("0"), CompletedResult("1"), CompletedResult("2")],
        )

    async def nothing():
        return None

    for format in PartFormat:
        initial = InitialIncrementalExecutionResult(
            {"rows": [{"id": "a"}]}, None, pending=[PendingResult("0", ["rows"])], has_next=True
        )
        results = ExperimentalIncrementalExecutionResults(initial, later())
        context = SimpleNamespace(loaders=SimpleNamespace(close=nothing))
        deadline = asyncio.get_running_loop().time() + 5
        parts = [part async for part in IncrementalResponse(results, context, deadline, format)]
        if format is PartFormat.PATHS:
            assert whole_of(parts) == {"rows": [{"id": "a"}, {"id": "b", "names": ["x", "y"]}]}
        else:
            assert [each["id"] for each in parts[1]["pending"]] == ["1", "2"]
            assert [each["id"] for each in parts[1]["incremental"]] == ["0", "1", "2"]
