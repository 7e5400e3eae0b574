"""The guest of a room at every door of a real server: what plays there and what comes next, and nothing else."""

import json
import re
from types import SimpleNamespace

import pytest
from tornado.routing import Rule
from websockets.asyncio.client import connect

from handlers.ticketed import TicketedHandler
from server.doors import make_rules
from tests.server.client import Client

RULES = make_rules(
    {},
    executor=None,
    sockets=None,
    streams=None,
    limits=None,
    players=SimpleNamespace(crowd=None),
    socket_manners=None,
    readiness=None,
    figures=None,
    demo=False,
    bundled=False,
)
OPENED = ("StreamHandler", "HlsHandler", "LyricsHandler", "WaveformHandler")
"""The doors that a ticket for a song of the room opens."""


def _doors():
    for rule in RULES:
        if not isinstance(getattr(rule, "regex", None), re.Pattern):
            # Doors of sockets: who comes is asked there by the first frame.
            assert isinstance(rule, Rule) and rule.matcher.__class__.__name__ == "SocketPath"
            continue
        yield rule.target, rule.regex.pattern.removesuffix("$")


DOORS = [pytest.param(target, pattern, id=target.__name__) for target, pattern in _doors()]


def _address(pattern, song_id):
    if pattern.startswith("(?:/|"):
        return f"/song/{song_id}"
    path = re.sub(r"\\\.\(([a-z0-9]+)\|[a-z0-9|]+\)", r".\1", pattern)
    return path.replace("(.+)", "master.m3u8").replace("([^/]+)", song_id).replace("\\", "")


class Pass:
    """A guest of a room where Dawn plays, then Noon, Dusk and Dawn once more; asks over the socket."""

    async def come(self, server):
        self.host = Client(server.base)
        await self.host.register("guesthost")
        listed = await self.host.get("{ songs { edges { node { id title } } } }")
        self.songs = {edge["node"]["title"]: edge["node"]["id"] for edge in listed["songs"]["edges"]}
        self.queue = [self.songs[title] for title in ("Dawn", "Noon", "Dusk", "Dawn")]
        made = "mutation($n: String!, $s: [ID!]) { createRoom(name: $n, songIds: $s) { room { id items { id } } } }"
        room = (await self.host.get(made, n="Kitchen", s=self.queue))["createRoom"]["room"]
        self.room_id, self.items = room["id"], [item["id"] for item in room["items"]]
        link = "mutation($r: ID!) { createRoomInvite(roomId: $r) { token } }"
        token = (await self.host.get(link, r=self.room_id))["createRoomInvite"]["token"]
        came = 'mutation($t: String!) { joinRoomAsGuest(token: $t, name: "Gus") { token } }'
        self.token = (await Client(server.base).get(came, t=token))["joinRoomAsGuest"]["token"]
        return self

    async def ask(self, server, *asked):
        """The answers to these operations, on one socket of the guest's."""
        answers = []
        async with connect(server.base.replace("http", "ws") + "/ws") as socket:
            for number, (op, members) in enumerate([("hello", {"room": self.token}), *asked]):
                await socket.send(json.dumps({"op": op, "id": str(number), **members}))
                while (answer := json.loads(await socket.recv())).get("re") != str(number):
                    pass
                answers.append(answer)
        return answers[1:]

    async def sound(self, server, at):
        """What `room.sound` answers for an item of the queue."""
        [answer] = await self.ask(server, ("room.sound", {"roomId": self.room_id, "itemId": self.items[at]}))
        return answer


@pytest.fixture
async def guest(server):
    if not hasattr(server, "guest_pass"):
        server.guest_pass = await Pass().come(server)
    return server.guest_pass


@pytest.mark.parametrize(("target", "pattern"), DOORS)
async def test_a_guests_papers_open_no_door_but_those_of_the_rooms_songs(server, guest, target, pattern):
    sound = await guest.sound(server, 0)
    ticket, stranger = sound["url"].partition("ticket=")[2], Client(server.base)
    opened = target.__name__ in OPENED
    own, other = _address(pattern, guest.queue[0]), _address(pattern, guest.songs["Dusk"])
    papers = [{"headers": {"Authorization": f"Bearer {paper}"}} for paper in (guest.token, ticket)]
    for path in (own, other):
        nobodys = (await stranger.fetch(path)).code
        for shown in papers:
            assert (await stranger.fetch(path, **shown)).code in (401, nobodys), path
        for paper in (guest.token, ticket):
            code = (await stranger.fetch(f"{path}?ticket={paper}")).code
            if opened and paper is ticket and path is own:
                assert code in (200, 404)
                assert issubclass(target, TicketedHandler)
            else:
                assert code in (401, nobodys), path
    if opened:
        assert (await stranger.fetch(own)).code == 401


async def test_a_guest_hears_by_hls_and_sees_what_belongs_to_the_song(server, guest):
    sound, stranger = await guest.sound(server, 1), Client(server.base)
    noon = guest.songs["Noon"]
    master = (await stranger.fetch(sound["hlsUrl"])).body.decode()
    variant = re.search(r"^[a-z0-9]+-\w+/\S+$", master, re.MULTILINE)[0]
    folder = f"/hls/{noon}"
    playlist = (await stranger.fetch(f"{folder}/{variant}")).body.decode()
    segment = re.findall(r"^[0-9]+\.\S+$", playlist, re.MULTILINE)[0]
    assert (await stranger.fetch(f"{folder}/{variant.partition('/')[0]}/{segment}")).code == 200
    assert (await stranger.fetch(sound["url"], headers={"Range": "bytes=0-99"})).code == 206
    # Measured by and by: what counts is that the guest is let in.
    assert (await stranger.fetch(sound["waveformUrl"])).code in (200, 404)
    assert sound["lyricsUrl"] is None
    assert sound["coverUrl"] is None or (await stranger.fetch(sound["coverUrl"])).code == 200


async def test_what_comes_later_and_other_rooms_are_closed_to_a_guest(server, guest):
    assert (await guest.sound(server, 2))["ok"] is True
    later = await guest.sound(server, 3)
    assert later["error"]["code"] == "NOT_FOUND"
    made = 'mutation { createRoom(name: "Attic") { room { id } } }'
    attic = (await guest.host.get(made))["createRoom"]["room"]["id"]
    answers = await guest.ask(
        server,
        ("room.follow", {"roomId": attic}),
        ("room.add", {"roomId": attic, "songIds": guest.queue[:1]}),
        ("room.sound", {"roomId": attic, "itemId": guest.items[0]}),
        ("follow", {"topic": "queue"}),
        ("room.create", {"name": "Mine"}),
    )
    told = [answer["error"]["code"] for answer in answers]
    assert told == ["NOT_FOUND", "UNAUTHENTICATED", "UNAUTHENTICATED", "DENIED", "DENIED"]
    asked = await Client(server.base).fetch(
        "/graphql", method="POST", body=json.dumps({"query": "{ songs { edges { node { id } } } }"}),
        headers={"Content-Type": "application/json", "Authorization": f"Bearer {guest.token}"},
    )  # fmt: skip
    assert asked.code == 401


@pytest.mark.parametrize(("quality", "rendition"), [("low", "mp3-96"), ("lossless", "original")])
async def test_the_quality_somebody_chose_for_the_room_is_what_they_hear(server, guest, quality, rendition):
    room = {"roomId": guest.room_id}
    chosen, sound = await guest.ask(
        server, ("room.quality", {**room, "quality": quality}), ("room.sound", {**room, "itemId": guest.items[0]})
    )
    assert chosen["ok"] is True
    answer = await Client(server.base).fetch(sound["url"], headers={"Range": "bytes=0-99"})
    assert answer.headers["X-Tutti-Rendition"].partition(";")[0] == rendition
    if quality == "low":
        more = sound["url"].replace("quality=low", "quality=lossless")
        refused = await Client(server.base).fetch(more, headers={"Range": "bytes=0-99"})
        assert refused.headers["X-Tutti-Rendition"].startswith("mp3-96")
        hls = (await Client(server.base).fetch(sound["hlsUrl"])).body.decode()
        assert set(re.findall(r"^[a-z0-9]+-(\w+)/", hls, re.MULTILINE)) == {"low"}
