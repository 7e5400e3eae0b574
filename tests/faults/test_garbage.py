"""Garbage at every door: answered or hung up on, and nothing of it stays. `docs/faults.md` has what the long form gave.

The seed is printed and comes from TUTTI_SEED; one input again: `python -m tests.faults.fuzz.attack --help`.
"""

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest

from tests.faults.fuzz.attack import KINDS, fuzz
from tests.faults.fuzz.mutator import Mutator
from tests.faults.fuzz.samples import JSPF, LRC, TTML, pictures
from tests.faults.fuzz.wire import statuses
from tests.faults.size import LONG, times

INPUTS = times(2_000, long=100_000)
MOST_GROWTH = 1.35
"""Mean memory of the second half by the first's: a house that has just begun still fills its bounded caches."""


@pytest.mark.faults
@pytest.mark.timeout(seconds=times(300, long=4 * 3600))
async def test_garbage_of_every_kind_is_answered_and_leaves_nothing(tmp_path: Path) -> None:
    seed = int(os.environ.get("TUTTI_SEED") or random.SystemRandom().randrange(10**6))
    report = await fuzz(tmp_path, seed, INPUTS)
    print("\n".join(report.lines()))
    assert report.troubles == [], f"seed {seed}"
    assert report.log_lines == [], f"seed {seed}"
    assert {each.name for each in KINDS} == set(report.kinds)
    assert sum(each.thrown for each in report.kinds.values()) > 0.9 * INPUTS
    assert report.before is not None and report.after is not None
    assert report.after.at_rest(report.before), (report.before, report.after, report.held)
    assert report.growth < (1.1 if LONG else MOST_GROWTH), report.memory_kb
    # Garbage that is all refused at the first look proves nothing about what lies behind it.
    for name in ("sounds and tags", "pictures", "/ws frames", "GraphQL documents"):
        assert {"taken"} < set(report.kinds[name].outcomes), name


def test_the_same_seed_makes_the_same_garbage() -> None:
    first, second, other = (Mutator(seed) for seed in ("1:a:1", "1:a:1", "1:a:2"))

    def made(by: Mutator) -> list[object]:
        return [by.data(pictures()[0]), by.text(LRC), by.xml(TTML), by.json(JSPF), by.number()]

    assert made(first) == made(second) != made(other)


def test_what_is_spoiled_is_a_copy() -> None:
    kept = str(JSPF)
    by = Mutator("2")
    assert sum(by.tree(JSPF) != JSPF for _ in range(300)) > 280
    assert str(JSPF) == kept


def test_every_answer_in_a_stream_is_seen() -> None:
    told = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 500 Internal Server Error\r\n\r\n"
    assert statuses(told) == [200, 500]
