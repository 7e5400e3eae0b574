"""What edits do to a list of entries: pure, so that any order of edits can be tried.

An operation names entries by id and a place by the entry that follows it, never by index alone: worked out against the
list its author saw, it still means the same on a list that others have changed since. Refuses to know who may edit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from storage.records import PlaylistEntry

Entries = Sequence[PlaylistEntry]


@dataclass(frozen=True, slots=True)
class Place:
    """Right before the entry `before_id`; at the end for None. `index` serves when that entry has gone meanwhile."""

    before_id: str | None
    index: int


@dataclass(frozen=True, slots=True)
class Add:
    """Put new entries, in their order, at a place. Those that are there already stay where they are."""

    entries: tuple[PlaylistEntry, ...]
    place: Place


@dataclass(frozen=True, slots=True)
class Remove:
    """Take entries out. Those that have gone already are no matter."""

    entry_ids: frozenset[str]


@dataclass(frozen=True, slots=True)
class Move:
    """Put one entry at a place among the others. One that has gone stays gone."""

    entry_id: str
    place: Place


Operation = Add | Remove | Move


def place_at(entries: Entries, position: int | None, before_id: str | None = None) -> Place:
    """The place for a 0-based position: None and any number past the end are the end.

    `before_id` outranks the position while that entry is in the list.
    """
    if before_id is not None:
        for index, entry in enumerate(entries):
            if entry.id == before_id:
                return Place(before_id, index)
    if position is None or position >= len(entries):
        return Place(None, len(entries))
    return Place(entries[position].id, position)


def index_of(entries: Entries, place: Place) -> int:
    """Where a place is in this list, from 0 to its length."""
    if place.before_id is None:
        return len(entries)
    for index, entry in enumerate(entries):
        if entry.id == place.before_id:
            return index
    return min(place.index, len(entries))


def without(entries: Entries, entry_id: str) -> list[PlaylistEntry]:
    """The others."""
    return [entry for entry in entries if entry.id != entry_id]


def apply(entries: Entries, operation: Operation) -> list[PlaylistEntry]:
    """The list after the operation; applying one twice changes nothing more than applying it once."""
    match operation:
        case Add(added, place):
            there = {entry.id for entry in entries}
            index = index_of(entries, place)
            return [*entries[:index], *(entry for entry in added if entry.id not in there), *entries[index:]]
        case Remove(entry_ids):
            return [entry for entry in entries if entry.id not in entry_ids]
        case Move(entry_id, place):
            moved = next((entry for entry in entries if entry.id == entry_id), None)
            if moved is None:
                return list(entries)
            others = without(entries, entry_id)
            index = index_of(others, place)
            return [*others[:index], moved, *others[index:]]


def totals(entries: Entries) -> tuple[int, int]:
    """How many songs, and how long they are together in milliseconds."""
    return len(entries), sum(entry.duration_ms for entry in entries)
