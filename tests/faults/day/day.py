"""A day in a house, shortened: the writers of the storm without a kill, visitors beside them, and what it does to it.

Owns the mix and the samples. How long it lasts and what is promised say `tests/faults/test_long_day.py` and
`bench/soak.py`.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import time
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from statistics import linear_regression, quantiles
from typing import Protocol

from websockets.exceptions import ConnectionClosed

from tests.faults.day.visitors import Hearer, Visitor
from tests.faults.killing.house import KilledHouse
from tests.faults.killing.line import Lost, Refused
from tests.faults.killing.storm import Storm
from tests.server.client import Client

PEOPLE = 6
VISITOR_PAUSE_S = 0.5
SOUNDS = (".mp3", ".wav", ".flac", ".opus")


class Doer(Protocol):
    """Somebody who does one thing after the other."""

    async def step(self) -> None:
        """One thing."""


@dataclass(frozen=True)
class Sample:
    """The server at one moment: `at` seconds of the day, memory in MB, descriptors, tasks."""

    at: float
    rss_mb: float
    descriptors: int
    tasks: int


@dataclass
class Day:
    """One day. `steps` counts by kind of people, `took_s` has when each step began and how long it took."""

    house: KilledHouse
    folder: Path
    steps: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    took_s: dict[str, list[tuple[float, float]]] = field(default_factory=lambda: defaultdict(list))
    wrong: list[str] = field(default_factory=list)
    samples: list[Sample] = field(default_factory=list)
    _over: bool = False

    async def live(self, seconds: float, *, every_s: float = 5.0) -> None:
        """Furnish the house, live in it for so long, and leave."""
        storm = Storm(self.house, self.folder)
        await storm.furnish()
        people = await self.people(storm)
        self.samples.append(await self.sample(0.0))
        began = time.monotonic()
        doing = [asyncio.create_task(self._do(each, pause, began), name=f"{each!r}") for each, pause in people.items()]
        try:
            while not self._over and (at := time.monotonic() - began) < seconds:
                await asyncio.sleep(min(every_s, seconds - at))
                self.samples.append(await self.sample(time.monotonic() - began))
            self._over = True
            async with asyncio.timeout(60):
                await asyncio.gather(*doing)
        finally:
            for task in doing:
                task.cancel()
            await asyncio.gather(*doing, return_exceptions=True)
            await storm.hang_up()
        self.wrong += self.house.complaints

    def end(self) -> None:
        """Have it end before its time."""
        self._over = True

    async def people(self, storm: Storm) -> dict[Doer, float]:
        """Everybody, with the seconds each waits between two steps."""
        people: dict[Doer, float] = dict(storm.pauses())
        for number in range(PEOPLE):
            line = await self.house.person(f"visitor{number}")
            # At the desk and in the pocket.
            people |= {Visitor(line, Random(2 * number + place), storm.songs): VISITOR_PAUSE_S for place in (0, 1)}
            people[Hearer(line)] = VISITOR_PAUSE_S
        return people

    async def sample(self, at: float) -> Sample:
        """The server now."""
        figures = (await Client(self.house.base).fetch("/metrics")).body.decode()
        pid = self.house.process.child.pid
        found, descriptors = await asyncio.to_thread(_looked_up, pid)
        tasks = re.search(r"^tutti_tasks (\S+)", figures, re.MULTILINE)
        assert found is not None and tasks is not None
        return Sample(at, int(found[1]) / 1024, descriptors, int(float(tasks[1])))

    def open_now(self) -> list[str]:
        """What the server has open, but files of sound: some of those are kept at hand."""
        return _open(self.house.process.child.pid)

    async def _do(self, each: Doer, pause_s: float, began: float) -> None:
        kind = type(each).__name__
        while not self._over:
            at = time.monotonic()
            try:
                await each.step()
            except (Lost, Refused, AssertionError, OSError, ConnectionClosed) as fault:
                if not self.is_expected(each, fault):
                    self.wrong.append(f"{kind}: {fault!r} {fault.__cause__ or ''}")
            self.steps[kind] += 1
            self.took_s[kind].append((at - began, time.monotonic() - at))
            await asyncio.sleep(pause_s)

    def is_expected(self, each: Doer, fault: Exception) -> bool:
        """Whether this may happen on such a day."""
        return False

    def growth_mb_an_hour(self, after_s: float) -> float:
        """The slope of the memory from that moment on."""
        later = [sample for sample in self.samples if sample.at >= after_s]
        slope = linear_regression([each.at for each in later], [each.rss_mb for each in later]).slope
        return 3600 * slope

    def p99_s(self, kind: str, since_s: float, until_s: float) -> float:
        """The 99th percentile of one kind's steps that began in that time."""
        took = [seconds for at, seconds in self.took_s[kind] if since_s <= at < until_s]
        return quantiles(took, n=100, method="inclusive")[98] if len(took) > 1 else 0.0


def _looked_up(pid: int) -> tuple[re.Match[str] | None, int]:
    told = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    return re.search(r"VmRSS:\s+(\d+) kB", told), len(_open(pid))


def _open(pid: int) -> list[str]:
    names = []
    for place in Path(f"/proc/{pid}/fd").iterdir():
        # One that was closed meanwhile is none.
        with contextlib.suppress(FileNotFoundError):
            names.append(str(place.readlink()))
    return [name for name in names if Path(name).suffix not in SOUNDS]
