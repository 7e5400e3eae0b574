"""A shared start lies far enough ahead, and never too far."""

from __future__ import annotations

import math

import pytest

from services.timing.start_at import start_at_ms


@pytest.mark.parametrize(
    ("delays", "warm_up", "ahead"),
    [
        ([], 0.0, 150.0),
        ([1.0, 2.0], 0.0, 150.0),
        ([80.0, 120.0], 100.0, 340.0),
        ([10.0] * 19 + [900.0], 200.0, 220.0),
        ([10.0] * 18 + [300.0, 900.0], 0.0, 600.0),
        ([5000.0], 0.0, 1500.0),
        ([0.0], 9000.0, 1500.0),
        ([-50.0, math.nan, math.inf], math.nan, 150.0),
        ([100.0], -40.0, 200.0),
    ],
)
def test_a_start_waits_for_the_slowest_but_the_outliers(delays: list[float], warm_up: float, ahead: float) -> None:
    assert start_at_ms(1_000_000.5, delays, warm_up) == 1_000_000.5 + ahead
