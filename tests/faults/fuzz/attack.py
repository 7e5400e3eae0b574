"""Throws garbage of every kind at a house and says what came back.

`python -m tests.faults.fuzz.attack --inputs 100000`. Owns the plan (how many of each kind, from how many lanes), the
counting, and the verdict on the house afterwards. Each input has a generator of its own, made from seed, kind and
number: `--seed 7 --kind pictures --first 123 --inputs 1` throws one of them again.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from tests.faults.fuzz.file_kinds import Archives, Configurations, MusicFolders
from tests.faults.fuzz.graphql_kinds import Documents
from tests.faults.fuzz.house import FuzzedHouse, Vitals, open_fuzzed
from tests.faults.fuzz.http_kinds import Credentials, Deliveries, Forms, Parts, Ranges, Requests
from tests.faults.fuzz.kinds import Kind, Trouble
from tests.faults.fuzz.media_kinds import Lyrics, Pictures, Playlists, Sounds
from tests.faults.fuzz.mutator import Mutator
from tests.faults.fuzz.socket_kinds import Players, Subscribers
from tests.faults.fuzz.stand_ins import stand_ins
from tests.faults.fuzz.wire import Hang

KINDS: list[type[Kind]] = [
    Requests, Ranges, Parts, Credentials, Deliveries, Forms, Documents, Players, Subscribers, Sounds, Pictures, Lyrics,
    Playlists, Configurations, Archives, MusicFolders,
]  # fmt: skip
LOOK_S = 5.0
"""How often the health checks are asked meanwhile, and memory is read."""


@dataclass
class Told:
    """What came of one kind."""

    door: str
    thrown: int = 0
    seconds: float = 0.0
    slowest_s: float = 0.0
    outcomes: Counter[str] = field(default_factory=Counter)


@dataclass
class Report:
    """What came of all."""

    seed: int
    kinds: dict[str, Told] = field(default_factory=dict)
    troubles: list[str] = field(default_factory=list)
    memory_kb: list[int] = field(default_factory=list)
    before: Vitals | None = None
    after: Vitals | None = None
    held: Counter[str] = field(default_factory=Counter)
    log_lines: list[str] = field(default_factory=list)
    seconds: float = 0.0

    def lines(self) -> list[str]:
        """For people: a row for each kind, then the house's vital signs."""
        told = [f"seed {self.seed}, {sum(each.thrown for each in self.kinds.values())} inputs in {self.seconds:.0f} s"]
        for name, each in self.kinds.items():
            counts = ", ".join(f"{count} {what}" for what, count in each.outcomes.most_common(14))
            told.append(f"| {name} | {each.door} | {each.thrown} | {counts} | slowest {each.slowest_s:.1f} s |")
        told += [f"before {self.before}", f"after  {self.after}"]
        told.append(f"descriptors of {dict(self.held.most_common(12))}")
        told.append(f"memory in MB: {[each // 1024 for each in self.memory_kb[:: max(1, len(self.memory_kb) // 24)]]}")
        return told + [f"TROUBLE {each}" for each in self.troubles] + [f"LOG {each}" for each in self.log_lines]

    @property
    def growth(self) -> float:
        """Mean memory of the second half by that of the first, both after a tenth to warm up."""
        looks = self.memory_kb[len(self.memory_kb) // 10 :]
        half = len(looks) // 2
        return (sum(looks[half:]) / max(1, len(looks) - half)) / max(1.0, sum(looks[:half]) / max(1, half))


async def _lane(kind: Kind, numbers: list[int], seed: int, report: Report) -> None:
    told = report.kinds[kind.name]
    try:
        while numbers:
            number = numbers.pop()
            began = time.perf_counter()
            try:
                what = await kind.throw(Mutator(f"{seed}:{kind.name}:{number}"))
            except (Trouble, Hang) as trouble:
                what = "TROUBLE"
                report.troubles.append(f"{kind.name} {number} of seed {seed}: {type(trouble).__name__} {trouble}")
            except Exception as fault:  # noqa: BLE001
                # What the attacker did not reckon with is for a person to look at.
                what = "TROUBLE"
                report.troubles.append(f"{kind.name} {number} of seed {seed}: {type(fault).__name__} {fault}")
                await kind.leave()
            took = time.perf_counter() - began
            told.outcomes[what] += kind.batch
            told.thrown += kind.batch
            told.seconds += took
            told.slowest_s = max(told.slowest_s, took)
    finally:
        await kind.leave()


async def _look(house: FuzzedHouse, report: Report, every_s: float) -> None:
    while True:
        try:
            await house.healthy()
            report.memory_kb.append((await house.vitals()).memory_kb)
        except (AssertionError, OSError) as fault:
            report.troubles.append(f"health: {fault}")
            if house.process.child is None or house.process.child.poll() is not None:
                return
        await asyncio.sleep(every_s)


async def attack(
    house: FuzzedHouse, seed: int, inputs: int, kinds: list[type[Kind]], *, first: int = 0, look_s: float = LOOK_S
) -> Report:
    """Throw so many, shared out among the kinds; what came of it. The house settles before it is judged."""
    report, began = Report(seed), time.perf_counter()
    report.before = await house.vitals()
    looking = asyncio.create_task(_look(house, report, look_s))
    share = sum(each.share for each in kinds)
    lanes = []
    for kind in kinds:
        report.kinds[kind.name] = Told(kind.door)
        count = max(1, round(inputs * kind.share / share / kind.batch))
        numbers = list(range(first, first + count))[::-1]
        lanes += [_lane(kind(house, lane), numbers, seed, report) for lane in range(min(kind.lanes, count))]
    try:
        await asyncio.gather(*lanes)
    finally:
        looking.cancel()
        await asyncio.gather(looking, return_exceptions=True)
    report.seconds = time.perf_counter() - began
    await house.healthy()
    report.after = await house.settled(report.before)
    report.held = house.held()
    report.log_lines = house.bad_lines()
    return report


async def fuzz(
    folder: Path, seed: int, inputs: int, *, kinds: list[type[Kind]] | None = None, first: int = 0
) -> Report:
    """A house of its own, warmed up by a few of each kind, and then all of it."""
    async with stand_ins(seed) as (provider, stripe), open_fuzzed(folder, issuer=provider.url, api=stripe) as house:
        house.provider = provider
        chosen = kinds or KINDS
        if inputs > 1000:
            warm = await attack(house, seed, inputs // 25, chosen, first=10**9)
            report = await attack(house, seed, inputs, chosen, first=first)
            report.troubles += warm.troubles
        else:
            report = await attack(house, seed, inputs, chosen, first=first, look_s=1.0)
        (folder / "report.txt").write_text("\n".join(report.lines()))
        return report


def main() -> int:
    """The long form, or one input again."""
    asked = argparse.ArgumentParser(description="Throw garbage at a server of its own.")
    asked.add_argument("--inputs", type=int, default=100_000)
    asked.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    asked.add_argument("--kind", action="append", help="only kinds whose name has this in it")
    asked.add_argument("--first", type=int, default=0)
    given = asked.parse_args()
    kinds = [each for each in KINDS if not given.kind or any(word in each.name for word in given.kind)]
    print(f"seed {given.seed}", flush=True)
    with tempfile.TemporaryDirectory(prefix="garbage-") as folder:
        report = asyncio.run(fuzz(Path(folder), given.seed, given.inputs, kinds=kinds, first=given.first))
        print("\n".join(report.lines()))
        log = Path(folder) / "server.log"
        if report.log_lines:
            kept = Path(f"garbage-{given.seed}.log")
            kept.write_text(log.read_text(errors="replace"))
            print(f"the whole log is in {kept}")
    rested = report.before is not None and report.after is not None and report.after.at_rest(report.before)
    print(f"at rest: {rested}, memory by {report.growth:.3f}")
    return 1 if report.troubles or report.log_lines or not rested else 0


if __name__ == "__main__":
    sys.exit(main())
