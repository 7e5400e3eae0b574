"""The protocol every search index keeps: entries in, ids and scores out, filters as data.

Owns the shapes. Refuses to know how text is folded (it arrives folded), who may see what, and which engine answers.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

COUNTS_LIMIT = 50
"""So many values of a facet are counted at most."""


class IndexDamaged(Exception):
    """The files of the index cannot be read: make it again."""


class IndexAway(Exception):
    """The engine cannot be reached, or does not let us in, just now."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that can be found.

    `title`, `artist` and `album` are folded words with spaces between; `whole` is the folded name in one piece, for
    "exactly this", and `name` the folded name to sort by. `facets` are exact values to filter by and to count.
    `numbers` are whole numbers to filter and sort by: `year`, `duration_ms`, `tempo_centi` (hundredths of a beat a
    minute), `added_ms`. `popularity` is 0 to 1. `stamp` tells one state of the thing from another: an entry with the
    stored stamp needs no writing.
    """

    kind: str
    id: str
    stamp: int
    title: str
    whole: str
    artist: str = ""
    album: str = ""
    facets: Mapping[str, Sequence[str]] = field(default_factory=dict)
    popularity: float = 0.0
    numbers: Mapping[str, int] = field(default_factory=dict)
    name: str = ""


@dataclass(frozen=True, slots=True)
class Filter:
    """One condition: a facet (or the `id`) `is` a value or is `in` a list of them, or a number is `at_least` or
    `at_most`; a thing without that number passes neither."""

    field: str
    operator: Literal["is", "in", "at_least", "at_most"]
    value: str | int | tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Word:
    """One word of a question: it is there when all words of one of `ways` are.

    `AC/DC` can be `acdc`, or `ac` and `dc`. `typos` is how many letters may differ, `prefix` whether longer words that
    begin so count too. A word that is not `needed` only lifts what has it. `others` are ways that mean the same (`vol`
    for `volume`): they count as they are, neither begun nor misspelt, and a little less.
    """

    ways: tuple[tuple[str, ...], ...]
    typos: int = 0
    prefix: bool = False
    needed: bool = True
    others: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Order:
    """Sort by something else than fit: a number, `popularity`, or `name` (by its code points). Things without it come
    last; equals in an order of their own that stays."""

    field: str
    descending: bool = False


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: things of one kind with these words that pass every filter and all of one of `seen_if`.

    What is named exactly `whole` fits whatever its words are, and comes first: so `run dmc` finds `Run-D.M.C.`.
    `forgiving` lets typing mistakes pass, in the whole name `whole_typos` of them; `by_name` looks for the words in
    the name alone. Without words all that passes fits, the popular first. `order` sorts, None by fit. `counted` names
    facets whose values are counted among all that fits. Of an `uncounted` question only the best `limit` are wanted:
    the total may be told too small once it is as much.
    """

    kind: str
    words: tuple[Word, ...]
    whole: str = ""
    filters: tuple[Filter, ...] = ()
    seen_if: tuple[tuple[Filter, ...], ...] = ()
    forgiving: bool = False
    by_name: bool = False
    limit: int = 20
    offset: int = 0
    order: Order | None = None
    counted: tuple[str, ...] = ()
    whole_typos: int = 0
    uncounted: bool = False


@dataclass(frozen=True, slots=True)
class Hit:
    """One thing found, and how well it fits (only differences mean anything)."""

    id: str
    score: float


@dataclass(frozen=True, slots=True)
class Hits:
    """One part of what was found, the best first, and how much there is in all.

    `counts` has for each counted facet its values, the most frequent first (at most 50), with how many things each has.
    """

    total: int
    rows: tuple[Hit, ...]
    counts: Mapping[str, tuple[tuple[str, int], ...]] = field(default_factory=dict)


class Searched(Protocol):
    """What can be asked. Blocking: call it from a worker."""

    def search(self, question: Question) -> Hits:
        """What fits, as of the last `refresh`."""


class SearchIndex(Searched, Protocol):
    """One index. Blocking: call it from a worker. Any method may raise IndexDamaged or IndexAway."""

    def stamps(self, kind: str, ids: Sequence[str]) -> dict[str, int]:
        """The stamps of those of `ids` (at most 1,000) that are there."""

    def count(self, kind: str) -> int:
        """How many things of a kind there are."""

    def ids(self, kind: str) -> Iterator[str]:
        """Every id of a kind, in no order."""

    def put(self, entries: Sequence[Entry], *, new: bool = False) -> None:
        """Add these, each in place of an earlier one of its id; seen after `commit`. One writer alone.

        `new` promises that none of them is there yet, which is faster.
        """

    def remove(self, kind: str, ids: Sequence[str]) -> None:
        """Take these out; seen after `commit`. One writer alone."""

    def commit(self) -> None:
        """Keep what was put and removed, through a crash, and show it to this index's own searches."""

    def refresh(self) -> None:
        """Show what another process has committed."""

    def close(self) -> None:
        """Let go of the files; what was not committed is lost."""


def close_index(index: SearchIndex) -> None:
    """Let go of an index, damaged or not."""
    with contextlib.suppress(IndexDamaged):
        index.close()
