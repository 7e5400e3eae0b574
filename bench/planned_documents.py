"""The specification's queries over a real store, by plans and by graphql-core in turns; and what compiling costs.

Each document is asked with a few real ids of a made-up library, which is read from SQLite every time. What is told is
the processor's time of the whole process for one answer, the store's work included.

`python -m bench.planned_documents [--scale small] [--rounds 40]`
"""

from __future__ import annotations

import argparse
import asyncio
import random
import statistics
import time
from typing import Any

from graphql import get_operation_ast, parse, validate

from bench.figures import tell
from bench.graphql import KINDS, LEFT_OUT, ROOTS, WORDS, Library, opened
from graph.build import build_executor
from graph.execute import Executor, Request
from graph.plan import Plan
from graph.plan_selection import Unplanned
from server.memory import settle_memory
from services.seed.scale import SCALES
from services.viewer import Viewer
from tests.specification.documents import Document, operations, with_real_values

TEXTS = 5
"""Different ids that each document is asked with; every one is compiled before it is measured."""


def texts_of(library: Library, document: Document, rng: random.Random) -> list[str]:
    """The document with real values, some times over."""

    def draw(root: str, argument: str, printed: str) -> str:
        kind = KINDS.get(argument) or (ROOTS.get(root) if argument == "id" else None)
        if kind is not None:
            return rng.choice(library.ids[kind])
        if argument == "username":
            return rng.choice(library.names)
        return rng.choice(WORDS) if argument == "query" else printed

    return [with_real_values(document, draw) for _ in range(TEXTS)]


async def ask(executor: Executor, texts: list[str], viewer: Viewer) -> float:
    """Microseconds of processor for one answer."""
    began = time.process_time()
    for text in texts:
        response = await executor.execute(Request(text), viewer)
        if "errors" in response:
            raise SystemExit(f"{response['errors']}\n{text}")
    return 1e6 * (time.process_time() - began) / len(texts)


async def compare(library: Library, rounds: int) -> dict[str, tuple[float, float]]:
    """For each query: graphql-core's and the plan's microseconds, medians."""
    house = library.household.house
    by_core, by_plan = (build_executor(house, compile_after=after) for after in (0, 1))
    rng = random.Random(3)
    found = {}
    for document in operations():
        if document.kind != "query" or document.root in LEFT_OUT:
            continue
        viewer = Viewer(user_id=rng.choice(library.ids["users"]), session_id="bench")
        texts = texts_of(library, document, rng)
        took: tuple[list[float], list[float]] = ([], [])
        for round in range(rounds + 2):
            for executor, kept in zip((by_core, by_plan), took, strict=True):
                spent = await ask(executor, texts, viewer)
                if round >= 2:
                    kept.append(spent)
        found[document.root] = statistics.median(took[0]), statistics.median(took[1])
    return found


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


async def main() -> None:
    """The command line."""
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--scale", default="small", choices=list(SCALES))
    words.add_argument("--rounds", type=int, default=40)
    asked = words.parse_args()
    settle_memory()
    compiled, read = compiling()
    print(f"compile {statistics.median(compiled):6.2f} ms, at most {max(compiled):.2f} (wanted: 5); "
          f"parse and validate {statistics.median(read):.2f} ms, at most {max(read):.2f}")  # fmt: skip
    tell("compiling a document", "ms, at most", {"compile": max(compiled), "parse and validate": max(read)},
         promise="below 5 ms")  # fmt: skip
    async with opened(asked.scale) as library:
        found = await compare(library, asked.rounds)
    for root, (core, plan) in sorted(found.items(), key=lambda each: each[1][0] / each[1][1]):
        print(f"{root:26} graphql-core {core:8.0f} µs   plan {plan:8.0f} µs   {core / plan:5.2f} ×")
    mean = statistics.geometric_mean(core / plan for core, plan in found.values())
    print(f"ratio  {mean:.2f} × as fast on average over {len(found)} documents that ask the store (wanted: 2)")
    tell("a store-backed document, geometric mean", "times graphql-core's speed", {"plans": mean, "graphql-core": 1.0},
         more=True, promise="2 ×")  # fmt: skip


if __name__ == "__main__":
    asyncio.run(main())
