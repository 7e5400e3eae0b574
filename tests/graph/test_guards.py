"""What stands before a request at both doors: rates, prices, persisted documents, the list of allowed ones, batches."""

import asyncio
import json
from urllib.parse import urlencode

import orjson
import pytest

from graph.build import build_executor
from graph.execute import Request
from graph.limits import Limits
from graph.persisted import BadAllowList, Persisted, hash_of, read_allow_list
from services.errors import Invalid
from services.rates import CostRates, Rate
from services.viewer import NOBODY, Role
from tests.graph.doors import open_doors

RESPONSE = "application/graphql-response+json"
SONG = '{ song(id: "s1") { title } }'
FIRST = {"data": {"song": {"title": "First"}}}


def rated(music, **options):
    """An executor whose callers have 100 each (and 10 a second), strangers 50 (and 5)."""
    rates = CostRates(music.clock, signed_in=Rate(10, 100), anonymous=Rate(5, 50))
    return build_executor(music.house, None, rates=rates, **options)


def codes(answer):
    return [error["extensions"]["code"] for error in answer["errors"]]


def apq(text, **more):
    return {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": hash_of(text)}}, **more}


async def test_who_asked_too_much_is_told_when_to_come_back(music):
    async with open_doors(music, rated(music)) as doors:
        costly = {"query": "{ songs(first: 11) { edges { node { id } cursor } } }"}
        assert (await doors.post(costly)).code == 200
        for accept in (RESPONSE, "application/json"):
            refused = await doors.post(costly, Accept=accept)
            said = json.loads(refused.body)["errors"][0]
            assert (refused.code, refused.headers["Retry-After"]) == (429, "8")
            assert refused.headers["Content-Type"] == f"{accept}; charset=utf-8"
            assert (said["extensions"]["code"], said["extensions"]["retryAfter"]) == ("TOO_MANY", 8.0)
        music.clock.turn(8)
        assert (await doors.post(costly)).code == 200


async def test_the_socket_and_http_count_together_and_people_apart_from_strangers(music):
    signed_in = await music.sign_in("ann")
    async with open_doors(music, rated(music)) as doors:
        async with doors.socket(signed_in.token) as ask:
            assert await ask("{ songs(first: 24) { edges { node { id } cursor } } }") != []
            refused = await ask("{ songs(first: 24) { edges { node { id } cursor } } }")
            assert codes(refused[0]) == ["TOO_MANY"]
            assert refused[0]["errors"][0]["extensions"]["retryAfter"] == 9.4
        again = await doors.post({"query": "{ songs(first: 24) { edges { node { id } cursor } } }"}, signed_in.token)
        assert again.code == 429
        assert (await doors.post({"query": SONG})).code == 200


async def test_a_subscription_and_a_broken_request_are_counted_too(music):
    rates = CostRates(music.clock, signed_in=Rate(10, 100), anonymous=Rate(5, 25))
    executor = build_executor(music.house, None, rates=rates)
    async with open_doors(music, executor) as doors, doors.socket() as ask:
        for _ in range(2):
            assert codes((await ask("{ nothing }"))[0]) == ["GRAPHQL_INVALID"]
        assert codes((await ask("{ nothing }"))[0]) == ["TOO_MANY"]
        music.clock.turn(1)
        assert codes(
            (await ask('subscription { nowPlaying(userId: "x") { timestamp user { id } song { id } } }'))[0]
        ) == ["UNAUTHENTICATED"]
        assert codes(await doors.ask("{ songs(first: 9) { edges { cursor } } }")) == ["TOO_MANY"]


async def test_a_long_broken_document_costs_by_its_length(music):
    executor = rated(music)
    await executor.execute(Request("{ nothing }" + "#" * 600), NOBODY)
    told = await executor.execute(Request(SONG, extensions={"cost": True}), NOBODY)
    assert told["extensions"]["cost"]["left"] == 50 - 30 - 2


@pytest.mark.parametrize("wrap", [lambda body: body, lambda body: [body]])
async def test_who_has_nothing_left_is_refused_before_the_document_is_read(music, monkeypatch, wrap):
    executor = rated(music)
    async with open_doors(music, executor) as doors, doors.socket() as ask:
        for _ in range(5):
            assert (await doors.post({"query": "{ nothing }"})).code in (200, 400)
        assert (await doors.post({"query": SONG})).code == 429
        monkeypatch.setattr(executor.documents, "read", None)
        refused = await doors.post(wrap({"query": "{ anything }"}))
        assert (refused.code, refused.headers["Retry-After"]) == (429, "2")
        assert codes((await ask("{ anything }"))[0]) == ["TOO_MANY"]
        assert (await doors.fetch("/graphql?query=%7Banything%7D")).code == 429


async def test_the_price_is_told_when_asked_for(music):
    music.executor = rated(music)
    asked = await music.executor.execute(Request(SONG, extensions={"cost": True}), NOBODY)
    assert asked == {**FIRST, "extensions": {"cost": {"requested": 2, "limit": 20_000, "left": 48}}}
    async with open_doors(music, music.executor) as doors:
        told = json.loads((await doors.post({"query": SONG}, GraphQL_Cost="1")).body)
        assert told["extensions"] == {"cost": {"requested": 2, "limit": 20_000, "left": 48}}
        assert json.loads((await doors.post({"query": SONG})).body) == FIRST
    always = build_executor(music.house, None, report_cost=True)
    assert (await always.execute(Request(SONG), NOBODY))["extensions"] == {"cost": {"requested": 2, "limit": 20_000}}


async def test_a_list_given_as_an_argument_and_a_weight_multiply(music):
    from graphql import build_schema, parse

    from graph.cost import check_cost, price_of

    schema = build_schema(
        """directive @cost(weight: Int! = 1, multipliers: [String!]! = ["first", "limit"]) on FIELD_DEFINITION
        input Part { ids: [ID!] } type Row { id: ID! }
        type Query { find(ids: [ID!], part: Part, count: Int, first: Int): [Row!]
          heavy(count: Int): [Row!] @cost(weight: 50, multipliers: ["count"]) }"""
    )
    for field in schema.query_type.fields.values():
        field.extensions = {"price": price_of(schema, field)}

    def cost(query, **variables):
        document = parse(query)
        return check_cost(schema, document, document.definitions[0], variables, Limits())

    assert cost("{ find(first: 3) { id } }") == 1 + 3
    assert cost('{ find(ids: ["a", "b", "c", "d"]) { id } }') == 4 + 10
    assert cost("query ($p: Part) { find(part: $p) { id } }", p={"ids": ["a"] * 500}) == 500 + 10
    assert cost("query ($i: [ID!]) { find(part: {ids: $i}, first: 1) { id } }", i=["a"] * 7) == 7 + 1
    assert cost("{ heavy(count: 4) { id } }") == 50 + 4
    assert cost("{ heavy { id } }") == 50 + 10
    assert cost("query ($n: Int = 6) { heavy(count: $n) { id } }") == 50 + 6
    assert cost("query ($n: Int = 6) { heavy(count: $n) { id } }", n=2) == 50 + 2
    assert cost("{ find(first: 999999999) { id } }") == 1 + 1_000


async def test_a_document_is_registered_once_and_then_named(music):
    async with open_doors(music, music.executor) as doors:
        unknown = await doors.post(apq(SONG), Accept=RESPONSE)
        assert (unknown.code, json.loads(unknown.body)) == (
            200,
            {"errors": [{"message": "PersistedQueryNotFound", "extensions": {"code": "PERSISTED_QUERY_NOT_FOUND"}}]},
        )
        async with doors.socket() as ask:
            assert codes((await ask(**apq(SONG)))[0]) == ["PERSISTED_QUERY_NOT_FOUND"]
            assert json.loads((await doors.post(apq(SONG, query=SONG))).body) == FIRST
            assert await ask(**apq(SONG)) == [FIRST]
        assert json.loads((await doors.post(apq(SONG))).body) == FIRST
        got = await doors.fetch("/graphql?" + urlencode({"extensions": json.dumps(apq(SONG)["extensions"])}))
        assert (json.loads(got.body), got.headers["Cache-Control"]) == (FIRST, "no-store")


@pytest.mark.parametrize(
    ("extension", "query", "code"),
    [
        ({"version": 1, "sha256Hash": "0" * 64}, SONG, "PERSISTED_QUERY_HASH_MISMATCH"),
        ({"version": 2, "sha256Hash": hash_of(SONG)}, SONG, "PERSISTED_QUERY_NOT_SUPPORTED"),
        ({"version": 1, "sha256Hash": 7}, "", "INVALID"),
        ({"version": 1}, "", "INVALID"),
        ({}, "", "PERSISTED_QUERY_NOT_SUPPORTED"),
    ],
)
async def test_a_hash_that_does_not_fit_is_refused(client, extension, query, code):
    said = json.loads((await client.post({"query": query, "extensions": {"persistedQuery": extension}})).body)
    assert codes(said) == [code]


async def test_a_mutation_named_by_its_hash_is_refused_over_get(music):
    text = "mutation { logout { success } }"
    async with open_doors(music, music.executor) as doors:
        await doors.post(apq(text, query=text))
        got = await doors.fetch("/graphql?" + urlencode({"extensions": json.dumps(apq(text)["extensions"])}))
        assert got.code == 405


async def test_only_valid_documents_are_remembered_and_not_too_many(music):
    executor = build_executor(music.house, None, persisted_queries=2)
    kept = executor._persisted
    for text in ("{ nothing }", "{", "{ a: __typename }", "{ b: __typename }", "{ c: __typename }"):
        await executor.execute(Request(**apq(text, query=text)), NOBODY)
    assert len(kept) == 2
    answers = [await executor.execute(Request(**apq(f"{{ {name}: __typename }}")), NOBODY) for name in "abc"]
    assert [answer.get("data") for answer in answers] == [None, {"b": "Query"}, {"c": "Query"}]
    short = Persisted(characters_limit=40)
    for text in ("{ a: __typename }", "{ b: __typename }", "{ c: __typename }"):
        short.keep(Request(**apq(text, query=text)), text)
    assert len(short) == 2
    off = build_executor(music.house, None, persisted_queries=0)
    assert codes(await off.execute(Request(**apq(SONG)), NOBODY)) == ["PERSISTED_QUERY_NOT_SUPPORTED"]


@pytest.mark.parametrize("form", ["folder", "list", "object", "manifest"])
async def test_only_documents_on_the_list_run(music, tmp_path, form):
    place = tmp_path / "allowed"
    if form == "folder":
        (place / "deep").mkdir(parents=True)
        (place / "deep" / "song.graphql").write_text(f"\n{SONG}\n", encoding="utf-8")
    else:
        shapes = {
            "list": [SONG],
            "object": {hash_of(SONG): SONG},
            "manifest": {
                "format": "apollo-persisted-query-manifest",
                "version": 1,
                "operations": [{"id": hash_of(SONG), "body": SONG, "name": "Song", "type": "query"}],
            },
        }
        place.write_bytes(orjson.dumps(shapes[form]))
    executor = build_executor(music.house, None, allowed=read_allow_list(place))
    admin = await music.sign_up("root", Role.ADMIN)
    for allowed in (Request(SONG), Request(f"  {SONG}\n"), Request(**apq(SONG)), Request(**apq(SONG, query=SONG))):
        assert await executor.execute(allowed, NOBODY) == FIRST
    for refused in (Request("{ __typename }"), Request(**apq("{ __typename }")), Request("{")):
        assert codes(await executor.execute(refused, admin)) == ["DOCUMENT_NOT_ALLOWED"]
    other = "{ __typename }"
    assert codes(await executor.execute(Request(**apq(other, query=other)), admin)) == ["DOCUMENT_NOT_ALLOWED"]


@pytest.mark.parametrize("content", [b"{", b"7", b"[]", b"[7]", b'{"ab": "{ __typename }"}', b'{"operations": [{}]}'])
def test_a_list_that_cannot_be_read_stops_the_start(tmp_path, content):
    place = tmp_path / "allowed.json"
    place.write_bytes(content)
    with pytest.raises(BadAllowList):
        read_allow_list(place)
    with pytest.raises(BadAllowList):
        read_allow_list(tmp_path / "nowhere")


async def test_a_listed_document_that_does_not_fit_the_schema_stops_the_start(music):
    with pytest.raises(BadAllowList, match="Cannot query field 'nothing'"):
        build_executor(music.house, None, allowed={hash_of("{ nothing }"): "{ nothing }"})


async def test_a_batch_is_answered_in_order(client):
    body = [
        {"query": "query ($id: ID) { song(id: $id) { title } }", "variables": {"id": "s2"}},
        {"query": "{ nothing }"},
        {"query": "{ __typename }"},
    ]
    for accept in (RESPONSE, "application/json"):
        answer = await client.post(body, Accept=accept)
        said = json.loads(answer.body)
        assert (answer.code, answer.headers["Content-Type"]) == (200, f"{accept}; charset=utf-8")
        assert [said[0], codes(said[1]), said[2]] == [
            {"data": {"song": {"title": "Second"}}},
            ["GRAPHQL_INVALID"],
            {"data": {"__typename": "Query"}},
        ]


@pytest.mark.parametrize("count", [0, 11])
async def test_a_batch_of_the_wrong_size_is_refused_whole(music, client, count):
    music.engine.asked.clear()
    answer = await client.post([{"query": SONG}] * count, Accept=RESPONSE)
    assert (answer.code, codes(json.loads(answer.body))) == (400, ["BATCH_TOO_LARGE"])
    assert music.engine.asked == {}
    with pytest.raises(Invalid):
        await music.executor.execute_batch([Request(SONG)] * count, NOBODY)


async def test_the_costs_of_a_batch_are_added(music, client):
    query = "{ artists(first: 100) { edges { node { albums { title } genres { name } } } } }"
    assert json.loads((await client.post([{"query": query}] * 2)).body)[1]["data"]
    refused = await client.post([{"query": query}] * 9)
    assert (refused.code, codes(json.loads(refused.body))) == (400, ["TOO_COSTLY"])


async def test_mutations_of_a_batch_run_in_order_and_queries_side_by_side(music, client):
    token = (await music.sign_in("ann")).token
    play = 'mutation { playSong(songId: "s1", playId: "%s") { song { playCount } } }'
    look = '{ song(id: "s1") { playCount } }'
    queries = [play % "p1", look, look, play % "p2", look]
    said = json.loads((await client.post([{"query": query} for query in queries], token)).body)
    counts = [(each["data"].get("playSong") or each["data"])["song"]["playCount"] for each in said]
    assert counts == [11, 11, 11, 12, 12]
    at_once, most = 0, 0
    get_many = music.house.songs.get_many

    async def watched(*arguments):
        nonlocal at_once, most
        at_once, most = at_once + 1, max(most, at_once + 1)
        await asyncio.sleep(0)
        found = await get_many(*arguments)
        at_once -= 1
        return found

    music.house.songs.get_many = watched
    answers = await music.executor.execute_batch([Request(SONG)] * 10, NOBODY)
    assert answers == [FIRST] * 10
    assert 1 < most <= 4


async def test_a_batch_with_a_bad_token_may_only_get_a_new_one(client):
    login = 'mutation { login(email: "x@example.com", password: "wrong wrong") { token } }'
    refused = await client.post([{"query": login}, {"query": SONG}], "nonsense")
    assert (refused.code, codes(json.loads(refused.body))) == (401, ["TOKEN_INVALID"])
    assert (await client.post([{"query": login}], "nonsense")).code == 200


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        ("text/plain", 415),
        ("text/plain; charset=utf-8", 415),
        ("application/x-www-form-urlencoded", 415),
        ("", 415),
        ("application/jsonp", 415),
        ("application/json, text/plain", 415),
    ],
)
@pytest.mark.parametrize("origin", ["https://evil.example", "null", None])
async def test_a_simple_request_from_another_site_runs_nothing(music, client, kind, code, origin):
    headers = {} if origin is None else {"Origin": origin}
    music.engine.asked.clear()
    for body in (json.dumps({"query": SONG}), urlencode({"query": SONG}), json.dumps([{"query": SONG}])):
        answer = await client.post(body, Content_Type=kind, **headers)
        assert answer.code == code
        assert "Access-Control-Allow-Origin" not in answer.headers
    assert music.engine.asked == {}


async def test_a_get_from_another_site_changes_nothing_and_cookies_mean_nothing(music, client):
    signed_in = await music.sign_in("ann")
    headers = {"Origin": "https://evil.example", "Cookie": f"token={signed_in.token}; Authorization={signed_in.token}"}
    got = await client.fetch("/graphql?" + urlencode({"query": "{ me { id } }"}), headers=headers)
    assert json.loads(got.body) == {"data": {"me": None}}
    changing = await client.fetch(
        "/graphql?" + urlencode({"query": "mutation { logout { success } }"}), headers=headers
    )
    assert changing.code == 405


SUGGESTIVE = [
    ("{ son { id } }", {}),
    ('{ song(di: "x") { id } }', {}),
    ("{ songs(orderBy: TITEL) { totalCount } }", {}),
    ("{ songs(filters: {gener: \"x\"}) { totalCount } }", {}),
    ("query ($f: SongFilters) { songs(filters: $f) { totalCount } }", {"f": {"gener": "x"}}),
    ("query ($o: CatalogueOrder!) { songs(orderBy: $o) { totalCount } }", {"o": "TITEL"}),
    ("query ($o: CatalogOrder!) { songs(orderBy: $o) { totalCount } }", {"o": "TITLE"}),
    ("{ songs { ... on SongConection { totalCount } } }", {}),
    ("subscription ($u: ID!) { nowPlayin(userId: $u) { timestamp } }", {"u": "x"}),
    ("{ song(id: \"x\") @skip(fi: true) { id } }", {}),
]  # fmt: skip


@pytest.mark.parametrize(("query", "variables"), SUGGESTIVE)
async def test_production_gives_no_hints_at_either_door(music, query, variables):
    closed = build_executor(music.house, None, introspection=False)
    async with open_doors(music, closed) as doors, doors.socket() as ask:
        over_http = json.loads((await doors.post({"query": query, "variables": variables})).body)
        over_socket = (await ask(query, variables=variables))[0]
        for said in (over_http, over_socket):
            assert "did you mean" not in str(said).lower()
            assert set(codes(said)) == {"GRAPHQL_INVALID"}
        schema = (await ask("{ __schema { types { name } } }"))[0]
        assert set(codes(schema)) == {"GRAPHQL_INVALID"}


async def test_elsewhere_hints_are_given(music):
    said = [str(await music.ask(query, **variables)) for query, variables in SUGGESTIVE if "subscription" not in query]
    assert [each for each in said if "Did you mean" not in each] == []


async def test_the_socket_spells_its_protocol_as_the_standard_does(music):
    async with open_doors(music, music.executor) as doors:
        reader, writer = await asyncio.open_connection("127.0.0.1", int(doors.base.rpartition(":")[2]))
        writer.write(
            b"GET /graphql HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
            b"Sec-WebSocket-Protocol: graphql-ws, graphql-transport-ws\r\n\r\n"
        )
        head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 60)
        assert b"\r\nSec-WebSocket-Protocol: graphql-transport-ws\r\n" in head
        writer.close()
