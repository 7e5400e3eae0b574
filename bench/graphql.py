"""How fast the API answers: the specification's documents over a made-up library, engine by engine and size by size.

Each document runs through the executor of a real house with real ids of that library, its people drawn at random.
Printed for each: requests a second, p50 and p99 in milliseconds, and store commands a request; then the ratio of the
larger library to the smaller (or of one engine to the other), which is the promise: at most 1.5 for the hottest ten.

`python -m bench.graphql` compares 5,000 songs with 50,000; `--large` adds 500,000 (some minutes to make).
`--ferretdb` starts a MongoDB-protocol server as `make test-services` does, `--mongodb-uri` takes one that runs.
Libraries are kept under `.services/bench/` for the next time.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import random
import shutil
import statistics
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tqdm import tqdm

from bench.figures import tell
from graph.build import build_executor
from graph.execute import Executor, Request
from server.composition import Household, open_household
from server.memory import settle_memory
from server.settings import Settings
from services.clock import SetClock
from services.seed.scale import SCALES
from services.seed.seeder import Seeder
from services.viewer import Viewer
from tests.specification.documents import Document, operations, with_real_values

KEPT = Path(__file__).parent.parent / ".services" / "bench"
AS_OF = datetime(2026, 11, 1, tzinfo=UTC)
SAMPLE = 400
HOTTEST = ("me", "artist", "album", "song", "searchSongs", "autocomplete", "playlist", "newReleases", "trendingCharts",
           "playSong")  # fmt: skip
NEEDS_BYTES = {"uploadSong", "createArtist", "updateProfile", "createPlaylist"}
SIGNS_IN = {"register", "login", "refreshToken"}
ENDS_THINGS = {"deletePlaylist", "removeSongFromPlaylist", "reorderPlaylistSongs", "updatePlaylist"}
LEFT_OUT = NEEDS_BYTES | SIGNS_IN | ENDS_THINGS
WORDS = ("love", "night", "blue", "river", "dance", "silent", "golden moon", "stars", "wlid", "forest")


class Counting:
    """An engine that counts its commands."""

    def __init__(self, engine: Any) -> None:
        self._engine = engine
        self.commands = 0

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._engine, name)
        if not callable(method):
            return method

        def counted(*arguments: Any, **options: Any) -> Any:
            self.commands += 1
            return method(*arguments, **options)

        return counted


@dataclass
class Figure:
    """One document in one library."""

    took_ms: list[float] = field(default_factory=list)
    commands: float = 0.0

    @property
    def per_second(self) -> float:
        """Requests one after another."""
        return 1000 * len(self.took_ms) / sum(self.took_ms)

    @property
    def p50(self) -> float:
        """Median, in milliseconds."""
        return statistics.median(self.took_ms)

    @property
    def p99(self) -> float:
        """99th percentile, in milliseconds."""
        return statistics.quantiles(self.took_ms, n=100, method="inclusive")[98]


@dataclass
class Library:
    """A house to ask, and a sample of what is in it."""

    household: Household
    executor: Executor
    counting: Counting
    ids: dict[str, list[str]]
    names: list[str]
    owners: dict[str, str]


@contextlib.asynccontextmanager
async def opened(scale: str, mongodb_uri: str = "") -> AsyncIterator[Library]:
    """The library of that scale, made when it is not there yet."""
    settings = Settings()
    folder = KEPT / scale
    whole = folder / ("made-mongodb" if mongodb_uri else "made")
    if not mongodb_uri and not whole.exists():
        # Begun once and broken off: half a library would be measured.
        shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)
    mongodb = replace(settings.storage.mongodb, uri=mongodb_uri, database=f"bench_{scale}")
    settings = replace(settings, storage=replace(settings.storage, data_dir=folder, mongodb=mongodb))
    # On the day the library was made up for: charts and tops are of the days before.
    async with open_household(settings, SetClock(AS_OF)) as household:
        await _make(household, scale)
        whole.touch()
        counting = Counting(household.store.engine)
        for collection in vars(household.store).values():
            if hasattr(collection, "engine"):
                collection.engine = counting
        ids = {
            kind: [row["_id"] for row in await household.store.engine.find(kind, filter, limit=SAMPLE, fields=["_id"])]
            for kind, filter in (
                ("songs", {}), ("albums", {}), ("artists", {}), ("users", {}), ("genres", {}),
                ("playlists", {"is_public": True}),
            )
        }  # fmt: skip
        users = await household.store.users.get_many(ids["users"])
        playlists = await household.store.playlists.get_many(ids["playlists"])
        owners = {playlist.user_id: playlist.id for playlist in playlists.values()}
        names = [user.username for user in users.values()]
        yield Library(household, _executor(household), counting, ids, names, owners)


def _executor(household: Household) -> Executor:
    return build_executor(household.house)


async def _make(household: Household, scale: str) -> None:
    if await household.store.songs.count({}, limit=1):
        return
    with tqdm(desc=f"making {scale}", unit=" rows", total=0, disable=None) as bar:

        def show(title: str, done: int, total: int) -> None:
            bar.set_description(f"{scale}: {title}", refresh=False)
            bar.total = total
            bar.update(done - bar.n)

        await Seeder(household.store, SCALES[scale], seed=1, as_of=AS_OF, progress=show).run()
    house = household.house
    for name, work in (
        ("charts", house.chart_making.make),
        ("listeners", house.listeners.recount),
        ("search index", house.indexing.rebuild),
    ):
        begun = time.perf_counter()
        await work()
        print(f"  {scale}: {name} made in {time.perf_counter() - begun:.1f} s")


async def measure(library: Library, documents: list[Document], rounds: int, seconds: float) -> dict[str, Figure]:
    """A figure for each document: `rounds` requests, or as many as `seconds` allow."""
    rng = random.Random(5)
    figures: dict[str, Figure] = {}
    for document in tqdm(documents, desc="asking", leave=False, disable=None):
        figure = figures[document.root] = Figure()
        await _ask(library, document, rng)
        library.counting.commands = 0
        begun = time.perf_counter()
        while len(figure.took_ms) < rounds and time.perf_counter() - begun < seconds:
            figure.took_ms.append(await _ask(library, document, rng))
        figure.commands = library.counting.commands / len(figure.took_ms)
    return figures


KINDS = {"songId": "songs", "albumId": "albums", "artistId": "artists", "seedArtist": "artists",
         "playlistId": "playlists", "sourceId": "playlists", "userId": "users"}  # fmt: skip
ROOTS = {"artist": "artists", "album": "albums", "song": "songs", "playlist": "playlists"}


async def _ask(library: Library, document: Document, rng: random.Random) -> float:
    """Milliseconds of one request with ids drawn anew; an error ends the bench."""
    asker = rng.choice(library.ids["users"])
    if document.root == "addSongToPlaylist":
        asker = rng.choice(list(library.owners))

    def draw(root: str, argument: str, printed: str) -> str:
        if argument == "playlistId" and root == "addSongToPlaylist":
            return library.owners[asker]
        kind = KINDS.get(argument) or (ROOTS.get(root) if argument == "id" else None)
        if kind is not None:
            return rng.choice([id for id in rng.sample(library.ids[kind], 2) if id != asker])
        if argument == "username":
            return rng.choice(library.names)
        return rng.choice(WORDS) if argument == "query" else printed

    request = Request(with_real_values(document, draw))
    # Real clients send what differs as variables; parsing the text anew each time would measure the parser.
    library.executor.operation_kind(request)
    begun = time.perf_counter()
    response = await library.executor.execute(request, Viewer(user_id=asker, session_id="bench"))
    took = (time.perf_counter() - begun) * 1000
    if "errors" in response:
        raise SystemExit(f"{document}: {response['errors']}\n{request.query}")
    return took


def report(titles: list[str], runs: list[dict[str, Figure]]) -> None:
    """Every document in one line: each library's figures, then the last against the first."""
    first, last = runs[0], runs[-1]
    head = "".join(f"{title:>34}" for title in titles)
    print(
        f"\n{'':24}{head}{'p50 ratio':>12}\n{'':24}"
        + "".join(f"{'req/s':>9}{'p50':>8}{'p99':>9}{'cmds':>8}" for _ in runs)
    )
    for root in first:
        cells = "".join(
            f"{run[root].per_second:9.0f}{run[root].p50:8.2f}{run[root].p99:9.2f}{run[root].commands:8.1f}"
            for run in runs
        )
        ratio = last[root].p50 / first[root].p50
        mark = "" if root not in HOTTEST else "  hot, kept" if ratio <= 1.5 else "  hot, OVER 1.5"
        print(f"{root:24}{cells}{ratio:11.2f}×{mark}")
        if root in HOTTEST:
            told = {title: run[root].p50 for title, run in zip(titles, runs, strict=True)}
            tell(root, "ms, median", told, promise="ten times the songs: ≤ 1.5 ×")
    hot = [last[root].p50 / first[root].p50 for root in HOTTEST if root in first]
    print(f"\nthe hottest {len(hot)}: {statistics.geometric_mean(hot):.2f}× on average, {max(hot):.2f}× at most")


async def main() -> None:
    """Run what the words name."""
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--scales", nargs="+", default=["small", "medium"], choices=list(SCALES))
    words.add_argument("--large", action="store_true", help="add 500,000 songs")
    words.add_argument("--rounds", type=int, default=200)
    words.add_argument("--seconds", type=float, default=3.0, help="most time for one document")
    words.add_argument("--mongodb-uri", default="", help="compare the embedded engine with this server")
    words.add_argument("--ferretdb", action="store_true", help="compare it with a FerretDB started here")
    asked = words.parse_args()
    settle_memory()
    documents = [d for d in operations() if d.kind != "subscription" and d.root not in LEFT_OUT]
    scales = [*asked.scales, *(["large"] if asked.large else [])]
    titles, runs = [], []
    async with contextlib.AsyncExitStack() as undo:
        uri = asked.mongodb_uri
        if asked.ferretdb:
            from tests.services.ferretdb import running_server

            uri = undo.enter_context(running_server()).uri
        engines = [("", "sqlite")] + ([(uri, "mongodb")] if uri else [])
        for scale in scales[:1] if uri else scales:
            for address, engine in engines:
                async with opened(scale, address) as library:
                    titles.append(f"{engine}, {SCALES[scale].songs:,} songs")
                    runs.append(await measure(library, documents, asked.rounds, asked.seconds))
    report(titles, runs)


if __name__ == "__main__":
    asyncio.run(main())
