"""A whole server in this process over music that the real import read, with listeners whose time can be turned."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import wave
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import jwt
import numpy as np
from tornado.httpclient import AsyncHTTPClient, HTTPResponse

from server.app import App
from server.composition import Household, open_household
from server.config import load_settings
from services.accounts.passwords import Passwords
from services.clock import Clock
from services.viewer import NOBODY, SYSTEM, Role, Viewer
from tests.quiet_house import QUIET
from tests.template_store import put_empty_store

PASSWORD = "SecurePass123!"
PERSONS: dict[str, tuple[str, tuple[Role, ...]]] = {
    "ann": ("premium", ()),
    "bob": ("premium", ()),
    "lis": ("free", ()),
    "mod": ("free", (Role.MODERATOR,)),
}
SONGS = {"Long": 30.0, "Short": 2.0, "Third": 2.5, "Fourth": 1.5}

REQUEST = """mutation($songs: [ID!], $playlist: ID, $album: ID, $quality: AudioQuality, $format: DownloadFormat,
  $device: ID!, $name: String) {
  requestDownload(songIds: $songs, playlistId: $playlist, albumId: $album, quality: $quality, format: $format,
    deviceId: $device, deviceName: $name) {
    download { id kind state revision songCount readyCount failedCount totalBytes progress manifestUrl deviceId
      licence { issuedAt expiresAt revokedAt reason } } } }"""
SYNC = """mutation($id: ID!, $known: Int!, $after: String, $first: Int) {
  syncDownload(id: $id, knownRevision: $known, after: $after, first: $first) {
    download { id state revision order licence { expiresAt } } isReset nextCursor manifestUrl
    added { songId state etag sizeBytes url reason } changed { songId state etag reason }
    removed { songId reason } } }"""
DOWNLOAD = """query($id: ID!) { download(id: $id) { id state revision readyCount failedCount songCount totalBytes
  licence { expiresAt revokedAt reason } manifestUrl items { songId state reason url etag sizeBytes } order } }"""


class TurnedClock(Clock):
    """Real time, and as much more as was turned."""

    def __init__(self) -> None:
        super().__init__()
        self.turned = timedelta()

    def turn(self, **by: float) -> None:
        self.turned += timedelta(**by)

    def monotonic(self) -> float:
        return super().monotonic() + self.turned.total_seconds()

    def _utc(self) -> datetime:
        return super()._utc() + self.turned


@dataclass
class Place:
    """The server and those who use it."""

    app: App
    household: Household
    clock: TurnedClock
    music: Path
    base: str
    http: AsyncHTTPClient
    tokens: dict[str, str] = field(default_factory=dict)
    ids: dict[str, str] = field(default_factory=dict)
    songs: dict[str, str] = field(default_factory=dict)
    album: str = ""

    @property
    def store(self) -> Any:
        return self.household.store

    @property
    def house(self) -> Any:
        return self.household.house

    async def sign_in(self) -> None:
        """Everybody anew."""
        for name in PERSONS:
            login = f"{name}@example.com"
            self.tokens[name] = (
                await self.house.accounts.signing_in.log_in(NOBODY, email=login, password=PASSWORD)
            ).token

    async def furnish(self) -> None:
        for name, (tier, roles) in PERSONS.items():
            email = f"{name}@example.com"
            user = await self.house.accounts.create(SYSTEM, email=email, username=name, password=PASSWORD, roles=roles)
            self.ids[name] = user.id
            await self.house.accounts.set_tier(SYSTEM, name, tier)
        await self.sign_in()
        await self.household.importer.run([self.music])
        found = await self.store.songs.find({}, limit=100)
        self.songs = {song.title: song.id for song in found}
        self.album = found[0].album_id

    async def fetch(self, path: str, who: str | None = None, **options: Any) -> HTTPResponse:
        """Any answer, never raising."""
        headers = dict(options.pop("headers", {}))
        if who is not None:
            headers["Authorization"] = f"Bearer {self.tokens[who]}"
        return await self.http.fetch(self.base + path, headers=headers, raise_error=False, **options)

    async def ask(self, query: str, who: str | None, **variables: Any) -> Any:
        """The data of an answer, or the extensions of its first error."""
        answer = await self.fetch(
            "/graphql",
            who,
            method="POST",
            body=json.dumps({"query": query, "variables": variables}),
            headers={"Content-Type": "application/json"},
        )
        told = json.loads(answer.body)
        if "errors" in told:
            return told["errors"][0]["extensions"]
        return next(iter(told["data"].values()))

    async def viewer(self, who: str) -> Viewer:
        """Somebody as the services see them."""
        found: Viewer = await self.house.accounts.viewer_for(self.tokens[who])
        return found

    async def request(self, who: str = "ann", device: str = "phone", **what: Any) -> Any:
        """The download, or the refusal."""
        told = await self.ask(REQUEST, who, device=device, **what)
        return told.get("download", told)

    async def ready(self, id: str, who: str = "ann") -> Any:
        """The download when nothing of it waits any more."""
        async with asyncio.timeout(30):
            while True:
                told = await self.ask(DOWNLOAD, who, id=id)
                if told["state"] != "PREPARING":
                    return told
                await asyncio.sleep(0.02)

    async def playlist(self, *titles: str, who: str = "ann") -> str:
        """A playlist of these songs."""
        made = await self.ask('mutation { createPlaylist(name: "Road") { playlist { id } } }', who)
        id: str = made["playlist"]["id"]
        await self.add(id, *titles, who=who)
        return id

    async def add(self, playlist: str, *titles: str, who: str = "ann") -> None:
        """Songs at the end of a playlist."""
        if titles:
            ids = [self.songs[title] for title in titles]
            text = (
                "mutation($p: ID!, $s: [ID!]!) { addSongsToPlaylist(playlistId: $p, songIds: $s) { playlist { id } } }"
            )
            told = await self.ask(text, who, p=playlist, s=ids)
            assert "playlist" in told, told

    async def remove(self, playlist: str, title: str) -> None:
        """A song out of a playlist."""
        text = "mutation($p: ID!, $s: ID!) { removeSongFromPlaylist(playlistId: $p, songId: $s) { playlist { id } } }"
        told = await self.ask(text, "ann", p=playlist, s=self.songs[title])
        assert "playlist" in told, told

    async def manifest(self, path: str, who: str | None = "ann") -> Any:
        """What a manifest says, its signature checked against the keys that the house shows."""
        answer = await self.fetch(path, who)
        assert answer.code == 200, answer.body
        return verified(answer.body, (await self.fetch("/.well-known/jwks.json")).body)


def verified(body: bytes, keys: bytes) -> Any:
    """The payload of a signed page; fails on a wrong signature."""
    parts = json.loads(body)
    compact = f"{parts['protected']}.{parts['payload']}.{parts['signature']}"
    kid = jwt.get_unverified_header(compact)["kid"]
    [key] = [key for key in json.loads(keys)["keys"] if key["kid"] == kid]
    payload = jwt.PyJWS(algorithms=["EdDSA"]).decode(compact, jwt.PyJWK(key), algorithms=["EdDSA"])
    assert payload == base64.urlsafe_b64decode(parts["payload"] + "=" * (-len(parts["payload"]) % 4))
    return json.loads(payload)


def chunks_of(data: bytes, size: int) -> list[str]:
    """The sums of each chunk."""
    return [hashlib.sha256(data[at : at + size]).hexdigest() for at in range(0, len(data), size)]


def write_music(folder: Path) -> Path:
    """One album of short WAVs, the first long enough for several chunks."""
    album = folder / "The Hours" / "One Day"
    album.mkdir(parents=True)
    for number, (title, seconds) in enumerate(SONGS.items(), 1):
        write_song(album / f"{number:02d} {title}.wav", seconds, 200.0 * number)
    return folder


def write_song(path: Path, seconds: float, hertz: float) -> None:
    """A stereo WAV of a tone with a little noise, so that no two stretches are alike."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(44_100)
        file.writeframes(_frames(seconds, hertz))


@cache
def _frames(seconds: float, hertz: float) -> bytes:
    t = np.arange(int(44_100 * seconds)) / 44_100
    noise = np.random.default_rng(int(hertz)).normal(0, 0.01, (len(t), 2))
    sound = 0.3 * np.sin(2 * np.pi * hertz * t)[:, None] + noise
    return (sound * 32767).astype("<i2").tobytes()


@asynccontextmanager
async def open_place(folder: Path, **settings: str) -> AsyncIterator[Place]:
    """The server, furnished. Settings are named as their variables are, without TUTTI_."""
    music = write_music(folder / "music")
    own = {"STORAGE_DATA_DIR": str(folder / "data"), "SERVER_PORT": "0", "LIBRARY_DEMO": "false"}
    told = {**QUIET, **own, **settings}
    loaded = load_settings(None, {f"TUTTI_{name}": value for name, value in told.items()})
    clock = TurnedClock()
    await put_empty_store(loaded.storage.data_dir / "tutti.db")
    async with open_household(loaded, clock) as household:
        household.house.accounts.passwords = Passwords(time_cost=1, memory_kib=8, least_score=0)
        app = App(loaded, household)
        http = AsyncHTTPClient(force_instance=True, defaults={"request_timeout": 60})
        try:
            place = Place(app, household, clock, music, f"http://127.0.0.1:{await app.start()}", http)
            await place.furnish()
            yield place
        finally:
            http.close()
            await app.stop()
