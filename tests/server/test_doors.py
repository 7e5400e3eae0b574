"""What every door owes to whoever knocks, whatever is behind it."""

import json

import pytest

from tests.server.client import Client

DOORS = {
    "/": "GET, HEAD, OPTIONS",
    "/healthz": "GET, HEAD, OPTIONS",
    "/readyz": "GET, HEAD, OPTIONS",
    "/metrics": "GET, HEAD, OPTIONS",
    "/covers/nope": "GET, HEAD, OPTIONS",
    "/share/nope": "GET, HEAD, OPTIONS",
    "/stream/nope": "GET, HEAD, OPTIONS",
    "/playlists/nope.m3u8": "GET, HEAD, OPTIONS",
    "/playlists/nope.jspf": "GET, HEAD, OPTIONS",
    "/upload/nope": "GET, HEAD, PUT, DELETE, OPTIONS",
    "/graphql": "GET, HEAD, POST, OPTIONS",
}


@pytest.fixture
async def client(server):
    """Somebody signed in: the sign-in comes before the question about the method."""
    client = Client(server.base)
    if not hasattr(server, "knocker"):
        await client.register("knocker")
        server.knocker = client.token
    client.token = server.knocker
    return client


@pytest.mark.parametrize("path", DOORS)
async def test_a_method_that_a_door_does_not_take_is_told_the_ones_it_does(server, path):
    answer = await Client(server.base).fetch(path, method="OPTIONS")
    assert (answer.code, answer.headers["Allow"]) == (204, DOORS[path])
    # Nobody's methods are refused before it is asked who comes.
    refused = await Client(server.base).fetch(path, method="TRACE", allow_nonstandard_methods=True)
    assert (refused.code, refused.headers["Allow"]) == (405, DOORS[path])
    assert len(refused.headers["X-Request-ID"]) == 16


@pytest.mark.parametrize("path", [path for path in DOORS if path not in ("/graphql", "/upload/nope")])
async def test_a_door_without_post_says_so_to_people_who_may_enter(client, path):
    refused = await client.fetch(path, method="POST", body="")
    assert (refused.code, refused.headers["Allow"]) == (405, DOORS[path])
    assert refused.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("path", ["/", "/healthz", "/readyz", "/metrics"])
async def test_head_is_get_without_the_body(server, path):
    whole = await Client(server.base).fetch(path)
    head = await Client(server.base).fetch(path, method="HEAD")
    assert (whole.code, head.code, head.body) == (200, 200, b"")
    assert head.headers["Content-Type"] == whole.headers["Content-Type"]


async def test_files_of_the_pages_name_their_methods_too(server):
    refused = await Client(server.base).fetch("/web/nope.js", method="POST", body="")
    assert (refused.code, refused.headers["Allow"], refused.headers["Cache-Control"]) == (405, "GET, HEAD", "no-store")


async def test_where_nothing_is_no_method_is_known(server):
    answer = await Client(server.base).fetch("/nope", method="TRACE", allow_nonstandard_methods=True)
    assert answer.code == 404
    assert json.loads(answer.body)["error"]["code"] == "NOT_FOUND"


async def test_an_address_that_is_no_text_is_refused_under_the_callers_own_id(server):
    answer = await Client(server.base).fetch("/covers/%ff", headers={"X-Request-ID": "my-own-trace"})
    assert answer.code == 400
    assert json.loads(answer.body)["error"]["requestId"] == "my-own-trace"


async def test_strangers_write_no_warnings_and_no_share_tokens_into_the_log(server):
    client = Client(server.base)
    await client.fetch("/web/%2e%2e/run.py?ticket=abc")
    await client.fetch("/web/%ff")
    assert (await client.fetch("/share/SecretSecretSecretSecret")).code == 404
    # A line is written after its answer; the next answer comes after that.
    assert (await client.fetch("/healthz")).code == 200
    log = server.log.read_text()
    assert "SecretSecret" not in log
    assert "path=/share/*** status=404" in log
    assert "tornado.general" not in log


async def test_answers_that_differ_by_origin_say_so_even_without_one(own_server):
    own_server.settings["TUTTI_SERVER_CORS_ORIGINS"] = "http://friend.example"
    own_server.start()
    client = Client(own_server.base)
    for path in ("/covers/nope", "/graphql?query={__typename}", "/playlists/nope.m3u8"):
        plain = await client.fetch(path)
        assert "Origin" in plain.headers["Vary"]
        assert "Access-Control-Allow-Origin" not in plain.headers
        friend = await client.fetch(path, headers={"Origin": "http://friend.example"})
        assert friend.headers["Access-Control-Allow-Origin"] == "http://friend.example"
        stranger = await client.fetch(path, headers={"Origin": "http://stranger.example"})
        assert "Access-Control-Allow-Origin" not in stranger.headers
