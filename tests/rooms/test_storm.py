"""Whatever happens to a room, it never hangs, it has one host, and all who follow it see the same."""

from __future__ import annotations

from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.rooms.storm import Storm


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32))
def test_no_order_of_events_hangs_a_room(seed):
    storm = Storm(Random(seed))
    for _ in range(120):
        storm.step()
    storm.calm_down()
