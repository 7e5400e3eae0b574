"""The specification's queries over a real store, asked of whatever version of Tutti can be imported.

Stands on what earlier versions have as well, so that `bench.planned_documents --before COMMIT` can run it in a
checkout of theirs: `PYTHONPATH=checkout python -P this/file --scale small --rounds 30`. Prints the processor's
microseconds for one answer of each query, medians, as JSON.
"""

from __future__ import annotations

import argparse
import asyncio
import inspect
import json
import random
import statistics
import time
from typing import Any

from bench.graphql import KINDS, LEFT_OUT, ROOTS, WORDS, Library, opened
from graph.build import build_executor
from graph.execute import Executor, Request
from server.memory import settle_memory
from services.viewer import Viewer
from tests.specification.documents import Document, operations, with_real_values

TEXTS = 5
"""Different ids that each document is asked with."""


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


async def by_turns(library: Library, executors: list[Executor], rounds: int) -> dict[str, list[float]]:
    """For each query the microseconds of each executor, medians; two rounds are for warming up."""
    rng = random.Random(3)
    found = {}
    for document in operations():
        if document.kind != "query" or document.root in LEFT_OUT:
            continue
        viewer = Viewer(user_id=rng.choice(library.ids["users"]), session_id="bench")
        texts = texts_of(library, document, rng)
        took: list[list[float]] = [[] for _ in executors]
        for round in range(rounds + 2):
            for executor, kept in zip(executors, took, strict=True):
                spent = await ask(executor, texts, viewer)
                if round >= 2:
                    kept.append(spent)
        found[document.root] = [statistics.median(each) for each in took]
    return found


async def main() -> None:
    """The command line."""
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--scale", default="small")
    words.add_argument("--rounds", type=int, default=30)
    asked = words.parse_args()
    settle_memory()
    async with opened(asked.scale) as library:
        build: Any = build_executor
        plans = {"compile_after": 1} if "compile_after" in inspect.signature(build).parameters else {}
        found = await by_turns(library, [build(library.household.house, **plans)], asked.rounds)
    print(json.dumps({root: took for root, [took] in found.items()}))


if __name__ == "__main__":
    asyncio.run(main())
