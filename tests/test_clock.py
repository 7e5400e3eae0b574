"""Time and ids."""

from datetime import UTC, datetime

from services.clock import Clock, SetClock, encode_id


def test_ids_made_within_one_millisecond_still_sort_in_the_order_they_were_made():
    clock = SetClock(datetime(2026, 1, 1, tzinfo=UTC))
    ids = [clock.new_id() for _ in range(1000)]
    assert ids == sorted(ids)
    assert len(set(ids)) == 1000


def test_an_id_made_later_sorts_later():
    clock = SetClock(datetime(2026, 1, 1, tzinfo=UTC))
    early = clock.new_id()
    clock.turn(0.001)
    assert clock.new_id() > early


def test_an_id_spells_its_number():
    assert encode_id(0) == "0" * 26
    assert encode_id(2**128 - 1) == "7" + "Z" * 25
    assert encode_id(33) == "0" * 24 + "11"


def test_now_is_aware_and_cut_to_milliseconds():
    now = Clock().now()
    assert now.tzinfo is UTC
    assert now.microsecond % 1000 == 0
