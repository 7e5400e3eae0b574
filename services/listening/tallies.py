"""What one play, or many, add to each roll-up: pure arithmetic, shared by the fold and by the proof.

Owns which roll-ups there are, their ids and their fields. Refuses to know how and when they are written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from storage.engine import Change, Document, Insert

LEDGER_FIELDS = ("user_id", "song_id", "artist_ids", "started_at", "country", "folded")
"""What of a play the tallies need; none of it ever changes, so that a batch added twice is the same batch."""


@dataclass(slots=True)
class Amount:
    """What some plays come to in one row of a roll-up."""

    identity: Document
    plays: int = 0
    last_at: datetime | None = None
    countries: dict[str, int] = field(default_factory=dict)
    is_placed: bool = False

    def row(self, id: str, batch: int) -> Insert:
        """It as a new row."""
        return Insert({"_id": id, **self.identity, **self.values(), "batch": batch})

    def change(self, id: str, batch: int) -> Change:
        """It added to a row, unless the row has this batch (or a later one) already."""
        increments = {"plays": self.plays, **{f"countries.{code}": n for code, n in self.countries.items()}}
        update: dict[str, Any] = {"$inc": increments, "$set": {"batch": batch}}
        if self.last_at is not None:
            update["$max"] = {"last_at": self.last_at}
        return Change({"_id": id, "batch": {"$lt": batch}}, update)

    def is_in(self, stored: Document) -> bool:
        """Whether a stored row says the same."""
        return (
            stored.get("plays") == self.plays
            and stored.get("last_at") == self.last_at
            and {code: n for code, n in stored.get("countries", {}).items() if n} == self.countries
        )

    def values(self) -> Document:
        """The fields of a row that says this."""
        values: Document = {"plays": self.plays}
        if self.last_at is not None:
            values["last_at"] = self.last_at
        if self.is_placed:
            values["countries"] = self.countries
        return values


Rows = dict[str, dict[str, Amount]]
"""Roll-up rows: by collection, then by id."""
Tallied = Iterator[tuple[str, str, Document, bool, bool]]


def _by_song(play: Document) -> Tallied:
    song, day = play["song_id"], play["started_at"].strftime("%Y-%m-%d")
    yield "plays_by_day", f"{song}:{day}", {"song_id": song, "day": day}, False, True
    yield "plays_ever", song, {}, False, True


def _by_listener(play: Document) -> Tallied:
    user, song, month = play["user_id"], play["song_id"], play["started_at"].strftime("%Y-%m")
    yield "listens", f"{user}:{song}", {"user_id": user, "song_id": song}, True, False
    of_month = {"user_id": user, "month": month}
    yield (
        "listens_by_month",
        f"{user}:{month}:song:{song}",
        {**of_month, "kind": "song", "target_id": song},
        False,
        False,
    )
    for artist in dict.fromkeys(play.get("artist_ids") or ()):
        yield "artist_listeners", f"{artist}:{user}", {"artist_id": artist, "user_id": user}, True, False
        identity = {**of_month, "kind": "artist", "target_id": artist}
        yield "listens_by_month", f"{user}:{month}:artist:{artist}", identity, False, False


@dataclass(frozen=True, slots=True)
class Family:
    """Roll-ups that follow from the plays of one song, or of one listener; `order` is an index of the ledger.

    `shelves` has each roll-up's collection with the field that holds that song or listener, and an index's order.
    """

    field: str
    order: tuple[tuple[str, int], ...]
    shelves: dict[str, tuple[str, tuple[tuple[str, int], ...]]]
    tallied: Callable[[Document], Tallied]


BY_SONG = Family(
    "song_id",
    (("song_id", 1), ("started_at", 1)),
    {"plays_by_day": ("song_id", (("song_id", 1), ("day", 1))), "plays_ever": ("_id", (("_id", 1),))},
    _by_song,
)
BY_LISTENER = Family(
    "user_id",
    (("user_id", 1), ("started_at", -1)),
    {
        "listens": ("user_id", (("user_id", 1), ("plays", -1))),
        "listens_by_month": ("user_id", (("user_id", 1), ("kind", 1), ("month", 1))),
        "artist_listeners": ("user_id", (("user_id", 1), ("plays", -1))),
    },
    _by_listener,
)
FAMILIES = (BY_SONG, BY_LISTENER)


def add(rows: Rows, family: Family, plays: Iterable[Document]) -> int:
    """Add plays to what some came to before; how many rows are new."""
    fresh = 0
    for play in plays:
        for shelf, id, identity, is_dated, is_placed in family.tallied(play):
            amounts = rows.setdefault(shelf, {})
            amount = amounts.get(id)
            if amount is None:
                amount = amounts[id] = Amount(identity, is_placed=is_placed)
                fresh += 1
            amount.plays += 1
            if is_dated and (amount.last_at is None or amount.last_at < play["started_at"]):
                amount.last_at = play["started_at"]
            country = play.get("country") if is_placed else None
            if country is not None:
                amount.countries[country] = amount.countries.get(country, 0) + 1
    return fresh
