"""A served house with something in it for every document of the specification, made through the API.

Owns which real value stands for which sample. Refuses to know what the documents ask.
"""

from __future__ import annotations

import asyncio
import base64
import io
import json
import math
import wave
from array import array
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from PIL import Image
from tornado.httpclient import AsyncHTTPClient
from websockets.asyncio.client import connect

from server.app import App
from server.composition import Household, open_household
from server.settings import Settings
from services.viewer import SYSTEM, Role
from tests.sound_tool import QUICK_FFMPEG

PASSWORD = "SecurePass123!"


def picture(red: int) -> str:
    """A small PNG as base64."""
    drawn = io.BytesIO()
    Image.new("RGB", (64, 64), (red, 80, 160)).save(drawn, "PNG")
    return base64.b64encode(drawn.getvalue()).decode()


def sound(hertz: int, seconds: float = 2.0, rate: int = 44_100) -> str:
    """A WAV of one tone as base64."""
    samples = array("h", (int(9000 * math.sin(2 * math.pi * hertz * n / rate)) for n in range(int(seconds * rate))))
    written = io.BytesIO()
    with wave.open(written, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(samples.tobytes())
    return base64.b64encode(written.getvalue()).decode()


@dataclass
class World:
    """The server's address, tokens of its people, and the ids of what there is."""

    base: str
    household: Household
    app: App
    tokens: dict[str, str] = field(default_factory=dict)
    ids: dict[str, str] = field(default_factory=dict)

    async def post(self, body: dict[str, Any], token: str | None = None) -> dict[str, Any]:
        """The answer to one GraphQL request over HTTP, which must be 200."""
        headers = {"Content-Type": "application/json"}
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        answer = await AsyncHTTPClient().fetch(
            f"{self.base}/graphql", method="POST", body=json.dumps(body), headers=headers, raise_error=False
        )
        assert answer.code == 200, (answer.code, answer.body)
        found: dict[str, Any] = json.loads(answer.body)
        return found

    async def get(self, who: str, query: str, **variables: Any) -> Any:
        """The one root field's data; fails on errors."""
        answer = await self.post({"query": query, "variables": variables}, self.tokens[who])
        assert "errors" not in answer, (query, answer["errors"])
        [value] = answer["data"].values()
        return value

    async def sign_up(self, name: str, *roles: str) -> None:
        """A person with a token, kept under their name."""
        await self.household.house.accounts.create(
            SYSTEM, email=f"{name}@example.org", username=name, password=PASSWORD, roles=[Role(role) for role in roles]
        )
        answer = await self.post(
            {"query": f'mutation {{ login(email: "{name}", password: "{PASSWORD}") {{ token user {{ id }} }} }}'}
        )
        self.tokens[name] = answer["data"]["login"]["token"]
        self.ids[name] = answer["data"]["login"]["user"]["id"]

    @asynccontextmanager
    async def subscribed(self, who: str, query: str) -> AsyncIterator[asyncio.Queue[dict[str, Any]]]:
        """The messages of one subscription over the real socket, as they come."""
        address = self.base.replace("http", "ws") + "/graphql"
        async with connect(address, subprotocols=["graphql-transport-ws"]) as socket:  # type: ignore[list-item]
            await socket.send(json.dumps({"type": "connection_init", "payload": {"token": self.tokens[who]}}))
            assert json.loads(await socket.recv())["type"] == "connection_ack"
            await socket.send(json.dumps({"id": "1", "type": "subscribe", "payload": {"query": query}}))
            told: asyncio.Queue[dict[str, Any]] = asyncio.Queue(100)

            async def listen() -> None:
                async for message in socket:
                    told.put_nowait(json.loads(message))

            listening = asyncio.create_task(listen(), name="listening")
            # A ping answered tells that the subscribe before it has been read.
            await socket.send(json.dumps({"type": "ping"}))
            assert (await told.get())["type"] == "pong"
            yield told
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)


@asynccontextmanager
async def served_world(folder: Path, *, mongodb_uri: str = "", redis_url: str = "") -> AsyncIterator[World]:
    """An empty house behind the real doors on a port of its own; over embedded stores unless told of servers."""
    usual = Settings()
    settings = replace(
        usual,
        server=replace(usual.server, port=0),
        storage=replace(usual.storage, data_dir=folder, mongodb=replace(usual.storage.mongodb, uri=mongodb_uri)),
        realtime=replace(usual.realtime, redis_url=redis_url),
        library=replace(usual.library, demo=False),
        audio=replace(usual.audio, ffmpeg=QUICK_FFMPEG),
    )
    async with open_household(settings) as household:
        app = App(settings, household)
        try:
            port = await app.start()
            yield World(f"http://127.0.0.1:{port}", household, app)
        finally:
            await app.stop()


async def furnish(world: World) -> None:
    """People, a catalogue, playlists, follows and plays, so that no document of the specification finds nothing."""
    for name, roles in (("boss", ("admin",)), ("friend", ()), ("neighbour", ())):
        await world.sign_up(name, *roles)
    await _make_catalogue(world)
    await _make_bonds(world)


async def _make_catalogue(world: World) -> None:
    get, ids = world.get, world.ids
    for name in ("rock", "alternative", "indie", "pop"):
        await get("boss", "mutation($n: String!) { createGenre(name: $n) { genre { id } } }", n=name)
    make_artist = """mutation($name: String!, $image: String, $genres: [String!]) {
        createArtist(name: $name, bio: "They play.", profileImage: $image, coverImage: $image, genres: $genres,
            website: "https://band.example",
            socialLinks: {spotify: "https://s.example", instagram: "https://i.example", twitter: "https://t.example"})
        { artist { id } } }"""
    for key, name in (("artist", "The Beatles"), ("similar", "The Kinks"), ("featured", "Billy Preston")):
        made = await get("boss", make_artist, name=name, image=picture(len(name)), genres=["rock", "pop"])
        ids[key] = made["artist"]["id"]
    await get(
        "boss",
        """mutation($id: ID!, $image: String) { addArtistMember(artistId: $id, name: "Ringo Starr", role: "drums",
            image: $image) { member { id } } }""",
        id=ids["artist"],
        image=picture(9),
    )
    make_album = """mutation($artist: ID!, $title: String!, $image: String) { createAlbum(artistId: $artist,
        title: $title, albumType: ALBUM, releaseDate: "2023-05-05", coverImage: $image) { album { id } } }"""
    for key, artist, title in (("album", "artist", "Beatles for Sale"), ("other album", "similar", "Face to Face")):
        made = await get("boss", make_album, artist=ids[artist], title=title, image=picture(len(title)))
        ids[key] = made["album"]["id"]
    songs = (
        ("song", "artist", "album", "Love Me Do", 1),
        ("second", "artist", "album", "Beatles Medley", 2),
        ("third", "similar", "other album", "Love in the Afternoon", 1),
        ("fourth", "similar", "other album", "Sunny", 2),
    )
    for key, artist, album, title, number in songs:
        made = await get(
            "boss",
            """mutation($title: String!, $artist: ID!, $album: ID!, $sound: String!, $track: Int, $with: [ID!]) {
                uploadSong(title: $title, artistId: $artist, albumId: $album, audioFile: $sound, trackNumber: $track,
                    genre: "pop", isExplicit: false, lyrics: "Love, love", featuredArtistIds: $with)
                { song { id } } }""",
            title=title,
            artist=ids[artist],
            album=ids[album],
            sound=sound(200 + 10 * len(title)),
            track=number,
            **{"with": [ids["featured"]]},
        )
        ids[key] = made["song"]["id"]
        # What a measurement would find; nobody can write it through the API.
        await world.household.store.songs.update(
            {"_id": ids[key]},
            {
                "$set": {
                    "features": {"tempo": 120.5, "key": "A minor", "energy": 0.5, "danceability": 0.6, "valence": 0.7}
                }
            },
        )


async def _make_bonds(world: World) -> None:
    get, ids = world.get, world.ids
    make_playlist = """mutation($name: String!, $cover: String) { createPlaylist(name: $name, isPublic: true,
        description: "All of it", coverImage: $cover) { playlist { id } } }"""
    for key, who, name in (("friend's playlist", "friend", "Beatles mornings"), ("featured playlist", "boss", "Picks")):
        made = await get(who, make_playlist, name=name, cover=picture(len(name)))
        ids[key] = made["playlist"]["id"]
        for song in ("song", "third"):
            add = "mutation($p: ID!, $s: ID!) { addSongToPlaylist(playlistId: $p, songId: $s) { playlistSong { id } } }"
            await get(who, add, p=ids[key], s=ids[song])
    feature = "mutation($p: ID!) { updatePlaylist(playlistId: $p, isEditorial: true) { playlist { id } } }"
    await get("boss", feature, p=ids["featured playlist"])
    await get("friend", "mutation($id: ID!) { followArtist(artistId: $id) { success } }", id=ids["artist"])
    review = 'mutation($id: ID!) { addReview(albumId: $id, rating: 4, comment: "Warm.") { review { id } } }'
    await get("friend", review, id=ids["album"])
    play = "mutation($id: ID!) { playSong(songId: $id, source: ALBUM) { success } }"
    for who, song in (("friend", "song"), ("friend", "third"), ("neighbour", "song"), ("neighbour", "second")):
        await get(who, play, id=ids[song])
