"""A few entries in memory, asked as an index is: what stands in while no engine answers.

Every entry is looked at, so it is for hundreds of them. Answers as the engines do, with the same points.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from storage.search_index.index import COUNTS_LIMIT, Entry, Filter, Hit, Hits, Order, Question
from storage.search_index.points import Names, Weighing, dice_of, factor


class ListedIndex:
    """The entries that there are; nothing can be put or removed."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        self._entries = entries

    def search(self, question: Question) -> Hits:
        """What fits, the best first."""
        weighing = Weighing(question)
        found: list[tuple[Entry, float]] = []
        for entry in self._entries:
            if entry.kind == question.kind and _passes_all(entry, question):
                points = weighing.points(_names(entry))
                if points is not None:
                    found.append((entry, points))
        found.sort(key=lambda row: (-row[1], row[0].id))
        if question.order is not None:
            found = _in_order(found, question.order)
        rows = tuple(Hit(entry.id, points) for entry, points in found)
        counts = {facet: _counted([entry for entry, _ in found], facet) for facet in question.counted}
        return Hits(len(rows), rows[question.offset : question.offset + question.limit], counts)


def _passes_all(entry: Entry, question: Question) -> bool:
    if not all(_passes(entry, filter) for filter in question.filters):
        return False
    return not question.seen_if or any(all(_passes(entry, filter) for filter in way) for way in question.seen_if)


def _passes(entry: Entry, filter: Filter) -> bool:
    if filter.operator in ("at_least", "at_most"):
        number = entry.numbers.get(filter.field)
        if number is None:
            return False
        bound = int(filter.value) if not isinstance(filter.value, tuple) else 0
        return number >= bound if filter.operator == "at_least" else number <= bound
    has = (entry.id,) if filter.field == "id" else entry.facets.get(filter.field, ())
    wanted = filter.value if isinstance(filter.value, tuple) else (filter.value,)
    return any(value in wanted for value in has)


def _names(entry: Entry) -> Names:
    words = {"title": entry.title.split(), "artist": entry.artist.split(), "album": entry.album.split()}
    return Names(words, entry.whole, factor(entry.popularity, dice_of(entry.kind, entry.id)))


def _in_order(found: list[tuple[Entry, float]], order: Order) -> list[tuple[Entry, float]]:
    def value(entry: Entry) -> float | str | None:
        if order.field in ("name", "popularity"):
            return entry.name if order.field == "name" else entry.popularity
        return entry.numbers.get(order.field)

    there = [row for row in found if value(row[0]) is not None]
    there.sort(key=lambda row: value(row[0]), reverse=order.descending)  # type: ignore[arg-type, return-value]
    return there + [row for row in found if value(row[0]) is None]


def _counted(entries: Sequence[Entry], facet: str) -> tuple[tuple[str, int], ...]:
    counter = Counter(value for entry in entries for value in entry.facets.get(facet, ()))
    return tuple(sorted(counter.items(), key=lambda row: (-row[1], row[0]))[:COUNTS_LIMIT])
