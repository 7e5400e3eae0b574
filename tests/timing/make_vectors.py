"""Writes `vectors.json`, by which the filter and the ladder in JavaScript are held to those in Python.

`python -m tests.timing.make_vectors` after a change that is meant to change numbers.
"""

from __future__ import annotations

import json
import math
from pathlib import Path
from random import Random
from typing import Any

from services.timing.anchor import position_ms
from services.timing.clock_filter import ClockFilter, Probe
from services.timing.correction import NOTHING, correction
from storage.records.anchor import Anchor
from tests.timing.simulated_network import SimulatedPlayer, congested, even, usual

VECTORS = Path(__file__).parent / "vectors.json"


def told(clock: ClockFilter, probes: list[Probe], epoch: str) -> dict[str, Any]:
    """One burst as it was asked, and all that the filter says after it."""
    believed = clock.burst(probes, epoch)
    at_ms = (probes[-1].t3 if probes else 0.0) + 4321.0
    bar = clock.error_ms(at_ms)
    return {
        "epoch": epoch,
        "probes": [[probe.t0, probe.t1, probe.t2, probe.t3] for probe in probes],
        "at": at_ms,
        "believed": believed,
        "known": clock.known,
        "time": clock.time_ms(at_ms),
        "error": None if math.isinf(bar) else bar,
        "driftPpm": clock.drift_ppm,
        "delay": clock.delay_ms,
    }


def bursts(player: SimulatedPlayer, *, many: int, steps: dict[int, float] | None = None) -> list[dict[str, Any]]:
    """A player's bursts every 10 s; from a turn in `steps` on the house is so much further (ms), or with a gap."""
    found, house_ms = [], 1_790_000_000_000.0
    for turn in range(many):
        house_ms += (steps or {}).get(turn, 0.0)
        begin = turn * 10_000.0 + (120_000.0 if turn > 70 else 0.0)
        probes = player.probes(begin, house_ms=house_ms)
        found.append(told(player.filter, probes, "one" if turn < 60 else "two"))
    return found


def vectors() -> dict[str, Any]:
    """Everything there is to hold to."""
    bad = SimulatedPlayer(Random(34), even(40, 120), even(40, 120), 87.0, lost=0.2)
    full = SimulatedPlayer(Random(35), congested(usual(5, 3), 70, (100e3, 220e3)), usual(5, 3), -61.0)
    ladder, before = [], NOTHING
    random = Random(36)
    for _ in range(120):
        error, bar = random.choice([-1, 1]) * random.expovariate(1 / 30), random.expovariate(1 / 5)
        after = correction(error, bar, before)
        ladder.append({"error": error, "bar": bar, "step": after.step, "rate": after.rate, "forMs": after.for_ms})
        before = after
    anchors = [Anchor(1000.0, 250.5, rate, playing) for rate in (1.0, 1.25) for playing in (True, False)]
    positions = [
        {"anchor": [each.at_ms, each.position_ms, each.rate, each.playing], "at": at, "is": position_ms(each, at)}
        for each in anchors
        for at in (0.0, 1000.0, 5000.25)
    ]
    return {
        "filters": [bursts(bad, many=80), bursts(full, many=40, steps={30: 5000.0}), [told(ClockFilter(), [], "one")]],
        "ladder": ladder,
        "positions": positions,
    }


if __name__ == "__main__":
    VECTORS.write_text(json.dumps(vectors(), separators=(",", ":")).replace("},{", "},\n{") + "\n", encoding="utf-8")
