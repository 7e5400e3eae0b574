from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.clock import SetClock
from services.errors import TooMany
from services.throttle import TokenBuckets


def new_clock() -> SetClock:
    return SetClock(datetime(2026, 3, 1, tzinfo=UTC))


def buckets(capacity: int = 3, seconds: float = 10, limit: int = 100) -> tuple[TokenBuckets, SetClock]:
    clock = new_clock()
    return TokenBuckets(clock, capacity=capacity, seconds_per_token=seconds, limit=limit), clock


def wait_of(made: TokenBuckets, key: str = "key") -> float:
    with pytest.raises(TooMany) as refused:
        made.take(key)
    assert refused.value.retry_after is not None
    return refused.value.retry_after


def test_a_full_bucket_gives_its_capacity_and_then_one_at_a_time():
    made, clock = buckets()
    for _ in range(3):
        made.take("key")
    assert wait_of(made) == 10
    clock.turn(4)
    assert wait_of(made) == 6
    clock.turn(6)
    made.take("key")
    assert wait_of(made) == 10


def test_being_refused_costs_nothing_and_keys_are_apart():
    made, clock = buckets(capacity=1)
    made.take("key")
    for _ in range(50):
        wait_of(made)
    made.take("other")
    clock.turn(10)
    made.take("key")


def test_what_is_given_back_can_be_taken_again_and_no_more():
    made, _ = buckets(capacity=2)
    made.take("key")
    made.give_back("key")
    assert len(made) == 0
    made.give_back("key")
    made.take("key")
    made.take("key")
    wait_of(made)


def test_the_key_unused_for_longest_is_forgotten_first():
    made, _ = buckets(capacity=1, limit=3)
    for key in ("a", "b", "c"):
        made.take(key)
    made.take("d")
    assert len(made) == 3
    wait_of(made, "b")
    made.take("a")


@pytest.mark.parametrize("wrong", [{"capacity": 0}, {"seconds": 0}, {"limit": 0}])
def test_a_bucket_that_could_never_work_is_refused(wrong):
    with pytest.raises(ValueError, match="must be positive"):
        buckets(**wrong)


@given(
    capacity=st.integers(1, 5),
    seconds=st.floats(0.001, 1000),
    steps=st.lists(st.one_of(st.just(None), st.floats(0, 100)), max_size=60),
)
def test_never_more_than_capacity_plus_refill_and_a_wait_as_told_is_enough(capacity, seconds, steps):
    made, clock = buckets(capacity, seconds)
    taken = 0
    for step in steps:
        if step is not None:
            clock.turn(step)
            continue
        try:
            made.take("key")
        except TooMany as refused:
            clock.turn(refused.retry_after)
            made.take("key")
        taken += 1
        assert taken <= capacity + clock.monotonic() / seconds + 0.001
