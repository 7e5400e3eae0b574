"""The GraphQL doors as other people's clients meet them: npm's graphql-http audits and graphql-ws, Python's gql."""

import asyncio
import io
import json

import pytest

from tests.server.client import Client
from tests.server.conftest import library, music, server
from tests.services.exercised import exercised, missing
from tests.services.npm_clients import run_script

__all__ = ["library", "music", "server"]
pytestmark = pytest.mark.services

NOW = "subscription ($u: ID!) { nowPlaying(userId: $u) { song { title } } }"
PLAY = "mutation ($s: ID!) { playSong(songId: $s) { success } }"


@pytest.fixture
async def person(server, request):
    client = Client(server.base)
    await client.register(f"p{abs(hash(request.node.name)) % 10**9}")
    return client


@pytest.fixture
async def song(person):
    return (await person.get("{ songs { edges { node { id } } } }"))["songs"]["edges"][0]["node"]["id"]


@pytest.fixture
def gql():
    try:
        import gql
    except ImportError:
        missing("gql", "pip install --group dev")
    return gql


async def test_all_audits_of_graphql_http_pass(server):
    done = await asyncio.to_thread(run_script, "audit.mjs", f"{server.base}/graphql")
    *failed, tally = done.stdout.splitlines() or [done.stderr]
    assert failed == []
    counted = json.loads(tally)
    assert set(counted) == {"MUST ok", "SHOULD ok", "MAY ok"}
    assert sum(counted.values()) >= 61
    exercised("npm graphql-http audits")


async def test_the_client_of_graphql_ws_is_at_home(person, song):
    address = f"{person.base.replace('http', 'ws')}/graphql"
    words = ("socket.mjs", address, person.token, person.user_id, song)
    done = await asyncio.to_thread(run_script, *words)
    told = ["query", "subscription", "persisted", "refusal", "deferred", "manyAtOnce", "badToken"]
    assert done.stdout.splitlines() == [f"ok {name}" for name in told], done.stderr
    exercised("npm graphql-ws client")


async def test_gql_asks_over_http_and_is_refused_politely(gql, person, song):
    from gql.transport.aiohttp import AIOHTTPTransport
    from gql.transport.exceptions import TransportQueryError

    headers = {"Authorization": f"Bearer {person.token}"}
    transport = AIOHTTPTransport(url=f"{person.base}/graphql", headers=headers)
    async with gql.Client(transport=transport, fetch_schema_from_transport=True) as session:
        asked = gql.gql("query ($id: ID) { song(id: $id) { id } me { id } }")
        asked.variable_values = {"id": song}
        assert await session.execute(asked) == {"song": {"id": song}, "me": {"id": person.user_id}}
        with pytest.raises(TransportQueryError) as refused:
            await session.execute(gql.gql('mutation { playSong(songId: "nothing") { success } }'))
        assert refused.value.errors[0]["extensions"]["code"] == "NOT_FOUND"
        batch = await session.execute_batch([gql.GraphQLRequest("{ __typename }"), gql.GraphQLRequest("{ me { id } }")])
        assert batch == [{"__typename": "Query"}, {"me": {"id": person.user_id}}]
    exercised("Python gql over HTTP")


async def test_gql_listens_over_a_websocket(gql, person, song):
    from gql.transport.websockets import WebsocketsTransport

    address = f"{person.base.replace('http', 'ws')}/graphql"
    transport = WebsocketsTransport(url=address, init_payload={"token": person.token})
    async with gql.Client(transport=transport) as session:
        listening = gql.gql(NOW)
        listening.variable_values = {"u": person.user_id}
        events = session.subscribe(listening)
        first = asyncio.ensure_future(anext(events))
        played = gql.gql(PLAY)
        played.variable_values = {"s": song}
        assert await session.execute(played) == {"playSong": {"success": True}}
        assert (await asyncio.wait_for(first, 10))["nowPlaying"]["song"]["title"]
        await events.aclose()
    exercised("Python gql over a websocket")


async def test_gql_uploads_a_file(gql, person):
    from gql.transport.aiohttp import AIOHTTPTransport
    from gql.transport.exceptions import TransportQueryError

    headers = {"Authorization": f"Bearer {person.token}"}
    async with gql.Client(transport=AIOHTTPTransport(url=f"{person.base}/graphql", headers=headers)) as session:
        shape = '{ __type(name: "Mutation") { fields { name args { name type { name ofType { name } } } } } }'
        fields = (await session.execute(gql.gql(shape)))["__type"]["fields"]
        taking = [
            (field["name"], argument["name"])
            for field in fields
            for argument in field["args"]
            if "Upload" in (argument["type"]["name"], (argument["type"]["ofType"] or {}).get("name"))
        ]
        if not taking:
            pytest.skip("no field takes a file")
        name, argument = taking[0]
        upload = gql.gql(f"mutation ($file: Upload) {{ {name}({argument}: $file) {{ __typename }} }}")
        upload.variable_values = {"file": gql.FileVar(io.BytesIO(b"no sound"), filename="no.mp3")}
        with pytest.raises(TransportQueryError) as refused:
            await session.execute(upload, upload_files=True)
        # The file arrived: it is its content, its rights or its missing words that are refused.
        codes = {error["extensions"]["code"] for error in refused.value.errors}
        assert codes <= {"DENIED", "INVALID", "GRAPHQL_INVALID", "UNAUTHENTICATED", "PAYMENT_REQUIRED"}
    exercised("Python gql uploads")
