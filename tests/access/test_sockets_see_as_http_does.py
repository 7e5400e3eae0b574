"""What a socket shows somebody is what the same person is shown over HTTP: for each thing that can be followed, on both
sockets, for everybody."""

from __future__ import annotations

import asyncio
import contextlib
from contextlib import asynccontextmanager
from typing import Any

import orjson
import pytest
from tornado.httpclient import AsyncHTTPClient
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.routing import Rule
from tornado.web import Application
from websockets.exceptions import ConnectionClosed

from graph.build import build_executor
from handlers.base import Manners
from handlers.graphql import GraphqlHandler
from handlers.socket import GraphqlSocket
from handlers.websocket_base import SocketManners, SocketPath
from realtime.transport import Limits
from services.playlists.making import PlaylistDraft
from services.viewer import Role
from storage.records import Notification
from storage.records.device import Device, DeviceList
from storage.records.play_queue import PlayQueue, QueueItem
from tests.catalogue_rig import furnish
from tests.realtime.player.street import Player, open_street
from tests.realtime.small_house import Client

NOTE = "01JZZZZZZZZZZZZZZZZZZZZZZZ"
EARLIER = "01JAAAAAAAAAAAAAAAAAAAAAAA"

# What is followed: over HTTP, on /graphql, on /ws with more members; and a text that is in the answer exactly if the
# owner's thing is shown. There is no query for what somebody plays and for how far a song is: what they stand on is
# asked for. `None`: not on this socket.
THINGS: dict[str, tuple[str, str, dict[str, Any] | None, str]] = {
    "now playing": (
        '{ presence(userId: "$OWNER") { song { id } } }',
        'nowPlaying(userId: "$OWNER") { song { id } }',
        {"topic": "now_playing:$OWNER"},
        '"s1"',
    ),
    "presence": (
        '{ presence(userId: "$OWNER") { status song { id } } }',
        'presence(userId: "$OWNER") { status song { id } }',
        {"topic": "presence:$OWNER"},
        '"s1"',
    ),
    "friends": (
        "{ friendsListening { song { id } } }",
        "friendsListening { song { id } }",
        {"topic": "friends"},
        '"s1"',
    ),
    "notifications": (
        "{ notifications(limit: 5) { edges { node { title } } } }",
        f'notifications(after: "{EARLIER}") {{ title }}',
        {"topic": "notifications", "lastSeen": EARLIER},
        "Owner's news",
    ),
    "queue": ("{ queue { current { id } } }", "queue { current { id } }", {"topic": "queue"}, "owners-item"),
    "devices": ("{ devices { name } }", "devices { name }", {"topic": "devices"}, "Owner's stereo"),
    "room": ('{ room(id: "$ROOM") { name } }', 'room(id: "$ROOM") { name }', {"topic": "room:$ROOM"}, "Kitchen"),
    "playlist": (
        '{ playlist(id: "$PLAYLIST") { name } }',
        'playlist(id: "$PLAYLIST") { name }',
        {"topic": "playlist:$PLAYLIST"},
        "Secret",
    ),
    "transcode": ('{ song(id: "s4") { id } }', 'transcode(songId: "s4") { song { id } }', None, '"s4"'),
}
OWN = frozenset({"notifications", "queue", "devices", "room", "playlist", "now playing", "presence"})
SEEN = {
    "nobody": frozenset(),
    "stranger": frozenset(),
    "follower": frozenset({"now playing", "presence", "friends"}),
    "owner": OWN,
    "artist": frozenset({"transcode"}),
    "suspended": frozenset(),
    "guest": frozenset(),
}
"""What each is shown of the owner's. A guest of the owner's room is nobody over HTTP; `/ws` has the room for them."""


QUIET_S = 0.3


async def furnished(street: Any) -> None:
    """Everybody moves in, and the owner has one of everything."""
    await furnish(street.rig)
    rig, house = street.rig, street.house
    signed_in = {name: await rig.sign_in(name) for name in ("owner", "stranger", "follower", "suspended")}
    signed_in["artist"] = await rig.sign_in("artist", Role.ARTIST)
    await rig.store.artists.update({"_id": "anna"}, {"$set": {"owner_id": signed_in["artist"].user.id}})
    street.token = {name: each.token for name, each in signed_in.items()} | {"nobody": None}
    owner = await house.accounts.viewer_for(street.token["owner"])
    now = rig.clock.now()
    for name in ("follower", "suspended"):
        await rig.following(signed_in[name].user.id, owner.user_id)
    await house.now_playing.report(owner, "s1")
    note = Notification(NOTE, owner.user_id, "k", "followed", "Owner's news", "", now, turn=1)
    await rig.store.notifications.insert(note)
    item = QueueItem("owners-item", "s1", 180_000, "user", 0.0)
    await rig.store.play_queues.insert(PlayQueue(owner.user_id, now, 1, made=1, items=[item], current_id="owners-item"))
    stereo = Device("stereo", "Owner's stereo", "speaker", now, now)
    await rig.store.device_lists.insert(DeviceList(owner.user_id, 1, [stereo]))
    room = await house.rooms.create(owner, "Kitchen", None, ["s1"])
    link = await house.room_invites.create(owner, room.id)
    street.token["guest"] = (await house.room_guests.join(link.token, "Gus")).token
    secret = await house.playlist_making.create(owner, PlaylistDraft("Secret", is_public=False))
    street.given = {"$OWNER": owner.user_id, "$ROOM": room.id, "$PLAYLIST": secret.id}
    suspended = {"_id": signed_in["suspended"].user.id}
    await rig.store.users.update(suspended, {"$set": {"is_suspended": True}})
    house.accounts.stop()


@asynccontextmanager
async def town(path):
    async with open_street(path) as street:
        await furnished(street)
        shared = {
            "house": street.house,
            "manners": Manners(),
            "executor": build_executor(street.house, street.newsroom.stream_feeds),
        }
        sockets = {**shared, "sockets": street.sockets, "limits": Limits(), "socket_manners": SocketManners()}
        rules = [Rule(SocketPath(r"/graphql"), GraphqlSocket, sockets), (r"/graphql", GraphqlHandler, shared)]
        server = HTTPServer(Application(rules, log_function=lambda _: None))
        [listening] = bind_sockets(0, "127.0.0.1")
        server.add_sockets([listening])
        street.doors = f"127.0.0.1:{listening.getsockname()[1]}/graphql"
        try:
            yield street
        finally:
            server.stop()
            await street.sockets.drain(0)
            await server.close_all_connections()


def named(street, text):
    for name, id in street.given.items():
        text = text.replace(name, id)
    return text


async def over_http(street, kind, query):
    headers = {"Content-Type": "application/json"}
    if street.token[kind] is not None:
        headers["Authorization"] = f"Bearer {street.token[kind]}"
    answer = await AsyncHTTPClient().fetch(
        f"http://{street.doors}", method="POST", headers=headers, body=orjson.dumps({"query": query}), raise_error=False
    )
    return answer.body.decode()


async def on_graphql(street, kind, field, *, quiet):
    """The first thing that is told; nothing for whom the socket does not let in."""
    async with Client(f"ws://{street.doors}", {}) as client:
        token = street.token[kind]
        await client.send({"type": "connection_init", "payload": {"token": token} if token else None})
        return await first(
            client, {"id": "1", "type": "subscribe", "payload": {"query": f"subscription {{ {field} }}"}}, quiet=quiet
        )


async def on_ws(street, kind, members, *, quiet):
    async with Player(street.url) as player:
        if kind != "nobody":
            hello = {"room" if kind == "guest" else "token": street.token[kind]}
            await player.send({"op": "hello", "id": "1", **hello})
        return await first(player, {"op": "follow", "id": "2", **members}, quiet=quiet)


def _is_last(got):
    refused = got.get("re") == "2" and "error" in got
    return got.get("type") in ("next", "error", "complete") or "ev" in got or refused


async def first(client, frame, *, quiet=False):
    """All frames until something followed is told, it is refused, the socket is closed, or nothing comes: that may be
    where nothing is to be told (`quiet`), and is waited for a little only."""
    frames = []
    with contextlib.suppress(TimeoutError, ConnectionClosed):
        await client.send(frame)
        async with asyncio.timeout(QUIET_S if quiet else 5):
            while not _is_last(got := await client.receive()):
                frames.append(orjson.dumps(got).decode())
            frames.append(orjson.dumps(got).decode())
    return "".join(frames)


@pytest.mark.parametrize("kind", SEEN)
async def test_a_socket_shows_what_http_shows(tmp_path, kind):
    async with town(tmp_path) as street:
        for thing, (query, field, members, mark) in THINGS.items():
            seen = thing in SEEN[kind]
            assert (mark in await over_http(street, kind, named(street, query))) is seen, (thing, "HTTP")
            quiet = thing == "notifications" and not seen
            assert (mark in await on_graphql(street, kind, named(street, field), quiet=quiet)) is seen, (
                thing,
                "/graphql",
            )
            if members is not None:
                topic = {**members, "topic": named(street, members["topic"])}
                guest = kind == "guest" and thing == "room"
                assert (mark in await on_ws(street, kind, topic, quiet=quiet)) is (seen or guest), (thing, "/ws")


async def test_a_guest_of_one_room_cannot_touch_another(tmp_path):
    async with town(tmp_path) as street:
        owner = await street.house.accounts.viewer_for(street.token["owner"])
        other = await street.house.rooms.create(owner, "Cellar", None, ["s1"])
        before = other.rev
        async with street.player() as guest:
            assert (await guest.ask("hello", room=street.token["guest"]))["guest"] is True
            refused = [
                await guest.ask(op, roomId=room_id, text="hi", songIds=["s1"], itemIds=["i"], itemId="i")
                for op in ("room.follow", "room.chat", "room.add", "room.play", "room.leave")
                for room_id in (other.id, "never-was")
            ]
            assert {each["error"]["code"] for each in refused} <= {"NOT_FOUND", "DENIED", "UNAUTHENTICATED"}
            for told, never in zip(refused[::2], refused[1::2], strict=True):
                assert told["error"] == never["error"]
        assert (await street.house.rooms.read(owner, other.id)).rev == before
