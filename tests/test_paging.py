"""Slices and cursors."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.errors import Invalid
from services.paging import PAGE_LIMIT, Slice, read_cursor, slice_of, write_cursor

moments = st.datetimes(timezones=st.just(UTC))
values = st.none() | st.integers(-(2**53), 2**53) | st.text() | moments | st.booleans()


@given(st.lists(values, min_size=1, max_size=6))
def test_a_cursor_brings_back_what_was_put_in(row):
    assert read_cursor(write_cursor(row)) == tuple(row)


@given(st.text())
def test_a_foreign_cursor_is_refused_by_name(text):
    try:
        assert isinstance(read_cursor(text), tuple)
    except Invalid as refusal:
        assert refusal.field == "after"


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        ({"limit": 0}, "limit"),
        ({"limit": PAGE_LIMIT + 1}, "limit"),
        ({"first": -1}, "first"),
        ({"first": 5, "limit": 5}, "first"),
        ({"offset": -1}, "offset"),
        ({"offset": 10_001}, "offset"),
        ({"offset": 3, "after": write_cursor(["a"])}, "after"),
        ({"after": "§"}, "after"),
    ],
)
def test_a_slice_outside_its_bounds_is_refused_by_name(arguments, field):
    with pytest.raises(Invalid) as refusal:
        slice_of(**arguments)
    assert refusal.value.field == field


def test_a_slice_takes_what_was_asked():
    assert slice_of(limit=7, offset=3) == Slice(7, 3, None)
    moment = datetime(2026, 3, 4, 5, 6, 7, 8000, tzinfo=UTC)
    assert slice_of(first=2, after=write_cursor([moment, "x"])) == Slice(2, 0, (moment, "x"))
