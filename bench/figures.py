"""What a bench measured: one figure compares one thing between rivals of one run. Knows no bench and no page.

A bench prints for who looks on, and tells its figures here as well. They are kept, as lines of JSON, where the
environment's `TUTTI_FIGURES` says; `bench.report` sets it and makes the page of them.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

PLACE = "TUTTI_FIGURES"


@dataclass(frozen=True, slots=True)
class Figure:
    """One thing, measured.

    `what` names it, `unit` is what the values are in, `rivals` has a value for each by name (ours is the first),
    `more` says that more of it is better, `promise` is the most (or least) it may be, in words.
    """

    what: str
    unit: str
    rivals: Mapping[str, float]
    more: bool = False
    promise: str = ""

    def ratio(self, rival: str) -> float | None:
        """How many times as good the first is as that rival; None where a value is nothing."""
        ours, theirs = next(iter(self.rivals.values())), self.rivals[rival]
        if ours <= 0 or theirs <= 0:
            return None
        return ours / theirs if self.more else theirs / ours


def tell(what: str, unit: str, rivals: Mapping[str, float], *, more: bool = False, promise: str = "") -> None:
    """Keep a figure for the report; does nothing when none is being made."""
    place = os.environ.get(PLACE)
    if place:
        with Path(place).open("a", encoding="utf-8") as kept:
            kept.write(json.dumps(asdict(Figure(what, unit, dict(rivals), more, promise))) + "\n")


def read(place: Path) -> list[Figure]:
    """What was told, in order; nothing where nothing was."""
    if not place.exists():
        return []
    return [Figure(**json.loads(line)) for line in place.read_text(encoding="utf-8").splitlines() if line]
