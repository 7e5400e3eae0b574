"""Somebody who sends songs in, by all three ways, with a picture inside or not."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import io
import json
import wave
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
from PIL import Image

from tests.faults.killing.line import Line, Lost, Refused
from tests.library.sounds import run_ffmpeg
from tests.uploads.place import SONG, form

OPEN = 'mutation($s: Int!) { createUpload(fileName: "a", size: $s) { upload { id url } } }'
MOST_BUSY = 100
"""Times a quarter of a second while the house stands: it may be killed again before its sweep comes."""


class Uploader:
    """One uploader. `sent` are the SHA-256 of the songs by their titles; `songs` is told of the new ones."""

    def __init__(self, line: Line, random: Random, place: Place, songs: list[str]) -> None:
        self._line = line
        self._random = random
        self._place = place
        self._songs = songs
        self._number = 0
        self._ledger = line.house.ledger
        self._finished: tuple[str, str] | None = None
        self._busy = 0
        self.sent: dict[str, str] = {}

    async def step(self) -> None:
        """One song, or the next step of one that comes in pieces."""
        if self._finished is not None:
            await self._take()
            return
        self._number += 1
        title = f"Take {self._number} by {self._place.name}{' as a single' if self._number % 3 == 0 else ''}"
        sound = await self._sound()
        self.sent[title] = hashlib.sha256(sound).hexdigest()
        way = self._random.choice([self._by_form, self._by_text, self._by_pieces])
        await way(title, sound)
        await asyncio.sleep(self._random.uniform(0, 0.2))

    async def _by_form(self, title: str, sound: bytes) -> None:
        operations = json.dumps({"query": SONG, "variables": self._words(title) | {"file": None}}).encode()
        parts = [("operations", operations, None), ("map", b'{"0": ["variables.file"]}', None), ("0", sound, "a.wav")]
        headers = {"Content-Type": "multipart/form-data; boundary=XbX", "Apollo-Require-Preflight": "true"}
        await self._kept(title, self._line.fetch("/graphql", method="POST", headers=headers, body=form(parts)))

    async def _by_text(self, title: str, sound: bytes) -> None:
        words = self._words(title) | {"text": base64.b64encode(sound).decode()}
        await self._kept(title, self._line.ask(SONG, **words))

    async def _by_pieces(self, title: str, sound: bytes) -> None:
        """Two pieces; what is lost before the song is asked for is begun anew, under another title."""
        upload = (await self._line.ask(OPEN, s=len(sound)))["createUpload"]["upload"]
        half = len(sound) // 2
        for first, last in ((0, half), (half, len(sound))):
            headers = {"Content-Range": f"bytes {first}-{last - 1}/{len(sound)}"}
            answer = await self._line.fetch(upload["url"], method="PUT", headers=headers, body=sound[first:last])
            assert answer.code in (200, 308), answer.body
        self._finished = (title, upload["id"])
        await self._take()

    async def _take(self) -> None:
        """Asked for until it is answered: the same upload is one song, however often."""
        assert self._finished is not None
        title, upload_id = self._finished
        try:
            await self._kept(title, self._line.ask(SONG, **self._words(title), upload=upload_id))
        except Refused as refusal:
            if refusal.code != "UPLOAD_BUSY":
                raise
            await self._wait_for_the_sweep(title)
            return
        self._finished, self._busy = None, 0

    async def _wait_for_the_sweep(self, title: str) -> None:
        """A killed process was making the song: the next one sees to it within seconds of standing."""
        self._busy += 1
        self._line.house.busy += 1
        await asyncio.sleep(0.25)
        if self._busy > MOST_BUSY:
            self._line.house.complain(f"{title} is still busy")
            self._finished = None

    async def _kept(self, title: str, asked: Any) -> None:
        key = ("song", title)
        try:
            answer = await asked
        except Lost:
            self._ledger.perhaps(key, there=True)
            raise
        told = answer if isinstance(answer, dict) else self._line.read(answer)
        self._ledger.done(key)
        self._songs.append(told["uploadSong"]["song"]["id"])

    def _words(self, title: str) -> dict[str, Any]:
        """On an album, or alone: then its own picture is kept."""
        is_single = title.endswith("single")
        return {"title": title, "artist": self._place.artist_id, "album": None if is_single else self._place.album_id}

    async def _sound(self) -> bytes:
        """A third of a second that was never heard before: a WAV, or a FLAC with a picture that is new as well."""
        noise = np.random.default_rng(self._random.getrandbits(32))
        made = io.BytesIO()
        with wave.open(made, "wb") as file:
            file.setparams((1, 2, 44_100, 0, "NONE", ""))
            file.writeframes(noise.integers(-9_000, 9_000, 14_700, dtype="<i2").tobytes())
        if self._random.random() < 0.75:
            return made.getvalue()
        stem = self._place.folder / f"made-{self._place.name}"
        stem.with_suffix(".wav").write_bytes(made.getvalue())
        Image.fromarray(noise.integers(0, 255, (64, 64, 3), dtype="u1")).save(stem.with_suffix(".png"))
        arguments = ["-i", f"{stem}.wav", "-i", f"{stem}.png", "-map", "0", "-map", "1", "-c:v", "copy"]
        arguments += ["-disposition:v", "attached_pic", "-y", f"{stem}.flac"]
        await asyncio.to_thread(run_ffmpeg, *arguments)
        return stem.with_suffix(".flac").read_bytes()


class Place:
    """Where an uploader's songs go, and where they are made."""

    def __init__(self, name: str, artist_id: str, album_id: str, folder: Path) -> None:
        self.name, self.artist_id, self.album_id, self.folder = name, artist_id, album_id, folder
