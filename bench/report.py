"""All performance promises in one page: runs the benches one after the other and writes `docs/benchmarks.md`.

`python -m bench.report` runs all of them (about an hour on two cores); names run some and keep the others as they
were; `--list` tells which there are; `--draw` writes the page anew from what was measured. The page names the
machine, the day and the commit of each part, and has the figures of the run before beside today's.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench.charts import chart, written
from bench.figures import PLACE, Figure, read

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "benchmarks.md"
KEPT = ROOT / "docs" / "benchmarks"
LONGEST_S = 1800
"""After so many seconds a bench is ended and left out, with a word."""


BEFORE_PLANS = "ab6cf8ac"
"""The last version without plans."""


@dataclass(frozen=True, slots=True)
class Bench:
    """A bench of the report: its module with arguments, and what it shows."""

    name: str
    command: tuple[str, ...]
    about: str


BENCHES = (
    Bench("storage", ("bench.storage",), "Document engines: 50,000 songs and 200,000 plays."),
    Bench("restart", ("bench.restart",), "From the start of a killed server to its first answer, with 50,000 songs."),
    Bench("stream", ("bench.stream",), "Byte ranges over HTTP, beside nginx and Tornado's own file handler."),
    Bench("imports", ("bench.imports", "--beets"), "Bringing 5,000 files into the library, beside beets."),
    Bench(
        "graphql",
        ("bench.graphql", "--large"),
        "The specification's documents while the catalogue grows 10 and 100 times.",
    ),
    Bench("graphql_plan", ("bench.graphql_plan",), "One document of 850 leaves, beside other executors and servers."),
    Bench("one_event", ("bench.one_event",), "One event told to a thousand subscribers of the same document."),
    Bench("first_visit", ("bench.first_visit",), "A first visit over slow lines, with the demo catalogue."),
    Bench("realtime", ("bench.realtime",), "Fan-out, idle sockets and returning crowds, beside other servers."),
    Bench("scaling", ("bench.scaling",), "One, two and four processes, and what a thousand listeners cost."),
    Bench("soak", ("bench.soak", "--minutes", "10"), "A day of everything, and what it leaves in memory."),
    Bench(
        "planned_documents",
        ("bench.planned_documents", "--before", BEFORE_PLANS),
        "The specification's queries over a real store, by plans, by graphql-core and before there were plans.",
    ),
    Bench("search", ("bench.search",), "Finding names in a large library, beside SQLite's FTS5."),
    Bench("transcode", ("bench.transcode", "seek"), "Seeking in sound that is made on the way."),
)


@dataclass(frozen=True, slots=True)
class Measured:
    """One bench, run: when, of which commit, how long, its figures, and those of the run before."""

    name: str
    day: str
    commit: str
    took_s: float
    figures: list[Figure]
    before: list[Figure]

    def as_json(self) -> dict[str, Any]:
        """As it is kept."""
        return asdict(self)

    @classmethod
    def of_json(cls, kept: dict[str, Any]) -> Measured:
        """As it was kept."""
        figures, before = ([Figure(**each) for each in kept[part]] for part in ("figures", "before"))
        return cls(kept["name"], kept["day"], kept["commit"], kept["took_s"], figures, before)


def run(bench: Bench, earlier: Measured | None) -> Measured | None:
    """Run one; its words go to the terminal as they come. None when it failed or told nothing."""
    print(f"\n== {bench.name}: python -m {' '.join(bench.command)}", flush=True)
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "figures"
        environment = os.environ | {PLACE: str(place)}
        try:
            subprocess.run(
                [sys.executable, "-m", *bench.command], env=environment, check=True, timeout=LONGEST_S, cwd=ROOT
            )
        except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
            print(f"{bench.name} is left out: {error}", file=sys.stderr)
            return None
        figures = read(place)
    if not figures:
        print(f"{bench.name} is left out: it told no figure", file=sys.stderr)
        return None
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, cwd=ROOT, check=True
    )
    before = earlier.figures if earlier is not None else []
    day = datetime.now(UTC).date().isoformat()
    return Measured(bench.name, day, commit.stdout.strip(), time.monotonic() - began, figures, before)


def machine() -> str:
    """What this was measured on, in one line."""
    cpu = platform.processor() or "an unnamed processor"
    told = Path("/proc/cpuinfo")
    if told.exists():
        names = [
            line.split(":", 1)[1].strip() for line in told.read_text().splitlines() if line.startswith("model name")
        ]
        cpu = names[0] if names else cpu
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    python = platform.python_version()
    return (
        f"{os.cpu_count()} cores of {cpu}, {memory:.0f} GiB, {platform.system()} {platform.release()}, Python {python}"
    )


def page(measured: Iterable[Measured], where: str) -> str:
    """The page, in Markdown."""
    about = {bench.name: bench for bench in BENCHES}
    lines = [
        "# Benchmarks",
        "",
        "Made by `make bench`; nobody edits it. Every table compares what ran on one machine in one run; ratios are",
        "how many times as good ours is (1 is the same, more is better), so they say more than the figures do.",
        "*Before* is the run before.",
        "",
        f"Machine: {where}.",
    ]
    for each in measured:
        bench = about[each.name]
        lines += [
            "",
            f"## {each.name.capitalize().replace('_', ' ')}",
            "",
            f"{bench.about} `python -m {' '.join(bench.command)}`, {each.day}, commit {each.commit}, "
            f"{each.took_s:.0f} s.",
            "",
            f"![{bench.about}](benchmarks/{each.name}.svg)",
            "",
            *table(each),
        ]
    return "\n".join(lines) + "\n"


def table(measured: Measured) -> list[str]:
    """A row a figure and rival."""
    before = {(figure.what, figure.unit): figure for figure in measured.before}
    rows = ["| what | whose | value | ratio | before | promise |", "|---|---|---:|---:|---:|---|"]
    for figure in measured.figures:
        earlier = before.get((figure.what, figure.unit))
        for place, (name, value) in enumerate(figure.rivals.items()):
            ratio = figure.ratio(name) if place else None
            was = earlier.rivals.get(name) if earlier is not None else None
            rows.append(
                f"| {figure.what if place == 0 else ''} | {name} | {written(value)} {figure.unit} "
                f"| {'' if ratio is None else f'{ratio:.2f} ×'} | {'' if was is None else written(was)} "
                f"| {figure.promise if place == 0 else ''} |"
            )
    return rows


def main() -> int:
    """The command line; 1 when a bench was left out."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", help="which to run; all when none is named")
    parser.add_argument("--list", action="store_true", help="tell which there are")
    parser.add_argument("--draw", action="store_true", help="measure nothing, write the page anew")
    asked = parser.parse_args()
    if asked.list:
        for bench in BENCHES:
            print(f"{bench.name:12} {bench.about}")
        return 0
    known = {bench.name for bench in BENCHES}
    if strange := sorted(set(asked.names) - known):
        parser.error(f"there is no bench {', '.join(strange)}; there are {', '.join(sorted(known))}")
    kept_file = KEPT / "figures.json"
    kept: dict[str, Any] = json.loads(kept_file.read_text(encoding="utf-8")) if kept_file.exists() else {"machine": ""}
    have = {each["name"]: Measured.of_json(each) for each in kept.get("measured", [])}
    where = kept["machine"]
    failed = False
    KEPT.mkdir(exist_ok=True)
    for bench in BENCHES if not asked.draw else ():
        if asked.names and bench.name not in asked.names:
            continue
        found = run(bench, have.get(bench.name))
        failed |= found is None
        if found is not None:
            have[bench.name], where = found, machine()
            # Kept after each, for an hour is long and something may end it.
            told = {"machine": where, "measured": [each.as_json() for each in have.values()]}
            kept_file.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    ordered = [have[bench.name] for bench in BENCHES if bench.name in have]
    for each in ordered:
        (KEPT / f"{each.name}.svg").write_text(chart(each.figures), encoding="utf-8")
    PAGE.write_text(page(ordered, where), encoding="utf-8")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
