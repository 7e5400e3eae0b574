"""How fast the document engines answer: 50,000 songs and 200,000 plays through the engine protocol.

Prints the median (of the quietest fifth of each run) and the 95th percentile of each operation for every engine at
hand, side by side with their ratio, and whether the promise is kept. The embedded engine always runs; give
`--mongodb-uri` for a MongoDB-protocol server, or `--ferretdb` to start one as `make test-services` does (`--songs`
makes the catalogue smaller for it).
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import random
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bench.figures import tell
from server.memory import settle_memory
from storage.engine import Document, Engine, Insert
from storage.indexes import INDEXES
from storage.mongo import MongoEngine
from storage.sqlite import SqliteEngine

START = datetime(2026, 1, 1, tzinfo=UTC)
GENRES = 40
TARGETS_MS = {
    "find by id": 0.05,
    "50 ids": 0.3,
    "equality + sort + limit 50": 0.3,
    "acknowledged insert": 0.2,
}
Figures = dict[str, tuple[float, float]]


def make_song(number: int, rng: random.Random) -> Document:
    """A song as the importer writes it, about 1.2 KB."""
    artist = f"artist{number % 2500:06}"
    return {
        "_id": f"song{number:08}",
        "title": f"Song number {number} of the bench",
        "sort_title": f"song number {number} of the bench",
        "slug": f"song-number-{number}",
        "artist_id": artist,
        "artist_credit": f"Artist {number % 2500}",
        "credits": [{"artist_id": artist, "name": f"Artist {number % 2500}", "role": "main", "join": ""}],
        "artist_ids": [artist],
        "album_id": f"album{number // 12:07}",
        "album_title": f"Album {number // 12}",
        "duration_ms": rng.randrange(120_000, 400_000),
        "track_number": number % 12 + 1,
        "disc_number": 1,
        "release_date": f"{rng.randrange(1960, 2026)}-{rng.randrange(1, 13):02}",
        "year": rng.randrange(1960, 2026),
        "isrc": f"XX{number:010}",
        "genre_id": f"genre{number % GENRES}",
        "genre_ids": [f"genre{number % GENRES}", f"genre{rng.randrange(GENRES)}"],
        "is_explicit": False,
        "features": {"tempo": 120.5, "energy": 0.5, "danceability": 0.25},
        "play_count": rng.randrange(100_000),
        "like_count": rng.randrange(1000),
        "file_id": f"file{number:08}",
        "is_hidden": False,
        "copyright": "The bench, all rights reserved, none of them enforced",
        "created_at": START + timedelta(seconds=number),
        "updated_at": START + timedelta(seconds=number),
    }


def make_play(number: int, rng: random.Random, songs: int) -> Document:
    """One line of the ledger."""
    song = rng.randrange(songs)
    at = START + timedelta(seconds=number)
    return {
        "_id": f"play{number:09}",
        "user_id": f"user{rng.randrange(500):04}",
        "song_id": f"song{song:08}",
        "album_id": f"album{song // 12:07}",
        "artist_ids": [f"artist{song % 2500:06}"],
        "started_at": at,
        "recorded_at": at,
        "ms_played": rng.randrange(400_000),
        "completed": True,
        "source": "album",
    }


async def timed(rounds: int, operation: Callable[[int], Awaitable[Any]]) -> tuple[float, float]:
    """Median of the quietest fifth of the run, and the 95th percentile of all of it, in milliseconds."""
    took = []
    for number in range(rounds):
        begun = time.perf_counter()
        await operation(number)
        took.append((time.perf_counter() - begun) * 1000)
        if number % 20 == 19:
            await asyncio.sleep(0)
    return spread(took)


def spread(took: list[float]) -> tuple[float, float]:
    """A machine that others use too slows whole stretches of a run; the quietest stretch shows the store itself."""
    stretch = max(len(took) // 5, 1)
    medians = [statistics.median(took[at : at + stretch]) for at in range(0, len(took), stretch)]
    return min(medians), statistics.quantiles(took, n=20, method="inclusive")[18]


async def fill(engine: Engine, collection: str, total: int, make: Callable[[int], Document]) -> float:
    """Documents a second in bulks of 2,000."""
    spent = 0.0
    for at in range(0, total, 2000):
        writes = [Insert(make(number)) for number in range(at, min(at + 2000, total))]
        begun = time.perf_counter()
        result = await engine.bulk(collection, writes)
        spent += time.perf_counter() - begun
        assert result.inserted == len(writes), result
    return total / spent


async def measure(engine: Engine, songs: int, plays: int, rounds: int) -> Figures:
    """Every figure of one engine. Rates are stored as (documents a second, 0)."""
    rng = random.Random(7)
    for collection in ("songs", "plays"):
        await engine.ensure(collection, INDEXES[collection])
    figures: Figures = {}
    figures["bulk songs, documents/s"] = (await fill(engine, "songs", songs, lambda n: make_song(n, rng)), 0)
    figures["bulk plays, documents/s"] = (await fill(engine, "plays", plays, lambda n: make_play(n, rng, songs)), 0)

    def song_id() -> str:
        return f"song{rng.randrange(songs):08}"

    # Chosen beforehand: drawing fifty random numbers takes as long as finding fifty songs may.
    one = [song_id() for _ in range(rounds)]
    fifty = [[song_id() for _ in range(50)] for _ in range(rounds)]

    def by_id(number: int) -> Awaitable[Any]:
        return engine.get("songs", one[number])

    figures["find by id"] = await timed(rounds, by_id)
    figures["50 ids"] = await timed(rounds, lambda n: engine.get_many("songs", fifty[n]))
    figures["equality + sort + limit 50"] = await timed(
        rounds,
        lambda n: (
            engine.find("songs", {"genre_ids": f"genre{n % GENRES}"}, sort=[("play_count", -1)], limit=50)
            if n % 2
            else engine.find("plays", {"user_id": f"user{n % 500:04}"}, sort=[("started_at", -1)], limit=50)
        ),
    )
    figures["newest 50 songs that show"] = await timed(
        rounds, lambda _: engine.find("songs", {"is_hidden": False}, sort=[("created_at", -1)], limit=50)
    )
    figures["genre + years + sort, 50"] = await timed(
        rounds,
        lambda n: engine.find(
            "songs",
            {"genre_ids": f"genre{n % GENRES}", "year": {"$gte": 1990, "$lt": 2010}},
            sort=[("play_count", -1)],
            limit=50,
        ),
    )
    figures["user history, page 2"] = await timed(
        rounds,
        lambda n: engine.find(
            "plays",
            {"user_id": f"user{n % 500:04}"},
            sort=[("started_at", -1)],
            limit=50,
            after=[START + timedelta(seconds=plays // 2), "play0"],
        ),
    )
    figures["count of one artist"] = await timed(
        rounds, lambda n: engine.count("songs", {"artist_id": f"artist{n % 2500:06}"})
    )
    new_plays = [make_play(plays + n, rng, songs) for n in range(rounds)]
    new_songs = [make_song(songs + n, rng) for n in range(rounds)]
    figures["acknowledged insert"] = await timed(rounds, lambda n: engine.insert("plays", new_plays[n]))
    figures["acknowledged insert, song"] = await timed(rounds, lambda n: engine.insert("songs", new_songs[n]))
    figures["increment"] = await timed(
        rounds, lambda n: engine.update("songs", {"_id": one[n]}, {"$inc": {"like_count": 1}})
    )
    figures["increment, indexed field"] = await timed(
        rounds, lambda n: engine.update("songs", {"_id": one[n]}, {"$inc": {"play_count": 1}})
    )
    figures["group over all plays"] = await timed(
        5, lambda _: engine.group("plays", {}, by=["song_id"], sums={"n": 1}, sort=[("n", -1)], limit=50)
    )
    await measure_beside_bulk(engine, figures, songs, rounds, by_id)
    return figures


async def measure_beside_bulk(
    engine: Engine,
    figures: Figures,
    songs: int,
    rounds: int,
    by_id: Callable[[int], Awaitable[Any]],
) -> None:
    """The same reads, a millisecond apart, alone and while another task writes bulks without a pause."""
    rng = random.Random(8)
    first = songs + rounds
    bulks = 0

    async def keep_writing() -> None:
        nonlocal bulks
        while True:
            begin = first + bulks * 1000
            documents = []
            for number in range(begin, begin + 1000):
                documents.append(Insert(make_song(number, rng)))
                if number % 20 == 0:
                    await asyncio.sleep(0)
            await engine.bulk("songs", documents)
            bulks += 1

    async def spaced(read: Callable[[int], Awaitable[Any]]) -> tuple[float, float]:
        took = []
        for number in range(rounds):
            begun = time.perf_counter()
            await read(number)
            took.append((time.perf_counter() - begun) * 1000)
            await asyncio.sleep(0.001)
        return spread(took)

    def history(number: int) -> Awaitable[Any]:
        return engine.find("plays", {"user_id": f"user{number % 500:04}"}, sort=[("started_at", -1)], limit=50)

    reads = {"find by id": by_id, "user history": history}
    alone = {name: await spaced(read) for name, read in reads.items()}
    writer = asyncio.create_task(keep_writing(), name="bench-bulk")
    beside = {name: await spaced(read) for name, read in reads.items()}
    writer.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await writer
    for name in reads:
        figures[f"{name}, 1 ms apart"] = alone[name]
        figures[f"{name}, 1 ms apart, beside a bulk"] = beside[name]
        figures[f"{name}, beside a bulk / alone"] = beside[name][0] / alone[name][0], beside[name][1] / alone[name][1]


def show(columns: dict[str, Figures]) -> None:
    """Print the table, and whether the embedded engine keeps each promise."""
    names = list(next(iter(columns.values())))
    head = f"{'operation (ms: median / p95)':36}" + "".join(f"{name:>24}" for name in columns)
    print(head + ("   ratio" if len(columns) > 1 else "") + "   promise")
    for name in names:
        line = f"{name:36}"
        for figures in columns.values():
            median, high = figures[name]
            line += f"{median:24,.0f}" if "/s" in name else f"{median:14.3f} /{high:8.3f}"
        if len(columns) > 1:
            first, second, *_ = (figures[name][0] for figures in columns.values())
            line += f"{second / first:8.2f}"
        target = TARGETS_MS.get(name)
        if target is not None:
            fine = columns["sqlite"][name][0] <= target
            line += f"   ≤ {target} {'kept' if fine else 'MISSED'}"
        print(line)
        per_second = "/s" in name
        told = {engine: figures[name][0] for engine, figures in columns.items()}
        promise = "" if target is None else f"≤ {target} ms"
        if len(told) > 1 or target is not None:
            tell(name, "" if per_second else "ms, median", told, more=per_second, promise=promise)


async def run(arguments: argparse.Namespace) -> None:
    """Measure every engine at hand."""
    columns: dict[str, Figures] = {}
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as services:
        engines: list[Engine] = [SqliteEngine(Path(folder) / "bench.sqlite")]
        uri = arguments.mongodb_uri
        if arguments.ferretdb:
            from tests.services.ferretdb import running_server

            uri = services.enter_context(running_server()).uri
        if uri:
            engines.append(MongoEngine(uri, database="tutti_bench", driver=arguments.driver))
        for engine in engines:
            await engine.start()
            try:
                columns[engine.name] = await measure(engine, arguments.songs, arguments.plays, arguments.rounds)
            finally:
                await engine.stop()
    print(f"{arguments.songs:,} songs, {arguments.plays:,} plays, {arguments.rounds} rounds each")
    show(columns)


def main() -> None:
    """Read the arguments, measure, print. A missed promise is shown, not failed: machines differ."""
    parser = argparse.ArgumentParser(prog="python -m bench.storage", description=__doc__)
    parser.add_argument("--mongodb-uri", help="also measure this server (its database tutti_bench is used)")
    parser.add_argument("--ferretdb", action="store_true", help="also measure a server started as the tests do")
    parser.add_argument("--driver", choices=("pymongo", "motor"), default="pymongo")
    parser.add_argument("--songs", type=int, default=50_000)
    parser.add_argument("--plays", type=int, default=200_000)
    parser.add_argument("--rounds", type=int, default=1000)
    settle_memory()
    asyncio.run(run(parser.parse_args()))


if __name__ == "__main__":
    main()
