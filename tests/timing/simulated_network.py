"""A network and clocks that are told by numbers alone: the same seed is the same half hour."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

from services.timing.clock_filter import BURST_EVERY_MS, PROBES, ClockFilter, Probe

HOUSE_MS = 1_790_000_000_000.0
Delay = Callable[[Random, float], float]
"""Milliseconds that a frame sent at a moment (ms since the start) is under way."""


def even(least_ms: float, most_ms: float) -> Delay:
    """Anything between two bounds, each as likely."""
    return lambda random, _: random.uniform(least_ms, most_ms)


def usual(least_ms: float, mean_more_ms: float) -> Delay:
    """A floor, and above it what queues give: many small waits, few long ones."""
    return lambda random, _: least_ms + random.expovariate(1 / mean_more_ms)


def congested(delay: Delay, more_ms: float, *between_ms: tuple[float, float]) -> Delay:
    """The same, with a full queue in some spans of time."""

    def under_way(random: Random, at_ms: float) -> float:
        full = any(begin <= at_ms < end for begin, end in between_ms)
        return delay(random, at_ms) + (more_ms * random.uniform(0.8, 1.2) if full else 0.0)

    return under_way


@dataclass
class SimulatedPlayer:
    """A player's clock: `drift_ppm` too fast, somewhere else, and the ways to the house and back."""

    random: Random
    up: Delay
    down: Delay
    drift_ppm: float = 0.0
    lost: float = 0.0
    started_ms: float = 0.0
    filter: ClockFilter = field(default_factory=ClockFilter)
    epoch: str = "one"

    def local_ms(self, at_ms: float) -> float:
        """Its own clock at a moment of the simulation."""
        return (at_ms - self.started_ms) * (1 + self.drift_ppm / 1e6) + 5_000.0

    def probes(self, at_ms: float, *, house_ms: float = HOUSE_MS) -> list[Probe]:
        """A burst begun at a moment, one probe after the other's answer, some never answered."""
        answered = []
        for _ in range(PROBES):
            there = at_ms + self.up(self.random, at_ms)
            back = there + 0.1
            here = back + self.down(self.random, back)
            if self.random.random() >= self.lost:
                times = (self.local_ms(at_ms), house_ms + there, house_ms + back, self.local_ms(here))
                answered.append(Probe(*times))
            at_ms = here + 5
        return answered

    def burst(self, at_ms: float, *, house_ms: float = HOUSE_MS) -> bool:
        """Whether the filter believed it."""
        return self.filter.burst(self.probes(at_ms, house_ms=house_ms), self.epoch)

    def wrong_ms(self, at_ms: float, *, house_ms: float = HOUSE_MS) -> float:
        """How far ahead of the truth it thinks the house is."""
        return self.filter.time_ms(self.local_ms(at_ms)) - (house_ms + at_ms)

    def bar_ms(self, at_ms: float) -> float:
        """What it thinks of that itself."""
        return self.filter.error_ms(self.local_ms(at_ms))


@dataclass(frozen=True)
class HalfHour:
    """What was seen each second: skews of every pair, errors with their bars."""

    skews: list[float]
    errors: list[tuple[float, float]]

    @property
    def skew_p95(self) -> float:
        return sorted(self.skews)[int(0.95 * len(self.skews))]

    @property
    def covered(self) -> float:
        """The share of moments at which the truth lay within the bar."""
        return sum(abs(error) <= bar for error, bar in self.errors) / len(self.errors)

    @property
    def median_bar(self) -> float:
        return sorted(bar for _, bar in self.errors)[len(self.errors) // 2]


def half_hour(players: list[SimulatedPlayer], *, minutes: float = 30.0) -> HalfHour:
    """Everybody joins at once; each second of the time everything is compared."""
    skews: list[float] = []
    errors: list[tuple[float, float]] = []
    for turn in range(int(minutes * 60_000 / BURST_EVERY_MS)):
        begin = turn * BURST_EVERY_MS
        for player in players:
            player.burst(begin)
        for second in range(2, 12):
            at_ms = begin + 1000.0 * second
            wrong = [player.wrong_ms(at_ms) for player in players]
            errors += [(each, player.bar_ms(at_ms)) for each, player in zip(wrong, players, strict=True)]
            skews += [abs(one - other) for index, one in enumerate(wrong) for other in wrong[:index]]
    return HalfHour(skews, errors)
