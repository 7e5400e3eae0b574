"""What one play, or many, add to each roll-up: pure arithmetic, shared by the fold and by the proof.

Owns which roll-ups there are, their ids and their fields. Refuses to know how and when they are written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from services.listening.weights import Counts, gained
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
    is_weighed: bool = False
    weight: int = 0
    listeners: int = 0
    weights: dict[str, int] = field(default_factory=dict)

    def row(self, id: str, batch: int) -> Insert:
        """It as a new row."""
        return Insert({"_id": id, **self.identity, **self.values(), "batch": batch})

    def change(self, id: str, batch: int) -> Change:
        """It added to a row, unless the row has this batch (or a later one) already."""
        update: dict[str, Any] = {"$inc": self._increments(), "$set": {"batch": batch}}
        if self.last_at is not None:
            update["$max"] = {"last_at": self.last_at}
        return Change({"_id": id, "batch": {"$lt": batch}}, update)

    def day_row(self, id: str, batch: int) -> Insert:
        """An account's day as a new row, which remembers that nothing was before this batch."""
        row = self.row(id, batch)
        return Insert({**row.document, "before": {}})

    def day_change(self, stored: Document, batch: int) -> Change:
        """It added to an account's day, which remembers what it came to before this batch.

        Only to the row as it was read, so that what is remembered is true.
        """
        as_read = {"_id": stored["_id"], "batch": stored.get("batch"), "plays": stored.get("plays")}
        before = {"plays": stored.get("plays", 0), "countries": stored.get("countries") or {}}
        return Change(as_read, {"$inc": self._increments(), "$set": {"batch": batch, "before": before}})

    def _increments(self) -> Document:
        increments = {"plays": self.plays, **{f"countries.{code}": n for code, n in self.countries.items()}}
        if self.is_weighed:
            increments |= {"weight": self.weight, "listeners": self.listeners}
            increments |= {f"weights.{code}": n for code, n in self.weights.items()}
        return increments

    def is_in(self, stored: Document) -> bool:
        """Whether a stored row says the same."""
        return (
            stored.get("plays") == self.plays
            and stored.get("last_at") == self.last_at
            and {code: n for code, n in stored.get("countries", {}).items() if n} == self.countries
            and (not self.is_weighed or self._is_weighed_as(stored))
        )

    def _is_weighed_as(self, stored: Document) -> bool:
        weights = {code: n for code, n in stored.get("weights", {}).items() if n}
        said = (stored.get("weight"), stored.get("listeners"), weights)
        return said == (self.weight, self.listeners, self.weights)

    def values(self) -> Document:
        """The fields of a row that says this."""
        values: Document = {"plays": self.plays}
        if self.last_at is not None:
            values["last_at"] = self.last_at
        if self.is_placed:
            values["countries"] = self.countries
        if self.is_weighed:
            values |= {"weight": self.weight, "listeners": self.listeners, "weights": self.weights}
        return values


Rows = dict[str, dict[str, Amount]]
"""Roll-up rows: by collection, then by id."""
DAYS = "listens_by_day"
"""The roll-up of one account, song and day each: it is folded first, for what the songs' rows weigh follows from it."""

WEIGHED = ("plays_by_day", "plays_ever")
Tallied = Iterator[tuple[str, str, Document, bool, bool]]


def _by_song(play: Document) -> Tallied:
    song, day = play["song_id"], play["started_at"].strftime("%Y-%m-%d")
    yield "plays_by_day", f"{song}:{day}", {"song_id": song, "day": day}, False, True
    yield "plays_ever", song, {}, False, True
    user = play["user_id"]
    yield DAYS, f"{song}:{day}:{user}", {"song_id": song, "day": day, "user_id": user}, False, True


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
    {
        "plays_by_day": ("song_id", (("song_id", 1), ("day", 1))),
        "plays_ever": ("_id", (("_id", 1),)),
        DAYS: ("song_id", (("song_id", 1), ("day", 1))),
    },
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
                amount = amounts[id] = Amount(identity, is_placed=is_placed, is_weighed=shelf in WEIGHED)
                fresh += 1
            amount.plays += 1
            if is_dated and (amount.last_at is None or amount.last_at < play["started_at"]):
                amount.last_at = play["started_at"]
            country = play.get("country") if is_placed else None
            if country is not None:
                amount.countries[country] = amount.countries.get(country, 0) + 1
    return fresh


def weigh(rows: Rows, days: Iterable[tuple[Document, Counts]]) -> None:
    """Add what accounts' days gained to the rows of their songs; each day comes with what it came to before."""
    for day, before in days:
        weight, listeners, weights = gained(before, day)
        for shelf, id in (("plays_by_day", f"{day['song_id']}:{day['day']}"), ("plays_ever", day["song_id"])):
            amount = rows[shelf][id]
            amount.weight += weight
            amount.listeners += listeners
            for code, more in weights.items():
                amount.weights[code] = amount.weights.get(code, 0) + more


def days_of(rows: Rows) -> list[tuple[Document, Counts]]:
    """All accounts' days, each with nothing before it: for the proof, which counts from nothing."""
    days = rows.get(DAYS, {}).values()
    return [({**day.identity, "plays": day.plays, "countries": day.countries}, {}) for day in days]
