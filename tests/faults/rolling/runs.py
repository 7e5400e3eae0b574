"""When jobs ran, in whichever process, by what the processes say at level debug."""

from __future__ import annotations

import itertools
import json
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from unittest.mock import MagicMock

from server.jobs import JITTER
from server.schedule import Job, schedule

OFTEN_S = 30
BUSY_S = 8.0
"""So much later than due may a tick be on a machine that others use."""


@dataclass
class Runs:
    """Of one job: when each began, how many were done and how many broken off."""

    begun: list[float] = field(default_factory=list)
    done: int = 0
    broken_off: int = 0


def runs_in(log: Path) -> dict[str, Runs]:
    """By the job's name."""
    found: dict[str, Runs] = defaultdict(Runs)
    for text in log.read_text(encoding="utf-8").splitlines():
        line: dict[str, Any] = json.loads(text)
        if line["logger"] != "tutti.jobs" or "job" not in line:
            continue
        runs = found[line["job"]]
        if line["message"] == "a job begins":
            runs.begun.append(datetime.fromisoformat(line["time"]).timestamp())
        elif line["message"] == "a job is done":
            runs.done += 1
        elif line["message"].startswith("a job was broken off"):
            runs.broken_off += 1
    return found


def frequent_jobs() -> list[Job]:
    """The jobs of the house that come often enough to be missed, each in one process at a time."""
    return [row for row in schedule(MagicMock()) if 0 < row.seconds <= OFTEN_S and not row.own_memory]


def wrong_runs(runs: dict[str, Runs], since: float, until: float) -> list[str]:
    """Jobs that ran before they were due, or were passed over, between these moments."""
    wrong = []
    for row in frequent_jobs():
        found = runs.get(row.name, Runs())
        if found.done + found.broken_off != len(found.begun):
            wrong.append(f"{row.name} began {len(found.begun)} times, was done {found.done} times")
        least, most = row.seconds * (1 - 2 * JITTER), 2 * row.seconds + BUSY_S
        moments = sorted(each for each in found.begun if since <= each <= until)
        for one, other in itertools.pairwise(moments):
            if other - one < least - 0.1 and not found.broken_off:
                wrong.append(f"{row.name} ran twice within {other - one:.2f} s")
        for one, other in itertools.pairwise([since, *moments, until]):
            if other - one > most:
                wrong.append(f"{row.name} did not run for {other - one:.1f} s")
    return wrong
