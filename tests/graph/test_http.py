"""The HTTP door: media types, status codes, shapes of requests, refusals."""

import asyncio
import json
import re
from pathlib import Path
from urllib.parse import urlencode

import pytest

from handlers.accept import negotiate
from tests.catalogue_rig import serving

WEB = Path(__file__).parent.parent.parent / "web"
RESPONSE = "application/graphql-response+json"
JSON = "application/json"
GOOD, BROKEN, UNKNOWN = "{ __typename }", "{", "{ nothing }"


def shape(answer):
    """Status, media type and body of an answer."""
    return answer.code, answer.headers["Content-Type"], json.loads(answer.body)


@pytest.mark.parametrize(
    ("accept", "chosen"),
    [
        (None, JSON),
        ("", JSON),
        ("*/*", JSON),
        ("application/*", JSON),
        (JSON, JSON),
        (RESPONSE, RESPONSE),
        (f"{RESPONSE}, {JSON}", RESPONSE),
        (f"{JSON}, {RESPONSE}", RESPONSE),
        (f"{RESPONSE};q=0.5, {JSON}", JSON),
        (f"{RESPONSE}; charset=utf-8, {JSON};q=0.9", RESPONSE),
        (f"{RESPONSE}; charset=utf-16, */*;q=0.1", JSON),
        (f"{JSON};q=0, */*", RESPONSE),
        ("text/html", None),
        ("image/png, text/*;q=0.3", None),
        (f"{JSON};q=0", None),
        (f"{JSON};q=nonsense", None),
    ],
)
def test_the_answers_media_type_is_negotiated(accept, chosen):
    assert negotiate(accept, (RESPONSE, JSON), usual=JSON) == chosen


def test_a_browser_gets_the_page_and_a_script_does_not():
    browser = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8"
    assert negotiate(browser, (RESPONSE, JSON, "text/html"), usual=JSON) == "text/html"
    assert negotiate("*/*", (RESPONSE, JSON, "text/html"), usual=JSON) == JSON


@pytest.mark.parametrize(
    ("query", "code", "older_code"),
    [
        (GOOD, 200, 200),
        (BROKEN, 400, 200),
        (UNKNOWN, 400, 200),
        ("query ($n: Int!) { newReleases(limit: $n) { id } }", 400, 200),
    ],
)
async def test_status_codes_follow_the_media_type(client, query, code, older_code):
    newer = shape(await client.post({"query": query}, Accept=RESPONSE))
    older = shape(await client.post({"query": query}, Accept=JSON))
    assert newer[:2] == (code, f"{RESPONSE}; charset=utf-8")
    assert older[:2] == (older_code, f"{JSON}; charset=utf-8")
    assert newer[2] == older[2]
    assert ("data" in newer[2]) is (code == 200)


async def test_a_refused_field_is_200_for_either_media_type(client):
    for accept in (RESPONSE, JSON):
        code, _, body = shape(
            await client.post({"query": 'mutation { playSong(songId: "s1") { success } }'}, Accept=accept)
        )
        assert (code, body["data"], body["errors"][0]["extensions"]) == (
            200,
            {"playSong": None},
            {"code": "UNAUTHENTICATED"},
        )


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ("{", None),
        ("", None),
        ("7", None),
        ("[7]", None),
        ('[{"query": ""}]', "query"),
        ("{}", "query"),
        ('{"query": ""}', "query"),
        ('{"query": 7}', "query"),
        ('{"query": {"a": 1}}', "query"),
        ('{"query": "{ __typename }", "variables": []}', "variables"),
        ('{"query": "{ __typename }", "variables": "{}"}', "variables"),
        ('{"query": "{ __typename }", "extensions": 1}', "extensions"),
        ('{"query": "{ __typename }", "operationName": 1}', "operationName"),
        (b'{"query": "\xff"}', None),
    ],
)
async def test_a_malformed_request_is_400_and_says_where(client, body, field):
    for accept in (RESPONSE, JSON):
        code, kind, said = shape(await client.post(body, Accept=accept))
        assert (code, kind) == (400, f"{accept}; charset=utf-8")
        assert said["errors"][0]["extensions"].get("field") == field
        assert said["errors"][0]["extensions"]["code"] == "INVALID"


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"])
async def test_what_a_foreign_page_could_send_without_asking_is_415(client, kind):
    parts = '--x\r\nContent-Disposition: form-data; name="query"\r\n\r\n{ __typename }\r\n--x--\r\n'
    body = parts if kind.startswith("multipart") else '{"query": "{ __typename }"}'
    answer = await client.post(body, Content_Type=kind)
    assert (answer.code, answer.headers["Accept-Post"]) == (415, JSON)


async def test_json_in_another_charset_is_415(client):
    assert (await client.post({"query": GOOD}, Content_Type="application/json; charset=utf-16")).code == 415
    assert (await client.post({"query": GOOD}, Content_Type='application/json; charset="UTF-8"')).code == 200


async def test_an_answer_nobody_wants_is_406(client):
    answer = await client.post({"query": GOOD}, Accept="image/png")
    assert (answer.code, json.loads(answer.body)["errors"][0]["extensions"]["code"]) == (406, "NOT_ACCEPTABLE")


async def test_get_runs_queries_and_refuses_mutations(client):
    path = "/graphql?" + urlencode(
        {
            "query": "query A($id: ID) { song(id: $id) { title } } query B { __typename }",
            "variables": '{"id": "s1"}',
            "operationName": "A",
        }
    )
    assert json.loads((await client.fetch(path)).body) == {"data": {"song": {"title": "First"}}}
    refused = await client.fetch("/graphql?" + urlencode({"query": "mutation { logout { success } }"}))
    assert (refused.code, refused.headers["Allow"]) == (405, "POST")
    assert (await client.fetch("/graphql")).code == 400
    assert (await client.fetch("/graphql?" + urlencode({"query": GOOD, "variables": "{"}))).code == 400
    head = await client.fetch(path, method="HEAD")
    assert (head.code, head.body) == (200, b"")


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
async def test_other_methods_are_405_with_the_list_of_those_that_work(client, method):
    answer = await client.fetch("/graphql", method=method, allow_nonstandard_methods=True, body="{}")
    assert (answer.code, answer.headers["Allow"]) == (405, "GET, HEAD, POST, OPTIONS")


async def test_a_bad_token_is_401_in_graphqls_own_shape(client):
    code, kind, said = shape(await client.post({"query": GOOD}, "nonsense", Accept=RESPONSE))
    assert (code, kind) == (401, f"{RESPONSE}; charset=utf-8")
    assert said["errors"][0]["extensions"]["code"] == "TOKEN_INVALID"
    assert said["errors"][0]["extensions"]["requestId"]


async def test_the_page_is_for_everybody_and_runs_only_our_scripts(client):
    answer = await client.fetch("/graphql", headers={"Accept": "text/html", "Authorization": "Bearer nonsense"})
    assert answer.code == 200
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "script-src 'self';" in answer.headers["Content-Security-Policy"]
    assert b'src="/web/graphiql.js"' in answer.body
    assert b"<script>" not in answer.body


async def test_answers_are_not_kept_and_vary_by_what_is_accepted(client):
    answer = await client.post({"query": GOOD})
    assert (answer.headers["Cache-Control"], answer.headers["Vary"]) == ("no-store", "Accept,Accept-Encoding")
    assert "Etag" not in answer.headers


async def test_a_request_over_the_bound_is_413(client):
    answer = await client.post({"query": GOOD, "extensions": {"padding": "x" * 1_000_001}})
    assert (answer.code, json.loads(answer.body)["errors"][0]["extensions"]["code"]) == (413, "TOO_LARGE")


async def test_the_preflight_of_an_allowed_origin_is_answered(music):
    async with serving(music, cors_origins=frozenset({"https://app.example"})) as client:
        asking = {"Origin": "https://app.example", "Access-Control-Request-Method": "POST"}
        answer = await client.fetch("/graphql", method="OPTIONS", headers=asking)
        assert (answer.code, answer.headers["Access-Control-Allow-Origin"]) == (204, "https://app.example")
        stranger = await client.fetch(
            "/graphql", method="OPTIONS", headers={**asking, "Origin": "https://evil.example"}
        )
        assert "Access-Control-Allow-Origin" not in stranger.headers


async def test_a_query_whose_caller_left_is_given_up(music, client):
    begun, given_up = asyncio.Event(), asyncio.Event()

    async def slow(*_):
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            given_up.set()

    music.house.songs.get_many = slow
    body = json.dumps({"query": '{ song(id: "s1") { id } }'}).encode()
    _, writer = await asyncio.open_connection("127.0.0.1", int(client.base.rpartition(":")[2]))
    head = f"POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: {JSON}\r\nContent-Length: {len(body)}\r\n\r\n"
    writer.write(head.encode() + body)
    await begun.wait()
    writer.close()
    await asyncio.wait_for(given_up.wait(), 10)


async def test_a_refusal_can_be_read_by_a_page_of_an_allowed_origin(music):
    async with serving(music, cors_origins=frozenset({"https://app.example"})) as client:
        answer = await client.post({"query": GOOD}, "nonsense", Origin="https://app.example")
        assert (answer.code, answer.headers["Access-Control-Allow-Origin"]) == (401, "https://app.example")
        assert answer.headers["X-Request-ID"] == json.loads(answer.body)["errors"][0]["extensions"]["requestId"]


def test_the_pages_packages_are_pinned_without_naming_where_they_come_from():
    script = (WEB / "graphiql.js").read_text(encoding="utf-8")
    listed = json.loads((WEB / "package.json").read_text(encoding="utf-8"))["dependencies"]
    lock = json.loads((WEB / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    used = re.findall(r'\["([a-z-]+)", "([a-z-]+)/', script)
    assert [name for name, _ in used] == ["react", "react-dom", "graphql-ws", "graphiql"]
    for name, folder in used:
        assert name == folder
        assert name in listed
        assert lock[f"node_modules/{name}"]["integrity"].startswith("sha512-")
    assert [name for name, package in lock.items() if "resolved" in package] == []
