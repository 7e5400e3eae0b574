"""Buckets of cost: whose they are, how they fill, and that there are never too many."""

from datetime import UTC, datetime

import pytest

from services.clock import SetClock
from services.errors import TooMany
from services.rates import CostRates, Rate, network_of
from services.viewer import NOBODY, Viewer

ANN, BOB = Viewer("ann"), Viewer("bob")


@pytest.fixture
def clock():
    return SetClock(datetime(2026, 6, 1, tzinfo=UTC))


def rates(clock, **changes):
    return CostRates(clock, **{"signed_in": Rate(10, 100), "anonymous": Rate(5, 50), **changes})


def test_cost_is_spent_and_comes_back_with_time(clock):
    made = rates(clock)
    assert [made.spend(ANN, "", 60), made.spend(ANN, "", 40)] == [40, 0]
    with pytest.raises(TooMany) as refused:
        made.spend(ANN, "", 25)
    assert (refused.value.retry_after, refused.value.reason) == (2.5, "TOO_MANY")
    clock.turn(2.4)
    with pytest.raises(TooMany):
        made.spend(ANN, "", 25)
    clock.turn(0.1)
    assert made.spend(ANN, "", 25) == 0
    clock.turn(1000)
    assert made.spend(ANN, "", 1) == 99


def test_people_have_their_own_buckets_wherever_they_are_and_strangers_share_an_address(clock):
    made = rates(clock)
    assert made.spend(ANN, "10.0.0.1", 100) == 0
    assert made.spend(BOB, "10.0.0.1", 1) == 99
    assert made.spend(NOBODY, "10.0.0.1", 50) == 0
    with pytest.raises(TooMany):
        made.spend(ANN, "10.0.0.2", 1)
    with pytest.raises(TooMany):
        made.spend(NOBODY, "10.0.0.1", 1)
    assert made.spend(NOBODY, "10.0.0.2", 1) == 49


def test_more_than_a_bucket_holds_is_taken_from_a_full_one(clock):
    made = rates(clock)
    assert made.spend(ANN, "", 5_000) == 0
    clock.turn(9)
    with pytest.raises(TooMany) as refused:
        made.spend(ANN, "", 5_000)
    assert refused.value.retry_after == 1


def test_nothing_a_second_means_no_bound(clock):
    made = rates(clock, signed_in=Rate(0, 100))
    assert [made.spend(ANN, "", 1_000_000) for _ in range(3)] == [None, None, None]


def test_the_memory_is_bounded(clock):
    made = rates(clock, limit=100)
    for number in range(1_000):
        made.spend(NOBODY, f"10.0.{number // 250}.{number % 250}", 1)
        made.spend(Viewer(f"u{number}"), "", 1)
    assert (len(made._anonymous), len(made._signed_in)) == (100, 100)


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", ""),
        ("a pipe", "a pipe"),
    ],
)
def test_an_ipv6_network_of_64_bits_is_one_caller(address, network):
    assert network_of(address) == network
