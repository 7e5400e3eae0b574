"""Keys as programs show them: over HTTP, on both sockets, at the doors of sound."""

from __future__ import annotations

import json

import pytest
from tornado.httpclient import AsyncHTTPClient
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.routing import Rule
from tornado.web import Application

from graph.build import build_executor
from handlers.base import BaseHandler, Manners
from handlers.graphql import GraphqlHandler
from handlers.playlist_files import PlaylistFileHandler
from handlers.socket import GraphqlSocket
from handlers.stream import StreamHandler
from handlers.upload import UploadHandler
from handlers.websocket_base import SocketPath
from realtime.broker import LocalBroker
from realtime.hub import Hub
from realtime.newsroom import Newsroom
from realtime.sockets import OpenSockets
from services.keys.key_ring import KeyKind
from services.scopes import Scope
from tests.catalogue_rig import PASSWORD
from tests.realtime.player.street import open_street
from tests.realtime.small_house import Client


@pytest.fixture
async def street(ann):
    """The doors of ann's house; `url` without the protocol."""
    house, sockets = ann.rig.house, OpenSockets()
    newsroom = Newsroom(house, hub=Hub(), broker=LocalBroker(), sockets=sockets)
    newsroom.start()
    shared = {"house": house, "manners": Manners()}
    graph = shared | {"executor": build_executor(house, newsroom.stream_feeds), "sockets": sockets}
    doors = [
        Rule(SocketPath(r"/graphql"), GraphqlSocket, graph),
        (r"/graphql", GraphqlHandler, graph),
        (r"/stream/([^/]+)", StreamHandler, shared),
        (r"/upload/([^/]+)", UploadHandler, shared),
        (r"/playlist/([^/]+)\.(m3u8|xspf|jspf)", PlaylistFileHandler, shared),
    ]
    server = HTTPServer(Application(doors, log_function=lambda handler: None))
    [listening] = bind_sockets(0, "127.0.0.1")
    server.add_sockets([listening])
    yield f"//127.0.0.1:{listening.getsockname()[1]}"
    server.stop()
    await sockets.drain(0)
    await server.close_all_connections()
    newsroom.stop()


async def _key(ann, *scopes):
    create = ann.rig.house.access_keys.create
    return await create(ann.viewer, KeyKind.API, name="n", scopes=scopes, password=PASSWORD)


async def _get(url, key, **more):
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    answer = await AsyncHTTPClient().fetch(f"http:{url}", headers=headers, raise_error=False, **more)
    return answer.code, json.loads(answer.body)


async def test_a_key_asks_the_graph_and_the_doors_of_sound_by_its_scopes(ann, street):
    reading, streaming = (await _key(ann, "read")).secret, (await _key(ann, "stream")).secret
    asked = {"method": "POST", "body": '{"query": "{ me { username } }"}'}
    assert await _get(f"{street}/graphql", reading, **asked) == (200, {"data": {"me": {"username": "ann"}}})
    _, refused = await _get(f"{street}/graphql", streaming, **asked)
    assert refused["errors"][0]["extensions"]["code"] == "SCOPE_NEEDED"
    code, refused = await _get(f"{street}/stream/no-song", reading)
    assert (code, refused["error"]["code"]) == (403, "SCOPE_NEEDED")
    assert (await _get(f"{street}/stream/no-song", streaming))[0] == 404
    # A door for anyone, which shows somebody more than nobody.
    assert (await _get(f"{street}/playlist/none.m3u8", streaming))[0] == 403
    assert (await _get(f"{street}/playlist/none.m3u8", reading))[0] == 404
    await ann.rig.store.users.update({"_id": ann.id}, {"$set": {"roles": ["artist"]}})
    full = (await _key(ann, "stream", "manage")).secret
    code, refused = await _get(f"{street}/upload/none", full)
    assert (code, refused["error"]["code"]) == (403, "SCOPE_NEEDED")
    code, refused = await _get(f"{street}/graphql", "tutti_nobodys", **asked)
    assert (code, refused["errors"][0]["extensions"]["code"]) == (401, "TOKEN_INVALID")


async def test_a_songs_ticket_is_worth_no_more_than_the_key_it_was_given_to(ann, street):
    viewer = await ann.rig.house.accounts.viewer_for((await _key(ann, "read")).secret)
    given = {"user_id": ann.id, "session_id": viewer.session_id, "song_id": "s1", "quality": "high"}
    ticket = ann.rig.house.tickets.issue(**given)
    answer = await AsyncHTTPClient().fetch(f"http:{street}/stream/s1?ticket={ticket}", raise_error=False)
    assert (answer.code, json.loads(answer.body)["error"]["code"]) == (403, "SCOPE_NEEDED")


async def test_a_socket_that_a_key_opened_closes_when_it_is_revoked(ann, street):
    fresh = await _key(ann, "read")
    async with Client(f"ws:{street}/graphql", {}) as client:
        await client.init(fresh.secret)
        await client.subscribe("{ me { username } }")
        assert (await client.receive())["payload"] == {"data": {"me": {"username": "ann"}}}
        await client.receive()
        await client.subscribe('mutation { createPlaylist(name: "x") { playlist { id } } }', id="2")
        assert (await client.receive())["payload"]["errors"][0]["extensions"]["code"] == "SCOPE_NEEDED"
        await client.receive()
        await ann.rig.house.access_keys.revoke(ann.viewer, KeyKind.API, fresh.key.id)
        assert await client.closed() == (4403, "Forbidden: the session has ended")


async def test_the_players_socket_needs_the_scope_of_playing(tmp_path):
    async with open_street(tmp_path) as players:
        me = await players.rig.sign_up("ann")
        create, tokens = players.house.access_keys.create, []
        for scope in (Scope.READ, Scope.STREAM):
            tokens.append((await create(me, KeyKind.API, name="n", scopes=[scope], password=PASSWORD)).secret)
        async with players.player() as refused, players.player() as welcome:
            await refused.send({"op": "hello", "id": "1", "token": tokens[0]})
            assert await refused.closed() == (4403, "Forbidden: This needs a key with the scope stream.")
            assert (await welcome.ask("hello", token=tokens[1]))["user"] == me.user_id


def test_every_door_says_what_a_key_needs():
    assert (BaseHandler.scope, StreamHandler.scope, UploadHandler.scope) == (Scope.READ, Scope.STREAM, Scope.UPLOAD)
