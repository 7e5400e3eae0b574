"""A whole server in this process, with artists who own their names, and ways to send it songs."""

from __future__ import annotations

import base64
import hashlib
import json
import wave
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from tornado.httpclient import AsyncHTTPClient, HTTPResponse

from server.app import App
from server.composition import Household, open_household
from server.config import load_settings
from services.accounts.passwords import Passwords
from services.viewer import NOBODY, SYSTEM, Role, Viewer
from storage.records import Album, Artist, Genre
from tests.quiet_house import QUIET
from tests.template_store import put_empty_store

PASSWORD = "SecurePass123!"
SONG = """mutation($title: String!, $artist: ID!, $album: ID, $text: String, $file: Upload, $upload: ID) {
  uploadSong(title: $title, artistId: $artist, albumId: $album, audioFile: $text, audioUpload: $file, uploadId: $upload)
  { song { id title audioUrl duration durationMs } } }"""
PERSONS = {"ann": Role.ARTIST, "bob": Role.ARTIST, "lis": Role.LISTENER, "adm": Role.ADMIN}


@dataclass
class Place:
    """The server and those who use it; everybody's password is the same."""

    app: App
    household: Household
    data: Path
    base: str
    http: AsyncHTTPClient
    tokens: dict[str, str] = field(default_factory=dict)
    viewers: dict[str, Viewer] = field(default_factory=dict)

    @property
    def store(self) -> Any:
        return self.household.store

    @property
    def uploads(self) -> Any:
        return self.household.house.uploads

    async def furnish(self) -> None:
        """Four persons, two owned artists and a hidden one, two albums, two genres."""
        accounts = self.household.house.accounts
        for name, role in PERSONS.items():
            email = f"{name}@example.com"
            await accounts.create(SYSTEM, email=email, username=name, password=PASSWORD, roles=[role])
            self.tokens[name] = (await accounts.signing_in.log_in(NOBODY, email=email, password=PASSWORD)).token
            self.viewers[name] = await accounts.viewer_for(self.tokens[name])
        now = self.household.house.clock.now()
        for id, owner in (("ann", "ann"), ("bob", "bob"), ("ghost", None)):
            artist = Artist(id, id.title(), id, f"slug-{id}", f"name:{id}", now, now)
            artist.owner_id = self.viewers[owner].user_id if owner else None
            artist.is_hidden = id == "ghost"
            await self.store.artists.insert(artist)
        for id, artist_id in (("dawn", "ann"), ("bees", "bob")):
            album = Album(id, id.title(), id, f"slug-{id}", f"key-{id}", artist_id, artist_id.title(), now, now)
            album.release_date, album.is_hidden = "2024-05-03", True
            await self.store.albums.insert(album)
        for name in ("Pop", "Rock"):
            await self.store.genres.insert(Genre(f"g-{name}", name, name.lower(), name.lower(), now, now))

    async def fetch(self, path: str, who: str | None = None, **options: Any) -> HTTPResponse:
        """Any answer, never raising."""
        headers = dict(options.pop("headers", {}))
        if who is not None:
            headers["Authorization"] = f"Bearer {self.tokens[who]}"
        options.setdefault("follow_redirects", False)
        options.setdefault("request_timeout", 60)
        return await self.http.fetch(self.base + path, headers=headers, raise_error=False, **options)

    async def ask(self, query: str, who: str | None = None, **variables: Any) -> Any:
        """The parsed answer to JSON."""
        body = json.dumps({"query": query, "variables": variables})
        headers = {"Content-Type": "application/json"}
        return json.loads((await self.fetch("/graphql", who, method="POST", headers=headers, body=body)).body)

    async def song(self, who: str = "ann", **variables: Any) -> dict[str, Any]:
        """The uploaded song; fails on errors."""
        answer = await self.ask(SONG, who, **{"title": "Song", "artist": "ann", **variables})
        assert "errors" not in answer, answer["errors"]
        song: dict[str, Any] = answer["data"]["uploadSong"]["song"]
        return song

    async def refusal(self, who: str | None = "ann", query: str = SONG, **variables: Any) -> dict[str, Any]:
        """The extensions of the one error."""
        answer = await self.ask(query, who, **{"title": "Song", "artist": "ann", **variables})
        [error] = answer["errors"]
        extensions: dict[str, Any] = error["extensions"]
        return extensions

    async def post_parts(
        self, parts: Iterable[tuple[str, bytes, str | None]], who: str | None = "ann", **headers: str
    ) -> HTTPResponse:
        """A multipart request."""
        sent = {"Content-Type": "multipart/form-data; boundary=XbX"}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.fetch("/graphql", who, method="POST", headers=sent, body=form(parts))

    async def send_file(self, data: bytes, who: str | None = "ann", **variables: Any) -> HTTPResponse:
        """uploadSong by the multipart specification."""
        variables = {"title": "Song", "artist": "ann", **variables, "file": None}
        operations = json.dumps({"query": SONG, "variables": variables}).encode()
        return await self.post_parts(
            [("operations", operations, None), ("map", b'{"0": ["variables.file"]}', None), ("0", data, "song.wav")],
            who,
            Apollo_Require_Preflight="true",
        )

    async def announce(self, data: bytes, who: str = "ann", *, prove: bool = False) -> dict[str, Any]:
        """A resumable upload for these bytes."""
        query = """mutation($n: String!, $s: Int!, $h: String) { createUpload(fileName: $n, size: $s, sha256: $h)
            { upload { id url fileName size received isComplete } } }"""
        proof = hashlib.sha256(data).hexdigest() if prove else None
        answer = await self.ask(query, who, n="a.wav", s=len(data), h=proof)
        assert "errors" not in answer, answer
        upload: dict[str, Any] = answer["data"]["createUpload"]["upload"]
        return upload

    async def put(
        self, url: str, data: bytes, first: int, last: int, total: int | None = None, who: str = "ann"
    ) -> HTTPResponse:
        """PUT bytes first to last (both included)."""
        headers = {"Content-Range": f"bytes {first}-{last}/{len(data) if total is None else total}"}
        return await self.fetch(url, who, method="PUT", headers=headers, body=data[first : last + 1])

    def left(self) -> list[str]:
        """Files that wait in staging."""
        folder = self.data / "uploads" / "staging"
        return sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []

    def kept(self) -> list[Path]:
        """Files that stand in the library."""
        return sorted(path for path in (self.data / "uploads" / "songs").rglob("*") if path.is_file())


def form(parts: Iterable[tuple[str, bytes, str | None]]) -> bytes:
    """A multipart body with the boundary XbX."""
    body = b""
    for name, data, file_name in parts:
        file = f'; filename="{file_name}"\r\nContent-Type: audio/wav' if file_name is not None else ""
        body += f'--XbX\r\nContent-Disposition: form-data; name="{name}"{file}\r\n\r\n'.encode() + data + b"\r\n"
    return body + b"--XbX--\r\n"


def tone(path: Path, seconds: float = 1.0, hertz: float = 440.0) -> bytes:
    """A WAV of one tone."""
    t = np.arange(int(44_100 * seconds)) / 44_100
    sound = (0.3 * np.sin(2 * np.pi * hertz * t) * 32767).astype("<i2")
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(44_100)
        file.writeframes(sound.tobytes())
    return path.read_bytes()


def text_of(data: bytes) -> str:
    """Base64."""
    return base64.b64encode(data).decode()


@asynccontextmanager
async def open_place(folder: Path, **settings: str) -> AsyncIterator[Place]:
    """The server, furnished. Settings are named as their variables are, without TUTTI_."""
    data = folder / "data"
    own = {**QUIET, "STORAGE_DATA_DIR": str(data), "SERVER_PORT": "0", "LIBRARY_DEMO": "false", **settings}
    loaded = load_settings(None, {f"TUTTI_{name}": value for name, value in own.items()})
    await put_empty_store(data / "tutti.db")
    async with open_household(loaded) as household:
        household.house.accounts.passwords = Passwords(time_cost=1, memory_kib=8, least_score=0)
        app = App(loaded, household)
        http = AsyncHTTPClient(force_instance=True, defaults={"request_timeout": 60})
        try:
            place = Place(app, household, data, f"http://127.0.0.1:{await app.start()}", http)
            await place.furnish()
            yield place
        finally:
            http.close()
            await app.stop()
