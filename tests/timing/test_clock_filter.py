"""Players stay together in a bad network, and know how well they do."""

from __future__ import annotations

import math
from dataclasses import replace
from random import Random

import pytest

from services.timing.clock_filter import ClockFilter, Probe
from tests.timing.simulated_network import (
    HOUSE_MS,
    Delay,
    SimulatedPlayer,
    congested,
    even,
    half_hour,
    usual,
)


def players(up: Delay, down: Delay, *, seed: int = 5, many: int = 5, lost: float = 0.0) -> list[SimulatedPlayer]:
    random = Random(seed)
    return [
        SimulatedPlayer(Random(seed * 100 + each), up, down, random.uniform(-100, 100), lost) for each in range(many)
    ]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_for_half_an_hour_of_bad_network_players_are_within_ten_milliseconds(seed: int) -> None:
    seen = half_hour(players(even(40, 120), even(40, 120), seed=seed))
    assert seen.skew_p95 <= 10
    assert seen.covered >= 0.95
    assert 4 < seen.median_bar < 7


@pytest.mark.parametrize(
    ("up", "down", "lost", "skew", "bar"),
    [
        pytest.param(even(40, 120), even(40, 40), 0.0, 3.0, 5.0, id="jitter in one way only"),
        pytest.param(usual(0.2, 0.2), usual(0.2, 0.2), 0.0, 0.1, 0.1, id="LAN"),
        pytest.param(usual(1.5, 4), usual(1.5, 2), 0.0, 0.5, 0.5, id="Wi-Fi"),
        pytest.param(even(40, 120), even(40, 120), 0.4, 12.0, 8.0, id="many lost"),
        pytest.param(
            congested(usual(20, 8), 80, (300e3, 500e3), (900e3, 1200e3)), usual(20, 8), 0.0, 2.0, 3.0, id="congestion"
        ),
    ],
)
def test_each_network_has_its_skew_and_an_honest_bar(
    up: Delay, down: Delay, lost: float, skew: float, bar: float
) -> None:
    seen = half_hour(players(up, down, lost=lost))
    assert seen.skew_p95 <= skew
    assert seen.covered >= 0.95
    assert seen.median_bar <= bar


def test_of_drift_alone_nothing_is_left() -> None:
    [player] = players(even(20, 20), even(20, 20), many=1)
    player.drift_ppm = 100.0
    seen = half_hour([player], minutes=5)
    assert player.filter.drift_ppm == pytest.approx(-100.0, abs=0.1)
    assert max(abs(error) for error, _ in seen.errors[60:]) < 0.05


def test_a_queue_in_one_way_moves_nobody_by_what_it_delays() -> None:
    [player] = players(congested(even(10, 14), 60, (600e3, 780e3)), even(10, 14), many=1)
    wrong = []
    for turn in range(120):
        player.burst(turn * 10e3)
        wrong.append(abs(player.wrong_ms(turn * 10e3)))
    assert max(wrong[60:]) < 2


def test_another_epoch_begins_anew() -> None:
    [player] = players(even(10, 14), even(10, 14), many=1)
    assert player.burst(0)
    player.epoch = "two"
    assert player.burst(10e3, house_ms=HOUSE_MS + 5000)
    assert abs(player.wrong_ms(11e3, house_ms=HOUSE_MS + 5000)) < 4
    assert player.filter.epoch == "two"


def test_a_step_in_one_epoch_is_refused_twice_and_then_believed() -> None:
    [player] = players(even(10, 14), even(10, 14), many=1)
    for turn in range(6):
        player.burst(turn * 10e3)
    stepped = HOUSE_MS + 5000
    believed = [player.burst(turn * 10e3, house_ms=stepped) for turn in range(6, 9)]
    assert believed == [False, False, True]
    assert abs(player.wrong_ms(81e3, house_ms=stepped)) < 4


def test_after_a_suspend_the_first_burst_is_believed_at_once() -> None:
    [player] = players(even(10, 14), even(10, 14), many=1)
    for turn in range(6):
        player.burst(turn * 10e3)
    # Eight hours, in which the player's own crystal was 3 s wrong.
    woken = 8 * 3600e3
    player.started_ms = 3000
    assert player.burst(woken)
    assert abs(player.wrong_ms(woken + 1000)) < 4
    assert abs(player.wrong_ms(woken + 1000)) <= player.bar_ms(woken + 1000)


def test_without_probes_the_bar_grows_and_the_drift_goes_on() -> None:
    [player] = players(even(20, 20.5), even(20, 20.5), many=1)
    for turn in range(30):
        player.burst(turn * 10e3)
    soon, late = player.bar_ms(300e3), player.bar_ms(1500e3)
    assert late > 2 * soon
    assert abs(player.wrong_ms(1500e3)) <= late


def test_a_filter_that_knows_nothing_says_so() -> None:
    clock = ClockFilter()
    assert not clock.known
    assert clock.error_ms(0) == math.inf
    assert clock.time_ms(7.5) == 7.5
    assert clock.delay_ms == 0
    assert clock.burst([], "one") is False
    assert not clock.known


GOOD = Probe(0.0, 100.0, 101.0, 11.0)


@pytest.mark.parametrize(
    "impossible",
    [
        replace(GOOD, t3=-1.0),
        replace(GOOD, t2=99.0),
        replace(GOOD, t2=120.0),
        replace(GOOD, t1=math.nan),
        replace(GOOD, t3=math.inf),
        replace(GOOD, t3=6000.0),
    ],
)
def test_probes_that_cannot_be_true_are_no_probes(impossible: Probe) -> None:
    clock = ClockFilter()
    assert clock.burst([impossible], "one") is False
    assert clock.burst([impossible, GOOD], "one") is True
    assert clock.offset_ms(5.5) == 95.0
    assert clock.delay_ms == 5.0
