"""A small stage for the stream tests: made-up music in several codecs, and the real handler on a real socket."""

from __future__ import annotations

import asyncio
import contextlib
import os
import ssl
import subprocess
import wave
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.testing import bind_unused_port
from tornado.web import Application

from handlers.base import Manners
from handlers.express.lane import ExpressLane
from handlers.hls import HlsHandler
from handlers.stream import StreamHandler
from handlers.visits import Visits
from realtime.streams import OpenStreams
from services.accounts.tickets import Tickets
from services.audio.delivery import Deliveries
from services.audio.ffmpeg import Ffmpeg
from services.audio.hls.hls import Hls
from services.audio.segment_cache import SegmentCache
from services.clock import Clock
from services.errors import NotFound, Unauthenticated
from services.viewer import Viewer
from storage.records.audio_file import AudioFile
from storage.records.song import Song
from tests.sound_tool import QUICK_FFMPEG, made_once

MOMENT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)

ENCODINGS = {
    "flac": ("flac", []),
    "wav": ("pcm", []),
    "mp3": ("mp3", ["-c:a", "libmp3lame", "-q:a", "2"]),
    "cbr.mp3": ("mp3", ["-c:a", "libmp3lame", "-b:a", "192k"]),
    "m4a": ("aac", ["-c:a", "aac", "-b:a", "192k"]),
    "ogg": ("vorbis", ["-c:a", "libvorbis", "-q:a", "6"]),
    "opus": ("opus", ["-c:a", "libopus", "-b:a", "160k"]),
    "alac.m4a": ("alac", ["-c:a", "alac", "-sample_fmt", "s16p"]),
    "aac": ("aac", ["-c:a", "aac", "-b:a", "192k"]),
    "aiff": ("pcm", ["-c:a", "pcm_s16be"]),
}


def music(path: Path, *, rate: int = 44100, seconds: float = 25.0, channels: int = 2) -> None:
    """A WAV of gliding tones, drum-like bursts and a little noise: always the same."""
    random = np.random.default_rng(7)
    count = int(rate * seconds)
    t = np.arange(count) / rate
    sound = np.zeros((count, channels))
    for number, (pitch, loudness) in enumerate([(110, 0.2), (220.7, 0.12), (331, 0.1), (1234, 0.05), (5000, 0.02)]):
        for channel in range(channels):
            glide = 3 * np.sin(0.3 * t * (number + 1) + channel)
            sound[:, channel] += loudness * np.sin(2 * np.pi * (pitch * (1 + 0.01 * channel) * t + glide))
    decay = np.exp(-np.arange(int(0.2 * rate)) / (0.03 * rate))
    for at in range(0, count - len(decay), rate // 2):
        sound[at : at + len(decay)] += 0.25 * decay[:, None] * random.standard_normal((len(decay), channels))
    sound += 0.003 * random.standard_normal(sound.shape)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes((np.clip(sound, -1, 1) * 32767).astype("<i2").tobytes())


def plucked(path: Path, *, top_hz: float, seconds: int, seed: int) -> None:
    """A WAV of plucked strings without overtones above `top_hz`, 48 kHz, two channels: dark and quiet at times."""
    random = np.random.default_rng(seed)
    count = 48000 * seconds
    sound, at = np.zeros(count), 0.0
    while at < seconds - 0.5:
        length = random.uniform(0.2, 1.2)
        pitch = 110 * 2 ** (random.integers(0, 30) / 12)
        place = slice(int(at * 48000), min(count, int(at * 48000) + int(length * 48000)))
        t = np.arange(place.stop - place.start) / 48000
        envelope = np.minimum(t / 0.005, 1) * np.exp(-t * random.uniform(1, 6))
        for overtone in range(1, min(30, int(np.ceil(top_hz / pitch)))):
            sound[place] += 0.2 / overtone * envelope * np.sin(2 * np.pi * pitch * overtone * t + overtone)
        at += random.uniform(0.05, 0.35)
    sound *= 0.6 + 0.4 * np.sin(2 * np.pi * np.arange(count) / 48000 * 0.07 * (seed + 1))
    sound *= 0.7 / np.abs(sound).max()
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(48000)
        file.writeframes((np.stack([sound, np.roll(sound, 20)], 1) * 32767).astype("<i2").tobytes())


def tones(path: Path, *, seconds: int) -> None:
    """A WAV of gliding tones over a faint hiss and nothing else, 48 kHz, two channels."""
    t = np.arange(48000 * seconds) / 48000
    sound = 0.002 * np.random.default_rng(11).standard_normal(len(t))
    for number, pitch in enumerate((110, 220.7, 331, 1234, 5000)):
        sound += 0.3 / (number + 1) * np.sin(2 * np.pi * pitch * t + 3 * np.sin(0.3 * t * (number + 1)))
    sound *= 0.7 / np.abs(sound).max()
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(48000)
        file.writeframes((np.stack([sound, np.roll(sound, 20)], 1) * 32767).astype("<i2").tobytes())


def silence(path: Path, *, seconds: int) -> None:
    """A WAV of nothing, 48 kHz, two channels."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(48000)
        file.writeframes(bytes(4 * 48000 * seconds))


def encode(wav: Path, kind: str) -> Path:
    """The same music as another kind of file, a key of ENCODINGS."""
    made = wav.with_suffix(f".{kind}")
    if kind != "wav":
        command = [QUICK_FFMPEG, "-v", "error", "-y", "-i", str(wav), *ENCODINGS[kind][1]]
        made_once(made, lambda unfinished: subprocess.run([*command, str(unfinished)], check=True))
    return made


def describe(path: Path, *, kind: str, rate: int, channels: int = 2, samples: int | None = None) -> AudioFile:
    """The record an import would have made."""
    status = path.stat()
    codec = ENCODINGS[kind][0]
    types = {"flac": "audio/flac", "pcm": "audio/wav", "mp3": "audio/mpeg", "aac": "audio/mp4", "alac": "audio/mp4"}
    return AudioFile(
        id=path.name,
        path=str(path),
        size=status.st_size,
        mtime_ns=status.st_mtime_ns,
        state="present",
        seen_at=MOMENT,
        payload_hash=f"hash of {path.name}",
        codec=codec,
        container="mp4" if kind.endswith("m4a") else kind,
        content_type=f"audio/{kind}" if kind in ("aiff", "aac") else types.get(codec, "audio/ogg"),
        bits_per_sample=16 if codec in ("flac", "alac", "pcm") else None,
        sample_rate=48000 if codec == "opus" else rate,
        channels=channels,
        samples=samples,
        bitrate={"mp3": 192_000, "aac": 192_000, "vorbis": 192_000, "opus": 160_000}.get(codec, 800_000),
    )


def song_of(song_id: str) -> Song:
    """A song record with nothing special about it."""
    return Song(
        id=song_id,
        title="Grüße / aus Köln",
        sort_title="",
        slug=song_id,
        artist_id="a1",
        artist_credit="Ännchen",
        created_at=MOMENT,
        updated_at=MOMENT,
    )


async def until(condition: Callable[[], object]) -> None:
    """Let the loop turn until the condition holds; a test that waits in vain fails after a minute."""
    async with asyncio.timeout(60):
        while not condition():  # noqa: ASYNC110
            await asyncio.sleep(0.001)


def children() -> list[str]:
    """Pids of this process's encoders that still live; servers of other tests are children too."""
    pids = Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children").read_text().split()
    return [pid for pid in pids if _command(pid) == "ffmpeg"]


def _command(pid: str) -> str:
    try:
        return Path(f"/proc/{pid}/comm").read_text().strip()[:6]
    except (FileNotFoundError, ProcessLookupError):
        return ""


class Accounts:
    """Knows two tokens."""

    async def viewer_for(self, token: str) -> Viewer:
        if token not in ("ada", "bob"):
            raise Unauthenticated("No.")
        return Viewer(user_id=token, session_id=f"session of {token}")

    async def viewer_of_session(self, user_id: str, session_id: str) -> Viewer:
        return Viewer(user_id=user_id, session_id=session_id)


@dataclass
class Stage:
    """Songs by id, and everything between them and a listener."""

    deliveries: Deliveries
    cache: SegmentCache
    tickets: Tickets
    songs: dict[str, AudioFile] = field(default_factory=dict)
    port: int = 0
    hidden: set[str] = field(default_factory=set)
    lane: ExpressLane | None = None
    streams: OpenStreams = field(default_factory=OpenStreams)

    def hide(self, song_id: str) -> None:
        """From now on nobody may hear the song, and the lane hears of that as it would on the bus."""
        self.hidden.add(song_id)
        if self.lane is not None:
            self.lane.forget()

    def ticket(self, song_id: str, quality: str = "lossless", session: str = "s1") -> str:
        return self.tickets.issue(user_id="ada", session_id=session, song_id=song_id, quality=quality)


@contextlib.asynccontextmanager
async def stage(
    directory: Path,
    *,
    cache_bytes: int = 10**9,
    encoders: int = 2,
    encoder_queue: int = 64,
    tls: ssl.SSLContext | None = None,
    express: bool = False,
    manners: Manners | None = None,
    port: int | None = None,
    ffmpeg: str | Path = QUICK_FFMPEG,
    more_doors: Sequence[tuple[Any, ...]] = (),
    **settings: Any,
) -> AsyncIterator[Stage]:
    """A running server on a port of its own; all of it is gone afterwards.

    Its encoder is the one that starts sooner: what the one on PATH makes is for the tests of each codec to prove.
    """
    clock = Clock()
    songs: dict[str, AudioFile] = {}
    hidden: set[str] = set()

    async def sources(viewer: Viewer, song_id: str) -> tuple[Song, AudioFile]:
        if song_id not in songs or song_id in hidden:
            raise NotFound("No such song.")
        return song_of(song_id), songs[song_id]

    cache = SegmentCache(directory / "cache", cache_bytes, clock=clock)
    deliveries = Deliveries(
        clock=clock,
        sources=sources,
        ffmpeg=Ffmpeg(Path(ffmpeg)),
        cache=cache,
        encoders=encoders,
        encoder_queue=encoder_queue,
    )
    tickets = Tickets(b"k" * 32, clock=clock, lifetime_s=3600)
    await deliveries.start()
    house = SimpleNamespace(
        clock=clock, accounts=Accounts(), deliveries=deliveries, hls=Hls(deliveries), tickets=tickets
    )
    visits, streams = Visits(), OpenStreams()
    manners = manners or Manners()
    given = {"house": house, "manners": manners, "visits": visits, "streams": streams, **settings}
    doors = [(r"/stream/([^/]+)", StreamHandler, given), (r"/hls/([^/]+)/(.+)", HlsHandler, given), *more_doors]
    application = Application(doors, log_function=lambda _: None)
    shared = {"house": house, "manners": manners, "visits": visits, "streams": streams}
    lane = ExpressLane(application, **shared, **settings) if express else None
    server = HTTPServer(lane or application, ssl_options=tls)
    if lane is not None:
        lane.serve_on(server)
    socket, port = bind_unused_port() if port is None else (bind_sockets(port, "127.0.0.1")[0], port)
    server.add_sockets([socket])
    try:
        yield Stage(deliveries, cache, tickets, songs, port, hidden, lane, streams)
    finally:
        server.stop()
        await server.close_all_connections()
        assert await visits.drained(5)
        if lane is not None:
            await lane.stop()
        await deliveries.stop()
