"""The specification's queries over a real store, by plans and by graphql-core in turns; and what compiling costs.

Each document is asked with a few real ids of a made-up library, which is read from SQLite every time. What is told is
the processor's time of the whole process for one answer, the store's work included. `--before COMMIT` asks an earlier
version too, checked out beside this one and run in turns with it: what everything since has brought, plans and store.

`python -m bench.planned_documents [--scale small] [--rounds 40] [--before COMMIT]`
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from graphql import get_operation_ast, parse, validate

from bench.documents_asked import by_turns
from bench.figures import tell
from bench.graphql import opened
from graph.build import build_executor
from graph.plan import Plan
from graph.plan_selection import Unplanned
from server.memory import settle_memory
from services.seed.scale import SCALES
from tests.specification.documents import operations

ROOT = Path(__file__).parent.parent
ASKING = Path(__file__).with_name("documents_asked.py")
TURNS = 2
"""How often this version and the one before are asked, each in a process of its own; the better turn counts."""


def compiling() -> tuple[list[float], list[float]]:
    """Milliseconds to compile each document of the specification, and to parse and validate it."""
    from graph.build import build_schema

    schema = build_schema()
    compiled, read = [], []
    for document in operations():
        began = time.process_time()
        parsed = parse(document.text)
        validate(schema, parsed)
        read.append(1e3 * (time.process_time() - began))
        operation: Any = get_operation_ast(parsed)
        best = []
        for _ in range(3):
            began = time.process_time()
            try:
                Plan(schema, parsed, operation)
            except Unplanned as shape:
                print(f"no plan: {document.root}: {shape.reason}")
            best.append(1e3 * (time.process_time() - began))
        compiled.append(min(best))
    return compiled, read


def asked_of(checkout: Path, scale: str, rounds: int) -> dict[str, float]:
    """What a version needs for each query, measured in a process of its own."""
    command = [sys.executable, "-P", str(ASKING), "--scale", scale, "--rounds", str(rounds)]
    environment = os.environ | {"PYTHONPATH": str(checkout)}
    told = subprocess.run(command, cwd=checkout, env=environment, check=True, stdout=subprocess.PIPE).stdout
    found: dict[str, float] = json.loads(told.splitlines()[-1])
    return found


def since(commit: str, scale: str, rounds: int) -> dict[str, tuple[float, float]]:
    """For each query: the microseconds of the version of `commit`, and of this one."""
    best: tuple[dict[str, float], dict[str, float]] = ({}, {})
    with tempfile.TemporaryDirectory() as folder:
        checkout = Path(folder) / "before"
        git = ["git", "-C", str(ROOT), "worktree"]
        subprocess.run([*git, "add", "--quiet", "--detach", str(checkout), commit], check=True)
        try:
            for _ in range(TURNS):
                for place, kept in zip((checkout, ROOT), best, strict=True):
                    for root, took in asked_of(place, scale, rounds).items():
                        kept[root] = min(took, kept.get(root, took))
        finally:
            subprocess.run([*git, "remove", "--force", str(checkout)], check=True)
    return {root: (took, best[1][root]) for root, took in best[0].items()}


def show(found: dict[str, tuple[float, float]], before: str, after: str) -> float:
    """A line for each query, the least improved first; how many times as fast on average."""
    for root, (first, then) in sorted(found.items(), key=lambda each: each[1][0] / each[1][1]):
        print(f"{root:26} {before} {first:8.0f} µs   {after} {then:8.0f} µs   {first / then:5.2f} ×")
    return statistics.geometric_mean(first / then for first, then in found.values())


async def main() -> None:
    """The command line."""
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--scale", default="small", choices=list(SCALES))
    words.add_argument("--rounds", type=int, default=40)
    words.add_argument("--before", metavar="COMMIT", help="a version to be beside")
    asked = words.parse_args()
    settle_memory()
    compiled, read = compiling()
    print(f"compile {statistics.median(compiled):6.2f} ms, at most {max(compiled):.2f} (wanted: 5); "
          f"parse and validate {statistics.median(read):.2f} ms, at most {max(read):.2f}")  # fmt: skip
    tell("compiling a document", "ms, at most", {"compile": max(compiled), "parse and validate": max(read)},
         promise="below 5 ms")  # fmt: skip
    async with opened(asked.scale) as library:
        house = library.household.house
        executors = [build_executor(house, compile_after=after) for after in (0, 1)]
        turns = await by_turns(library, executors, asked.rounds)
    mean = show({root: (core, plan) for root, [core, plan] in turns.items()}, "graphql-core", "plan")
    print(f"ratio  {mean:.2f} × as fast as graphql-core on average over {len(turns)} documents that ask the store")
    tell("a store-backed document, geometric mean", "times graphql-core's speed", {"plans": mean, "graphql-core": 1.0},
         more=True)  # fmt: skip
    if asked.before:
        mean = show(since(asked.before, asked.scale, asked.rounds), asked.before, "now")
        print(f"ratio  {mean:.2f} × as fast on average as {asked.before} (wanted: 2)")
        tell("a store-backed document, beside the version before plans", "times its speed",
             {"now": mean, "before": 1.0}, more=True, promise="2 ×")  # fmt: skip


if __name__ == "__main__":
    asyncio.run(main())
