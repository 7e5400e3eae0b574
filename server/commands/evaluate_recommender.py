"""`python run.py evaluate-recommender --train FILE --test FILE`: the shipped model sits an exam."""

from __future__ import annotations

import argparse
import asyncio
import json
import threading
from typing import Any

from server.settings import Settings
from server.terminal import Bar, fail, say
from services.clock import Clock
from services.discovery.collaborative.exam import Result, sit
from services.discovery.collaborative.paper import Form, Paper, read_paper
from services.errors import TuttiError

HEADING = f"{'model':<12}{'recall':>9}{'NDCG':>9}{'coverage':>10}{'novelty':>9}{'seconds':>9}"


class _Stopped(Exception):
    """Whoever waited does not any more."""


async def evaluate_recommender(settings: Settings, asked: argparse.Namespace) -> int:
    """Read, learn, hold against what was held back, print. 1 when a file cannot be read as told."""
    del settings
    form = Form(asked.format) if asked.format else None
    try:
        paper = await asyncio.to_thread(read_paper, asked.train, asked.test, form)
    except TuttiError as refusal:
        return fail(f"There is no exam: {refusal.message}")
    except MemoryError:
        return fail("There is no exam: the files are too large for this machine's memory.")
    if not asked.json:
        for line in _about(paper):
            say(line)
    stopped = threading.Event()
    with Bar("Learning", "‰") as bar:

        def told(title: str, share: float) -> None:
            if stopped.is_set():
                raise _Stopped
            bar.show(int(share * 1_000), 1_000, title=title)

        def examined() -> list[Result]:
            return list(sit(paper, asked.top, Clock(), told))

        try:
            results = await asyncio.to_thread(examined)
        finally:
            # A thread cannot be ended from outside: it stops when it next tells how far it is.
            stopped.set()
    if asked.json:
        say(json.dumps(_as_json(paper, asked.top, results), indent=2))
    else:
        for line in _table(results, asked.top):
            say(line)
    return 0


def _about(paper: Paper) -> list[str]:
    plays = paper.train
    pairs = plays.counts.nnz
    lines = [
        f"Read as {'`user item count`' if paper.form is Form.COUNTS else '`user item [item …]`'} lines"
        " (--format says otherwise).",
        f"To learn from: {plays.users:,} users, {plays.items:,} items, {pairs:,} pairs"
        f" ({100 * pairs / (plays.users * plays.items):.3g} % of all).",
        f"Held back: {paper.held_back:,} pairs of {len(paper.people):,} users.",
    ]
    if paper.strangers:
        lines.append(f"{paper.strangers:,} of these users are not in the first file: they are shown what is popular.")
    if paper.unknown:
        lines.append(f"{paper.unknown:,} held back items are not in the first file: they count as missed.")
    if paper.known_already:
        lines.append(f"{paper.known_already:,} held back pairs are in the first file as well: they count as missed.")
    return lines


def _table(results: list[Result], top: int) -> list[str]:
    lines = ["", f"The best {top} of each user, without what they have:", "", HEADING]
    for result in results:
        found = result.marks
        lines.append(
            f"{result.name:<12}{found.recall:>9.4f}{found.ndcg:>9.4f}{found.coverage:>10.4f}{found.novelty:>9.2f}"
            f"{result.seconds:>9.1f}"
        )
    lines.append("")
    for recipe in (result.recipe for result in results if result.recipe):
        lines.append(
            f"The recipe found: {recipe.walk:.0%} walk, {recipe.ridge:.0%} ridge (strength {recipe.strength:g}),"
            f" {recipe.spectrum:.0%} spectrum ({recipe.band}),"
            f" {'by counts' if recipe.counted else 'counts left aside'}."
        )
    lines.append("recall and NDCG: means over users; coverage: share of all items shown to somebody; novelty: bits.")
    return lines


def _as_json(paper: Paper, top: int, results: list[Result]) -> dict[str, Any]:
    return {
        "format": paper.form.value,
        "top": top,
        "users": paper.train.users,
        "items": paper.train.items,
        "pairs": int(paper.train.counts.nnz),
        "examined": len(paper.people),
        "heldBack": paper.held_back,
        "strangers": paper.strangers,
        "unknownItems": paper.unknown,
        "knownAlready": paper.known_already,
        "results": [result.as_json() for result in results],
    }
