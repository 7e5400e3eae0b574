"""What discovery costs: `python -m bench.discovery`.

First the learning: 100,000 people, 100,000 songs and 10,000,000 pairs of both in a process of its own on one core, with
planted circles of twenty songs, of which the model's ten nearest must be; then a tenth of each, for the growth. Then
every root field over HTTP of a real server with a library it has learned from (kept under `.services/bench/` for the
next time, or in `--folder`); beside neighbours believe the processor's column. `--shrink 10` learns at a tenth of all
sizes, `--learn` and `--ask` do only the one.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from pathlib import Path

from bench.recommending.asking import ask_server, made
from bench.recommending.learning import learned

KEPT = Path(__file__).parent.parent / ".services" / "bench"
PEOPLE, SONGS, PLAYS = 100_000, 100_000, 10_000_000
SECONDS, MEMORY_MB, FOUND = 1_200.0, 4_096.0, 0.9
"""Promised of the whole learning: seconds of one core, peak memory, the share of planted neighbours."""


def hold(name: str, value: float, bound: float, *, least: bool = False) -> bool:
    """Print one promise; whether it is kept."""
    kept = value >= bound if least else value <= bound
    print(f"  {'pass' if kept else 'FAIL'}  {name}: {value:.4g} (promised {'≥' if least else '≤'} {bound:g})")
    return kept


def learn(shrink: int) -> bool:
    """Both sizes and what follows; whether every promise is kept."""
    figures = []
    for part in (shrink * 10, shrink):
        told = learned(PEOPLE // part, SONGS // part, PLAYS // part)
        print(f"\n{told['users']:,} people, {told['songs']:,} songs, {told['pairs']:,} pairs: {told['recipe']}")
        print(
            f"  {told['seconds']:.1f} s, of the processor {told['cpu_seconds']:.1f} s; peak {told['peak_mb']:,.0f} MB,"
        )
        print(f"  {told['before_mb']:,.0f} MB before; the model {told['model_mb']:,.0f} MB")
        print(f"  of the ten nearest of a song {told['planted']:.1%} are of its circle")
        figures.append(told)
    tenth, whole = figures
    times = whole["cpu_seconds"] / tenth["cpu_seconds"]
    print(f"\nten times the people, songs and plays: {times:.1f} times the work,")
    print(f"{(whole['peak_mb'] - 100) / (tenth['peak_mb'] - 100):.1f} times the memory")
    kept = [
        hold("seconds of one core", whole["cpu_seconds"], SECONDS),
        hold("peak memory, MB", whole["peak_mb"], MEMORY_MB),
        hold("planted neighbours found", whole["planted"], FOUND, least=True),
    ]
    return all(kept)


async def ask(folder: Path, scale: str, rounds: int) -> bool:
    """The table of root fields; whether every promise is kept."""
    folder = folder / f"discovery-{scale}"
    print(f"\nover HTTP, library {scale}")
    ids = await made(folder, scale)
    figures = await asyncio.to_thread(ask_server, folder, ids, rounds)
    print(f"{'milliseconds':26}{'p50':>9}{'p95':>9}{'p99':>9}{'processor, mean':>18}")
    for asked, watch, cpu_ms in figures:
        print(f"{asked.root:26}{watch.line()[:27]}{cpu_ms:18.2f}")
    kept = [
        hold(f"{asked.root} p95, ms", watch.p95(), asked.promised_ms)
        for asked, watch, _ in figures
        if asked.promised_ms is not None
    ]
    return all(kept)


def main() -> int:
    """Measure and print; 1 where a promise is not kept."""
    words = argparse.ArgumentParser(prog="python -m bench.discovery", description=__doc__)
    words.add_argument("--shrink", type=int, default=1, metavar="N", help="learn from so many times less")
    words.add_argument("--scale", default="medium", help="the library that is asked (medium)")
    words.add_argument("--rounds", type=int, default=200, help="how often each document is asked (200)")
    words.add_argument("--folder", type=Path, default=KEPT)
    words.add_argument("--learn", action="store_true", help="only the learning")
    words.add_argument("--ask", action="store_true", help="only the root fields")
    asked = words.parse_args()
    kept = True
    if not asked.ask:
        kept = learn(asked.shrink)
    if not asked.learn:
        kept = asyncio.run(ask(asked.folder, asked.scale, asked.rounds)) and kept
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
