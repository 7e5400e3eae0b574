"""What one edit does to a list, and that two edits come to the same whatever others did in between."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.playlists.entries import Add, Move, Place, Remove, apply, index_of, place_at, totals
from storage.records import PlaylistEntry

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


def entries(ids: str) -> list[PlaylistEntry]:
    return [PlaylistEntry(id, f"song-{id}", "u", NOON, 1000 + ord(id)) for id in ids]


def ids(list_: list[PlaylistEntry]) -> str:
    return "".join(entry.id for entry in list_)


@pytest.mark.parametrize(
    ("position", "after"), [(0, "xyabc"), (1, "axybc"), (3, "abcxy"), (99, "abcxy"), (None, "abcxy")]
)
def test_songs_go_in_together_where_they_are_told(position, after):
    there = entries("abc")
    assert ids(apply(there, Add(tuple(entries("xy")), place_at(there, position)))) == after


@pytest.mark.parametrize(("id", "to", "after"), [("a", 2, "bca"), ("c", 0, "cab"), ("b", 1, "abc"), ("a", 9, "bca")])
def test_a_move_counts_positions_in_the_new_order(id, to, after):
    there = entries("abc")
    others = [entry for entry in there if entry.id != id]
    assert ids(apply(there, Move(id, place_at(others, to)))) == after


def test_a_place_stays_with_the_entry_behind_it_while_others_edit():
    seen = entries("abcd")
    add = Add(tuple(entries("x")), place_at(seen, 2))
    assert ids(apply(entries("zzabcd"[2:]), add)) == "abxcd"
    assert ids(apply(entries("nmabcd"), add)) == "nmabxcd"
    assert ids(apply(entries("dcba"), add)) == "dxcba"


def test_a_place_whose_entry_has_gone_falls_back_on_its_index():
    seen = entries("abcd")
    add = Add(tuple(entries("x")), place_at(seen, 2))
    assert ids(apply(entries("abd"), add)) == "abxd"
    assert ids(apply(entries("a"), add)) == "ax"


def test_the_entry_named_as_following_outranks_the_position_while_it_is_there():
    there = entries("abc")
    assert place_at(there, 0, "c") == Place("c", 2)
    assert place_at(there, 0, "gone") == Place("a", 0)
    assert place_at(there, None, "gone") == Place(None, 3)


def test_what_has_gone_is_neither_removed_nor_moved_again():
    there = entries("ab")
    assert ids(apply(there, Remove(frozenset("c")))) == "ab"
    assert ids(apply(there, Move("c", Place("a", 0)))) == "ab"


names = st.permutations("abcdefgh").map("".join)
operations = st.one_of(
    st.builds(lambda p, i: Add(tuple(entries("xy")), Place(p, i)), st.sampled_from([None, *"abch"]), st.integers(0, 9)),
    st.builds(lambda gone: Remove(frozenset(gone)), st.sets(st.sampled_from("abcxyz"), max_size=4)),
    st.builds(
        lambda id, p, i: Move(id, Place(None if p == id else p, i)),
        st.sampled_from("abcxyz"),
        st.sampled_from([None, *"abch"]),
        st.integers(0, 9),
    ),
)


@given(names, st.lists(operations, max_size=6))
def test_any_operation_applied_twice_is_applied_once_and_keeps_every_entry_single(start, edits):
    there = entries(start)
    for edit in edits:
        once = apply(there, edit)
        assert apply(once, edit) == once or isinstance(edit, Move)
        assert len({entry.id for entry in once}) == len(once)
        if isinstance(edit, Move):
            assert sorted(ids(once)) == sorted(ids(there))
        there = once
    assert totals(there) == (len(there), sum(entry.duration_ms for entry in there))


@given(names, st.integers(0, 8), operations)
def test_every_place_is_within_the_list_it_is_asked_of(start, position, edit):
    there = entries(start)
    place = place_at(there, position)
    assert index_of(there, place) == min(position, len(there))
    assert 0 <= index_of(apply(there, edit), place) <= len(apply(there, edit))
