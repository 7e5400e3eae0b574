"""Throttling of log-ins: for two processes together, slowed from anywhere, and never a lock."""

from __future__ import annotations

import asyncio

import pytest

from services.accounts.gate import Gate, GateLimits
from services.errors import TooMany, Unauthenticated
from services.shared_throttle import SharedBuckets, SharedCounts, SharedSlowing
from storage.live.interface import LiveStateAway
from storage.live.memory import MemoryLiveState
from tests.accounts.account_rig import PASSWORD

LIMITS = GateLimits(pair_tries=4, pair_seconds=10, address_tries=6, address_seconds=10)


class SharedLive:
    """Live state as two processes see it: nobody's own memory."""

    def __init__(self, clock):
        kept = MemoryLiveState(clock.monotonic)
        self.get, self.swap, self.drop = kept.get, kept.swap, kept.drop


class AwayLive(SharedLive):
    """Live state whose server is away."""

    def __init__(self, clock):
        super().__init__(clock)
        self.get = self._away

    async def _away(self, key):
        raise LiveStateAway("away")


async def _refused(attempt) -> float:
    with pytest.raises(TooMany) as refused:
        await attempt
    return refused.value.retry_after


async def test_two_processes_count_tries_together(clock):
    live = SharedLive(clock)
    one, other = Gate(clock, LIMITS, live), Gate(clock, LIMITS, live)
    for gate in (one, other, one, other):
        await gate.enter("ann", "192.0.2.1")
    for gate in (one, other):
        assert await _refused(gate.enter("ann", "192.0.2.1")) == 10.0
    # The address has two left, for anybody.
    give_back = await other.enter("bob", "192.0.2.1")
    await one.enter("cyd", "192.0.2.1")
    assert await _refused(one.enter("dan", "192.0.2.1")) > 0
    await give_back()
    await other.enter("eve", "192.0.2.1")
    clock.turn(10)
    await one.enter("ann", "192.0.2.1")


async def test_of_tries_at_the_same_moment_in_two_processes_no_more_get_in(clock):
    live = SharedLive(clock)
    buckets = [SharedBuckets(SharedCounts(clock, live), "b", capacity=5, seconds_per_token=1000) for _ in range(2)]
    tries = [bucket.take("key") for bucket in buckets for _ in range(10)]
    answers = await asyncio.gather(*tries, return_exceptions=True)
    assert sum(answer is None for answer in answers) == 5


async def test_while_the_shared_state_is_away_each_process_counts_for_itself(clock):
    gate = Gate(clock, LIMITS, AwayLive(clock))
    for _ in range(4):
        await gate.enter("ann", "192.0.2.1")
    assert await _refused(gate.enter("ann", "192.0.2.1")) == 10.0


def test_pauses_grow_and_end_at_a_bound(clock):
    slowing = SharedSlowing(SharedCounts(clock, None), "s", free=3, longest_s=60)
    assert [slowing.pause_s(tries) for tries in (0, 2, 3, 4, 5, 8, 9, 500)] == [0, 0, 1, 2, 4, 32, 60, 60]


async def test_guesses_from_everywhere_are_slowed_and_the_owner_is_not(build):
    limits = GateLimits(account_tries=5, account_pause_s=60)
    rig = build(limits=limits)
    owner = await rig.register()
    home = await rig.log_in(address="192.0.2.50")
    assert owner.user.id == home.user.id
    for number in range(5):
        with pytest.raises(Unauthenticated):
            await rig.log_in(password="a guess of many", address=f"198.51.100.{number}")
    verified = rig.passwords.verified
    for number in range(5, 40):
        await _refused(rig.log_in(password="a guess of many", address=f"198.51.100.{number}"))
    assert rig.passwords.verified == verified
    # From home, and from anywhere with the device that was known, there is no waiting.
    await rig.log_in(address="192.0.2.50")
    await rig.log_in(address="203.0.113.77", device_token=home.device_token)
    # A stranger waits, and gets a try: nobody is locked out.
    wait = await _refused(rig.log_in(address="203.0.113.78"))
    rig.clock.turn(wait)
    assert (await rig.log_in(address="203.0.113.78")).token


async def test_an_absent_account_is_slowed_like_one_that_exists(build):
    rig = build(limits=GateLimits(account_tries=2))
    await rig.register()
    for login in ("musiclover@example.com", "nobody@example.com"):
        waits = []
        for number in range(4):
            with pytest.raises((Unauthenticated, TooMany)) as refused:
                await rig.log_in(email=login, password="a guess of many", address=f"198.51.100.{number}")
            waits.append(refused.value.retry_after)
        assert waits == [None, None, 1.0, 1.0]


async def test_known_places_are_asked_for_only_under_attack(build):
    rig = build(limits=GateLimits(account_tries=2))
    await rig.register()
    asked = []
    real = rig.accounts.places.knows

    async def counted(*given, **more):
        asked.append(given)
        return await real(*given, **more)

    rig.accounts.places.knows = counted
    await rig.log_in(password=PASSWORD)
    assert asked == []


async def test_a_flood_of_names_costs_bounded_memory_and_little_time_for_each(clock):
    counts = SharedCounts(clock, None)
    counts._own = counts._live = MemoryLiveState(clock.monotonic, limit=40)
    bucket = SharedBuckets(counts, "b", capacity=2, seconds_per_token=10)
    for number in range(200):
        await bucket.take(f"name {number}")
    assert len(counts._own._cells) <= 40
    clock.turn(20)
    await bucket.take("another")
    for number in range(45):
        await bucket.take(f"later {number}")
    assert len(counts._own._cells) <= 40
