"""The socket over the real parts: accounts, embedded store, graph; now-playing between two clients."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from datetime import timedelta

import pytest
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.routing import Rule
from tornado.web import Application

from graph.build import build_executor
from handlers.base import Manners
from handlers.graphql import GraphqlHandler
from handlers.socket import GraphqlSocket
from handlers.websocket_base import SocketPath
from realtime.broker import LocalBroker
from realtime.hub import Hub
from realtime.newsroom import Newsroom
from realtime.sockets import OpenSockets
from services.errors import Conflict
from services.viewer import SYSTEM
from storage.records import Artist, Song
from tests.catalogue_rig import PASSWORD, small_house
from tests.realtime.small_house import Client, until

NOW = (
    "subscription ($id: ID!) { nowPlaying(userId: $id) { user { username } song { title artist { name } } timestamp } }"
)


@pytest.fixture
async def street(tmp_path):
    """A house with one song, its doors open; gives clients and tokens."""
    async with small_house(tmp_path) as rig:
        house, hub, sockets, broker = rig.house, Hub(), OpenSockets(), LocalBroker()
        newsroom = Newsroom(house, hub=hub, broker=broker, sockets=sockets)
        newsroom.start()
        now = house.clock.now()
        await rig.store.artists.insert(Artist("anna", "Anna", "Anna", "anna", "anna", now, now))
        song = Song("s1", "Tides", "Tides", "tides", "anna", "Anna", now, now, artist_ids=["anna"])
        await rig.store.songs.insert(song)
        await rig.store.songs.insert(replace(song, id="s2", title="Ebb", slug="ebb"))
        executor = build_executor(house, newsroom.stream_feeds)
        shared = {"house": house, "manners": Manners(), "executor": executor}
        server = HTTPServer(
            Application(
                [
                    Rule(SocketPath(r"/graphql"), GraphqlSocket, {**shared, "sockets": sockets}),
                    (r"/graphql", GraphqlHandler, {**shared, "sockets": sockets}),
                ],
                log_function=lambda handler: None,
            )
        )
        [listening] = bind_sockets(0, "127.0.0.1")
        server.add_sockets([listening])
        rig.url = f"ws://127.0.0.1:{listening.getsockname()[1]}/graphql"
        rig.hub, rig.sockets, rig.open_executor = hub, sockets, executor
        yield rig
        server.stop()
        await sockets.drain(0)
        await server.close_all_connections()
        newsroom.stop()
        assert (len(sockets), len(hub)) == (0, 0)


async def signed_in(rig, name):
    email = f"{name}@example.com"
    with contextlib.suppress(Conflict):
        await rig.house.accounts.create(SYSTEM, email=email, username=name, password=PASSWORD, roles=[])
    return await rig.house.accounts.signing_in.log_in(SYSTEM, email=email, password=PASSWORD)


async def test_two_clients_share_now_playing_through_the_real_house(street):
    ann, bob = await signed_in(street, "anna_l"), await signed_in(street, "bob_l")
    await street.following(bob.user.id, ann.user.id)
    async with Client(street.url, {}) as playing, Client(street.url, {}) as listening:
        await playing.init(ann.token)
        ack = await listening.init(bob.token)
        assert ack["payload"] == {"expiresAt": (street.clock.now() + timedelta(seconds=900)).isoformat()}
        await listening.subscribe(NOW, variables={"id": ann.user.id})
        await until(lambda: len(street.hub) == 1)
        for song_id, title in (("s1", "Tides"), ("s2", "Ebb")):
            await playing.subscribe(f'mutation {{ playSong(songId: "{song_id}") {{ success }} }}', id=song_id)
            answer = await playing.receive()
            assert answer["payload"] == {"data": {"playSong": {"success": True}}}, answer
            await playing.receive()
            told = (await listening.receive())["payload"]["data"]["nowPlaying"]
            assert told["user"] == {"username": "anna_l"}
            assert told["song"] == {"title": title, "artist": {"name": "Anna"}}
            assert told["timestamp"] == street.clock.now().isoformat(timespec="milliseconds").replace("+00:00", "Z")
            street.clock.turn(2)


async def test_refusals_keep_their_codes_and_the_socket(street):
    bob = await signed_in(street, "bob_l")
    async with Client(street.url, {}) as nobody, Client(street.url, {}) as somebody:
        await nobody.init()
        await somebody.init(bob.token)
        for client, user_id, code in [(nobody, bob.user.id, "UNAUTHENTICATED"), (somebody, "nobody", "NOT_FOUND")]:
            await client.subscribe(NOW, variables={"id": user_id})
            answer = await client.receive()
            assert answer["type"] == "error", answer
            assert answer["payload"][0]["extensions"]["code"] == code
            await client.subscribe("{ __typename }")
            assert (await client.receive())["payload"] == {"data": {"__typename": "Query"}}


async def test_logging_out_closes_the_sockets_of_that_session(street):
    phone, tablet = await signed_in(street, "anna_l"), await signed_in(street, "anna_l")
    async with Client(street.url, {}) as one, Client(street.url, {}) as other:
        await one.init(phone.token)
        await other.init(tablet.token)
        await street.house.accounts.signing_in.log_out(await street.house.accounts.viewer_for(phone.token))
        assert await one.closed() == (4403, "Forbidden: the session has ended")
        await other.subscribe("{ me { username } }")
        assert (await other.receive())["payload"] == {"data": {"me": {"username": "anna_l"}}}
    async with Client(street.url, {}) as late:
        await late.send({"type": "connection_init", "payload": {"token": phone.token}})
        assert await late.closed() == (4403, "Forbidden: Sign in again.")


async def test_an_open_socket_sees_a_changed_preference_with_the_next_operation(street):
    await street.store.songs.update({"_id": "s2"}, {"$set": {"is_explicit": True}})
    ann = await signed_in(street, "anna_l")
    async with Client(street.url, {}) as client:
        await client.init(ann.token)
        for wanted, shown in ((True, {"title": "Ebb"}), (False, None)):
            change = "mutation ($e: Boolean) { updatePreferences(explicitContent: $e) { preferences { language } } }"
            await client.subscribe(change, id="change", variables={"e": wanted})
            assert (await client.receive())["payload"]["data"]["updatePreferences"], "done"
            await client.receive()
            await client.subscribe('{ song(id: "s2") { title } }', id="ask")
            assert (await client.receive())["payload"] == {"data": {"song": shown}}
            await client.receive()
