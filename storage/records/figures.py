"""Figures: what the ledger of plays comes to on a UTC day. Each row says all of its day; none is added to.

`made` is the number of the counting that a row is of: an older counting never replaces a newer one. Crowds (`crowd`,
`crowds`) are packed sets of listeners' numbers, see `services/analytics/crowds.py`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class FigureDay:
    """The whole house on a UTC day, which is the `id`.

    `slots` has sums by half hour (0 to 47), `crowds` who listened in each, `crowd` who listened on the day.
    `is_stale`: it is to be counted anew.
    """

    id: str
    made: int = 0
    slots: dict[str, Any] = field(default_factory=dict)
    crowds: dict[str, str] = field(default_factory=dict)
    crowd: str = ""
    is_stale: bool | None = None


@dataclass(slots=True)
class FigureRow:
    """A song, album, artist, genre or playlist (`kind`) on a UTC day. `id` is `{kind}:{target}:{day}`."""

    id: str
    kind: str
    target_id: str
    day: str
    made: int
    plays: int = 0
    ms_heard: int = 0
    known: int = 0
    completed: int = 0
    skips: int = 0
    listeners: int = 0
    sources: dict[str, int] = field(default_factory=dict)
    crowd: str = ""


@dataclass(slots=True)
class ListenerNumber:
    """The number that stands for an account in crowds. `id` is the account's, and so is `user_id`.

    An account that is erased leaves it, as it leaves its plays, to an id that nobody has.
    """

    id: str
    user_id: str
    number: int
