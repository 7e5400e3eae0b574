"""The ladder: nothing, a speed that nobody hears, a cut in silence; and no hovering at its edges."""

from __future__ import annotations

import math

import pytest

from services.timing.correction import NOTHING, SETTLE_MS, Correction, Step, correction

SLOWER = Correction(Step.RATE, 0.997, 1000.0)
MUCH_SLOWER = Correction(Step.RATE, 0.995, 1000.0)
CUT = Correction(Step.CUT, 1.0, SETTLE_MS)


@pytest.mark.parametrize(
    ("error", "bar", "before", "step", "rate"),
    [
        (0.0, 0.1, NOTHING, Step.NONE, 1.0),
        (2.0, 0.1, NOTHING, Step.NONE, 1.0),
        (2.1, 0.1, NOTHING, Step.RATE, 0.997),
        (-2.1, 0.1, NOTHING, Step.RATE, 1.003),
        (4.9, 10.0, NOTHING, Step.NONE, 1.0),
        (5.1, 10.0, NOTHING, Step.RATE, 0.997),
        (1.1, 0.1, SLOWER, Step.RATE, 0.997),
        (1.0, 0.1, SLOWER, Step.NONE, 1.0),
        (15.0, 1.0, NOTHING, Step.RATE, 0.997),
        (15.1, 1.0, NOTHING, Step.RATE, 0.995),
        (10.1, 1.0, MUCH_SLOWER, Step.RATE, 0.995),
        (10.0, 1.0, MUCH_SLOWER, Step.RATE, 0.997),
        (-40.0, 1.0, NOTHING, Step.RATE, 1.005),
        (60.0, 1.0, NOTHING, Step.RATE, 0.995),
        (60.1, 1.0, NOTHING, Step.CUT, 1.0),
        (79.0, 1.0, SLOWER, Step.RATE, 0.995),
        (80.1, 1.0, SLOWER, Step.CUT, 1.0),
        (70.0, 1.0, CUT, Step.CUT, 1.0),
        (100.0, 120.0, NOTHING, Step.RATE, 0.995),
        (500.0, math.inf, NOTHING, Step.NONE, 1.0),
        (math.nan, 1.0, NOTHING, Step.NONE, 1.0),
        (9.0, math.nan, NOTHING, Step.NONE, 1.0),
    ],
)
def test_each_error_has_its_rung(error: float, bar: float, before: Correction, step: Step, rate: float) -> None:
    assert (correction(error, bar, before).step, correction(error, bar, before).rate) == (step, rate)


def test_a_speed_lasts_as_long_as_it_needs_and_five_seconds_at_most() -> None:
    assert correction(3.0, 0.1).for_ms == pytest.approx(1000.0)
    assert correction(-20.0, 0.1).for_ms == pytest.approx(4000.0)
    assert correction(40.0, 0.1).for_ms == 5000.0


@pytest.mark.parametrize("error", [-300.0, -59.0, -7.0, 2.5, 14.0, 55.0, 81.0])
def test_whoever_is_off_comes_back_and_stays(error: float) -> None:
    before, steps = NOTHING, []
    for _ in range(10):
        before = correction(error, 0.5, before)
        steps.append(before.step)
        error = 0.4 if before.step is Step.CUT else error + (before.rate - 1) * before.for_ms
    assert abs(error) <= 1.0
    assert steps[-1] is Step.NONE
    assert steps.count(Step.CUT) == (abs(error) > 60 or Step.CUT in steps)
