"""A device's place among somebody's notifications: up to which turn it was told them, so exactly that none is told
twice or lost. The turns are given in `turns.py`. Knows no store.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from services.errors import Invalid
from services.paging import read_cursor

LONGEST_PLACE = 256
"""Most characters of a place as clients keep it."""
_ID = re.compile(r"[0-9A-HJKMNP-TV-Z]{26}")
_WRITTEN = re.compile(r"n2\.(0|[1-9][0-9]{0,14})")


@dataclass(frozen=True, slots=True)
class Place:
    """All is told up to `turn` (inclusive); or, while only a notification's `id` is known, up to that one."""

    turn: int = 0
    id: str = ""

    def written(self) -> str:
        """The place as text for a client to keep."""
        return self.id or f"n2.{self.turn}"


START = Place()
"""Before everything."""


def read_place(text: str) -> Place:
    """A place as it was written, or after a notification by its id or an edge's cursor. Invalid for anything else."""
    if _ID.fullmatch(text):
        return Place(id=text)
    written = _WRITTEN.fullmatch(text)
    return Place(int(written[1])) if written else place_in(read_cursor(text))


def place_in(cursor: Sequence[object]) -> Place:
    """The place of an edge by the values in its cursor: a turn, or an id. Invalid for another list's."""
    value = cursor[0] if len(cursor) == 1 else None
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return Place(value)
    if isinstance(value, str) and _ID.fullmatch(value):
        return Place(id=value)
    raise Invalid("This cursor belongs to another list.", field="after")
