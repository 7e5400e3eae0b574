"""A device's place among somebody's notifications: what it was told, so exactly that nothing is told twice or lost.

Ids sort by the clocks of the processes that made them, so one that is written late may sort before one that was told
already. A place therefore names the last ones told, and reading goes on a little before them. Knows no store.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from services.clock import encode_id
from services.errors import Invalid
from services.paging import read_cursor

LATE_MS = 60_000
"""How much later than its id says a notification may be written, and still be told to everybody."""
NAMED = 32
"""How many of the last ones a place names; what sorts before the oldest of them counts as told."""
LONGEST_PLACE = 2048
"""Most characters of a place as clients keep it."""
_MARK = "n1"
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_ID = re.compile(r"[0-9A-HJKMNP-TV-Z]{26}")


@dataclass(frozen=True, slots=True)
class Place:
    """`floor`: up to there (inclusive) all is told; `told`: what is told beyond it, in the order of ids."""

    floor: str = ""
    told: tuple[str, ...] = ()

    def after(self, ids: Iterable[str]) -> Place:
        """The place once these were told too."""
        told = sorted({*self.told, *ids})
        if not told:
            return self
        floor = max(self.floor, _long_before(told[-1]))
        if len(told) > NAMED:
            floor = max(floor, told[-NAMED - 1])
        return Place(floor, tuple(id for id in told if id > floor))

    def written(self) -> str:
        """The place as text for a client to keep."""
        return ".".join([_MARK, self.floor, *self.told])


START = Place()
"""Before everything."""


def read_place(text: str) -> Place:
    """A place as it was written, or after a notification's id or the cursor of an edge. Invalid for anything else."""
    if _ID.fullmatch(text):
        return Place(text)
    mark, *parts = text.split(".")
    if mark == _MARK and 1 <= len(parts) <= NAMED + 1 and all(map(_ID.fullmatch, parts[1:])):
        if not parts[0] or _ID.fullmatch(parts[0]):
            return Place(parts[0], tuple(parts[1:]))
        raise Invalid("This place is not one of ours.", field="after")
    values = read_cursor(text)
    id = values[0] if len(values) == 1 else None
    if not isinstance(id, str) or not _ID.fullmatch(id):
        raise Invalid("This cursor belongs to another list.", field="after")
    return Place(id)


def _long_before(id: str) -> str:
    """The least id of the moment `LATE_MS` before an id was made."""
    number = 0
    for sign in id:
        number = number * 32 + _ALPHABET.index(sign)
    return encode_id(max(0, (number >> 80) - LATE_MS) << 80)
