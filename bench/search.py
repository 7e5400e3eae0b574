"""How fast and how forgiving search is in a large library, held against what is promised for two cores.

`python -m bench.search` makes 500,000 songs with lifelike names (kept under `.services/bench/` for the next time, or
in `--folder`), indexes them through the shipped entries and asks: through the services, over HTTP of a real server,
and SQLite's FTS5 as the baseline of the same run. Then titles with planted typing mistakes, how soon a change is found
while others are written, and the ratio to a library a tenth as large. `--profile` asks only through the services.
Times are wall milliseconds and processor milliseconds of the asking process; beside neighbours believe the latter.
"""

from __future__ import annotations

import argparse
import asyncio
import resource
import shutil
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import Any

from tqdm import tqdm

from bench.figures import tell
from bench.searches.asking import (
    ask_everything,
    ask_rival,
    ask_server,
    ask_songs,
    complete,
    recall,
    recall_of_rival,
)
from bench.searches.catalogue import Catalogue, Tune, fill, tunes
from bench.searches.changing import change_and_find
from bench.searches.doors import Server
from bench.searches.questions import misspellings, mix, typing
from bench.searches.rival import Rival
from bench.searches.stopwatch import Stopwatch
from server.composition import Household, open_household
from server.memory import settle_memory
from server.settings import Settings
from services.search.entries import VERSION as ENTRIES_VERSION
from services.search.folding import VERSION as FOLDING_VERSION
from storage.search_index.tantivy_schema import LAYOUT

VERSION = f"{LAYOUT}.{ENTRIES_VERSION}.{FOLDING_VERSION}"
KEPT = Path(__file__).parent.parent / ".services" / "bench"
AUTOCOMPLETE_MS, SEARCH_MS, RECALL, CHANGE_S = 15.0, 30.0, 0.95, 1.0
HEAD = f"{'':26}{'p50':>9}{'p95':>9}{'p99':>9}{'cpu p50':>11}{'cpu p95':>9}{'asked':>9}"


@dataclass
class Verdict:
    """What is promised, and whether it was kept."""

    missed: list[str] = field(default_factory=list)

    def hold(self, name: str, value: float, bound: float, *, least: bool = False) -> None:
        """Print one promise."""
        kept = value >= bound if least else value <= bound
        sign = "≥" if least else "≤"
        print(f"  {'pass' if kept else 'FAIL'}  {name}: {value:.3g} (promised {sign} {bound:g})")
        if not kept:
            self.missed.append(name)


@dataclass
class Size:
    """What one library is asked: the questions, made once."""

    catalogue: Catalogue
    tunes: list[Tune]
    folder: Path
    rounds: int

    @property
    def sample(self) -> list[Tune]:
        """Songs that the questions are about."""
        return self.catalogue.sample(self.tunes, 20_000, "asked")


async def ready(household: Household, catalogue: Catalogue, folder: Path) -> None:
    """Have the library written and its index made; print how fast that was and how large it is."""
    indexing, written, mark = household.house.indexing, folder / "written", folder / "indexed"
    if not _is_there(written):
        await fill(household.store, catalogue)
        written.touch()
    rows = await household.store.songs.count({})
    if not _is_there(mark, VERSION):
        with tqdm(desc="indexing", unit=" things", disable=None) as bar:

            def show(done: int, total: int) -> None:
                bar.total = total
                bar.update(done - bar.n)

            begun, used = time.perf_counter(), time.process_time()
            await indexing.rebuild(show)
            took, cpu = time.perf_counter() - begun, time.process_time() - used
        mark.write_text(VERSION)
        print(f"  indexed in {took:.1f} s ({cpu:.1f} s of processor): {rows / took:,.0f} songs/s")
    else:
        await indexing.catch_up()
    size = sum(file.stat().st_size for file in (folder / "data" / "search").rglob("*") if file.is_file())
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"  index {size / 1e6:,.0f} MB on disk ({size / rows:.0f} bytes a song), peak memory {peak:,.0f} MB")


def _clear(folder: Path) -> None:
    """Begun once and broken off: half a library would be measured."""
    if not _is_there(folder / "written"):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)


def _is_there(mark: Path, text: str = "") -> bool:
    return mark.exists() and mark.read_text() == text


def show(title: str, watch: Stopwatch, *, every_sort: bool = True) -> None:
    """One line for all, then one for each sort."""
    print(f"{title:26}{watch.line()}")
    for sort in watch.sorts[1:] if every_sort else ():
        print(f"{'  ' + sort:26}{watch.line(sort)}")


async def ask(household: Household, size: Size, *, every_sort: bool = True) -> dict[str, Stopwatch]:
    """Everything through the services."""
    house, sample = household.house, size.sample
    queries = mix(sample, size.catalogue.vocabulary, size.rounds)
    typed = list(islice(typing(sample, size.rounds), size.rounds))
    await complete(house, typed[:50])
    await ask_songs(house, queries[:50])
    found = {
        "searchSongs": await ask_songs(house, queries),
        "search": await ask_everything(house, queries),
        "autocomplete": await complete(house, typed),
    }
    print("through the services\n" + HEAD)
    for name, watch in found.items():
        show(name, watch, every_sort=every_sort)
    return found


async def forgiveness(household: Household, size: Size, rival: Rival | None, verdict: Verdict) -> None:
    """Recall of misspelt titles."""
    sample = size.catalogue.sample(size.tunes, 3 * size.rounds, "misspelt")
    for title, every_word in (("one word wrong", False), ("each long word wrong", True)):
        mistyped = misspellings(sample, size.rounds, every_word=every_word)
        found = await recall(household.house, mistyped)
        shares = ", ".join(f"{sort} {hits / tries:.1%}" for sort, (hits, tries) in found.items())
        print(f"misspelt titles in the top ten, {title}: {shares}")
        if rival is not None:
            hits, tries = recall_of_rival(
                rival, mistyped[: size.rounds // 10], {tune.id: tune.title for tune in size.tunes}
            )
            print(f"  FTS5: {hits / tries:.1%}")
        if not every_word:
            verdict.hold(f"recall, {title}", found["all"][0] / found["all"][1], RECALL, least=True)


def over_http(size: Size, verdict: Verdict) -> None:
    """The same questions to a real server, and how soon changes are found."""
    queries = mix(size.sample, size.catalogue.vocabulary, size.rounds)
    typed = list(islice(typing(size.sample, size.rounds), size.rounds))
    with Server(size.folder / "data") as server:
        print(f"over HTTP of a real server, which rested after {server.settle():.0f} s")
        ask_server(server, queries[:50], typed[:50])
        figures = ask_server(server, queries, typed)
        print(HEAD)
        for root, (watch, cpu_ms) in figures.items():
            show(root, watch, every_sort=False)
            print(f"{'  its processor, mean':26}{cpu_ms:9.2f}")
        print(f"  memory of the server {server.memory_mb():,.0f} MB")
        verdict.hold("autocomplete p95 over HTTP, ms", figures["autocomplete"][0].p95(), AUTOCOMPLETE_MS)
        for root in ("searchSongs", "search"):
            verdict.hold(f"{root} p95 over HTTP, ms", figures[root][0].p95(), SEARCH_MS)


async def measure(songs: int, asked: argparse.Namespace, verdict: Verdict) -> dict[str, Stopwatch]:
    """One library: all of it at full size, only the services for the smaller one."""
    full = songs == asked.songs
    folder: Path = asked.folder / f"search-{songs}"
    _clear(folder)
    catalogue = Catalogue(songs)
    settings = Settings()
    settings = replace(settings, storage=replace(settings.storage, data_dir=folder / "data"))
    print(f"\n{songs:,} songs")
    async with open_household(settings) as household:
        await ready(household, catalogue, folder)
        size = Size(catalogue, await tunes(household.store), folder, asked.rounds)
        figures = await ask(household, size, every_sort=full)
        if not full or asked.profile:
            return figures
        rival = Rival(folder / "rival.sqlite") if asked.rival else None
        if rival is not None:
            await rival.fill(household.store)
            if rival.seconds:
                print(f"FTS5 indexed in {rival.seconds:.1f} s: {songs / rival.seconds:,.0f} songs/s")
            queries = mix(size.sample, catalogue.vocabulary, asked.rounds // 4)
            typed = list(islice(typing(size.sample, asked.rounds // 4), asked.rounds // 4))
            for name, watch in ask_rival(rival, queries, typed).items():
                show(f"FTS5, {name}", watch)
                print(f"  ours / FTS5, p95: {figures[name].p95() / watch.p95():.2f}")
                tell(f"{name}, {songs:,} songs", "ms, p95", {"ours": figures[name].p95(), "FTS5": watch.p95()})
        await forgiveness(household, size, rival, verdict)
        if rival is not None:
            rival.close()
        verdict.hold("autocomplete p95, ms", figures["autocomplete"].p95(), AUTOCOMPLETE_MS)
        for root in ("searchSongs", "search"):
            verdict.hold(f"{root} p95, ms", figures[root].p95(), SEARCH_MS)
        slowest, beside = await change_and_find(household, size.sample, asked.changes)
        show("searchSongs beside writes", beside, every_sort=False)
        verdict.hold("the slowest change is found after, s", slowest, CHANGE_S)
    if asked.http:
        over_http(size, verdict)
    return figures


async def main(words: Sequence[str] | None = None) -> int:
    """Measure what the words name; 1 when a promise is missed."""
    parser = argparse.ArgumentParser(prog="python -m bench.search", description=__doc__)
    parser.add_argument("--songs", type=int, default=500_000)
    parser.add_argument("--folder", type=Path, default=KEPT, help="where libraries are kept for the next time")
    parser.add_argument("--rounds", type=int, default=2_000, help="questions of each kind")
    parser.add_argument("--changes", type=int, default=30)
    parser.add_argument("--profile", action="store_true", help="only ask through the services")
    for part, text in (("rival", "FTS5"), ("http", "the real server"), ("growth", "the library a tenth as large")):
        parser.add_argument(f"--no-{part}", dest=part, action="store_false", help=f"leave out {text}")
    asked = parser.parse_args(words)
    verdict = Verdict()
    runs: list[dict[str, Any]] = []
    if asked.growth and not asked.profile:
        runs.append(await measure(asked.songs // 10, asked, verdict))
    runs.append(await measure(asked.songs, asked, verdict))
    if len(runs) == 2:
        print("growth, p95 of ten times the songs:", end="")
        print("".join(f"  {name} {runs[1][name].p95() / runs[0][name].p95():.2f}×" for name in runs[0]))
    print(f"{len(verdict.missed)} promises missed" if verdict.missed else "every promise is kept")
    return int(bool(verdict.missed))


if __name__ == "__main__":
    settle_memory()
    sys.exit(asyncio.run(main()))
