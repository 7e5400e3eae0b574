"""A whole server in a process of its own, with songs nobody has played yet: what `bench/transcode` measures.

Speaks by lines: prints one JSON line with its port and tickets, then answers `begin` (forget what was measured),
`tell` (loop lag, memory, what became of the encoders' queue) and `cpu` (processor seconds of this process so far) on
standard input; the end of input stops it.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import resource
import statistics
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from server.app import App
from server.composition import Household, open_household
from server.settings import Settings
from services.audio.admission import Admission
from services.loop_lag import LoopLag
from services.viewer import NOBODY, SYSTEM, Viewer
from storage.records import Artist, AudioFile, Song

SECONDS = 300
RATE = 44_100
PASSWORD = "SecurePass123!"
LISTENERS = 20
LAG_SAMPLE_S = 0.01


async def furnish(household: Household, source: Path, songs: int) -> None:
    """So many songs, all of them hard links of one recording: to the server they are different ones."""
    store, now = household.store, household.house.clock.now()
    await store.artists.insert(Artist("band", "Band", "band", "band", "band", now, now))
    for number in range(songs):
        path = source.with_name(f"song-{number}.flac")
        os.link(source, path)
        status = path.stat()
        song_id = f"song{number}"
        file = AudioFile(f"file{number}", str(path), status.st_size, status.st_mtime_ns, "present", now, song_id)
        file.payload_hash, file.codec, file.container = f"{number:064x}", "flac", "flac"
        file.content_type, file.sample_rate, file.channels = "audio/flac", RATE, 2
        file.samples, file.duration_ms, file.bitrate = SECONDS * RATE, SECONDS * 1000, 900_000
        await store.audio_files.insert(file)
        song = Song(song_id, f"Song {number}", f"song {number}", song_id, "band", "Band", now, now, file_id=file.id)
        song.artist_ids, song.duration_ms = ["band"], SECONDS * 1000
        await store.songs.insert(song)


async def sign_in(household: Household) -> list[tuple[Viewer, str]]:
    """The listeners, with their tokens."""
    accounts, listeners = household.house.accounts, []
    for number in range(LISTENERS):
        email = f"listener{number}@example.com"
        await accounts.create(SYSTEM, email=email, username=f"listener{number}", password=PASSWORD, roles=[])
        signed_in = await accounts.signing_in.log_in(NOBODY, email=email, password=PASSWORD)
        listeners.append((await accounts.viewer_for(signed_in.token), signed_in.token))
    return listeners


def ticket(household: Household, viewer: Viewer, song_id: str) -> str:
    """What lets this listener play that song."""
    user_id, session_id = viewer.user_id or "", viewer.session_id or ""
    return household.house.tickets.issue(user_id=user_id, session_id=session_id, song_id=song_id, quality="lossless")


class Measured:
    """What is told: the loop's lag at a sample every 10 ms, memory of this process and its encoders."""

    def __init__(self, household: Household) -> None:
        self._household = household
        self._lag = LoopLag(sample_s=LAG_SAMPLE_S)
        self._lag.heard = self._hear
        self._lags: list[float] = []
        self._most_encoders = 0

    def _hear(self, lag_s: float) -> None:
        self._lags.append(lag_s)
        self._most_encoders = max(self._most_encoders, self._household.house.deliveries.admission.running)

    def start(self) -> None:
        """Begin."""
        self._lag.start()

    async def stop(self) -> None:
        """End."""
        await self._lag.stop()

    def begin(self) -> None:
        """Forget what was before."""
        self._lags.clear()
        self._most_encoders = 0

    def tell(self) -> dict[str, Any]:
        """The figures since `begin`; `peak_mb` since the start."""
        lags = sorted(self._lags) or [0.0]
        tally = self._household.house.deliveries.admission.tally
        status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines() if ":" in line)
        times = resource.getrusage(resource.RUSAGE_SELF)
        return {
            "lag_p50_ms": 1000 * statistics.median(lags),
            "lag_p99_ms": 1000 * lags[min(len(lags) - 1, int(len(lags) * 0.99))],
            "lag_max_ms": 1000 * lags[-1],
            "rss_mb": int(status["VmRSS"].split()[0]) / 1024,
            "peak_mb": int(status["VmHWM"].split()[0]) / 1024,
            "cpu_s": times.ru_utime + times.ru_stime,
            "most_encoders": self._most_encoders,
            "cache_mb": self._household.house.deliveries.cache.used_bytes / 1e6,
            "made": tally.made,
            "refused": tally.refused,
        }


async def serve(directory: Path, songs: int, encoders: int, queue: int) -> None:
    """The server, until standard input ends."""
    settings = Settings()
    audio = replace(settings.audio, encoders=encoders, encoder_queue=queue, idle_cache_percent=0)
    graphql = replace(settings.graphql, rate_per_second=0.0, anonymous_rate_per_second=0.0)
    listening = replace(settings.server, port=0, log_level="error", drain_seconds=0.1)
    storage = replace(settings.storage, data_dir=directory / "data")
    settings = replace(settings, audio=audio, graphql=graphql, server=listening, storage=storage)
    (directory / "data").mkdir()
    async with open_household(settings) as household:
        if queue >= 100_000:
            # The alternative: not even one person's share has a bound.
            deliveries = household.house.deliveries
            clock = household.house.clock
            deliveries.admission = Admission(clock=clock, places=encoders, waiting_limit=queue, user_limit=queue)
        await furnish(household, directory / "source.flac", songs)
        listeners = await sign_in(household)
        app = App(settings, household)
        port = await app.start()
        tickets = [[ticket(household, viewer, f"song{at}") for at in range(songs)] for viewer, _ in listeners]
        measured = Measured(household)
        measured.start()
        print(json.dumps({"port": port, "token": listeners[0][1], "tickets": tickets}), flush=True)
        try:
            await _answer_lines(measured)
        finally:
            await measured.stop()
            await app.stop()


async def _answer_lines(measured: Measured) -> None:
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := await reader.readline():
        if line.strip() == b"cpu":
            print(json.dumps({"cpu_s": time.process_time()}), flush=True)
            continue
        if line.strip() == b"begin":
            measured.begin()
        print(json.dumps(measured.tell()), flush=True)


def main() -> None:
    """Be the server."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("directory", type=Path)
    words.add_argument("--songs", type=int, required=True)
    words.add_argument("--encoders", type=int, default=2)
    words.add_argument("--queue", type=int, default=64)
    given = words.parse_args()
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    asyncio.run(serve(given.directory, given.songs, given.encoders, given.queue))


if __name__ == "__main__":
    main()
