"""The search index in a Typesense server: one collection, asked through an alias.

The server finds the candidates; the first 250 of them are weighed here with the same points as in the embedded index,
so that both engines put the same things first. Further down the server's own order holds. Refuses to fold text.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import httpx
import orjson
from typesense.exceptions import ObjectNotFound, TypesenseClientError

from storage.search_index.index import Entry, Hit, Hits, IndexAway, IndexDamaged, Question
from storage.search_index.points import Names, Weighing
from storage.search_index.typesense_query import WINDOW, first_wording, ids_filter, of_ids, page, searches
from storage.search_index.typesense_schema import COUNTED, WORDS, document

WRITTEN_AT_ONCE = 1_000
ROWS_LIMIT = 10_000
"""Rows further down than this are not read."""

_Row = dict[str, Any]


class TypesenseIndex:
    """One collection. `asked` is what searches go to: an alias, which a finished collection takes over in one step."""

    def __init__(self, client: Any, collection: str, asked: str | None = None) -> None:
        self._client = client
        self._collection = collection
        self._asked = asked or collection

    def search(self, question: Question) -> Hits:
        """What fits, as it is written."""
        if question.order is not None or not question.words:
            return self._sorted(question)
        asked = searches(question, self._asked)
        answers = self._ask(asked)
        weighing = Weighing(question)
        ranked: dict[str, float] = {}
        for row in (row for answer in answers for row in _rows(answer)):
            if row["thing"] not in ranked:
                points = weighing.points(_names(row))
                if points is not None:
                    ranked[row["thing"]] = points
        order = sorted(ranked, key=lambda id: -ranked[id])
        first = answers[0]
        more = max(0, int(first["found"]) - WINDOW)
        rows = [Hit(id, ranked[id]) for id in order]
        end = question.offset + question.limit
        if end > len(rows) and more:
            rows += self._further(question, end - len(rows), set(ranked))
        return Hits(len(order) + more, tuple(rows[question.offset : end]), _counts(first, question))

    def stamps(self, kind: str, ids: Sequence[str]) -> dict[str, int]:
        """The stamps of those of `ids` that are there."""
        found: dict[str, int] = {}
        for at in range(0, len(ids), WINDOW):
            asked = of_ids(self._collection, kind, ids[at : at + WINDOW]) | {"include_fields": "thing,stamp"}
            found |= {row["thing"]: int(row["stamp"]) for row in _rows(self._ask([asked])[0])}
        return found

    def count(self, kind: str) -> int:
        """How many things of a kind there are."""
        return int(self._ask([page(Question(kind, ()), self._collection, (), 0, 1)])[0]["found"])

    def ids(self, kind: str) -> Iterator[str]:
        """Every id of a kind."""
        with reaching():
            told = self._client.collections[self._collection].documents.export(
                {"filter_by": f"kind:={kind}", "include_fields": "thing"}
            )
        for line in told.splitlines():
            yield str(orjson.loads(line)["thing"])

    def put(self, entries: Sequence[Entry], *, new: bool = False) -> None:
        """Add these, each in place of an earlier one of its id."""
        for at in range(0, len(entries), WRITTEN_AT_ONCE):
            rows = [document(entry) for entry in entries[at : at + WRITTEN_AT_ONCE]]
            with reaching():
                told = self._client.collections[self._collection].documents.import_(
                    rows, {"action": "create" if new else "upsert"}
                )
            for answer in told:
                if not answer["success"] and int(answer.get("code", 400)) != 409:
                    raise IndexDamaged(str(answer.get("error")))

    def remove(self, kind: str, ids: Sequence[str]) -> None:
        """Take these out."""
        for at in range(0, len(ids), WINDOW):
            with reaching():
                self._client.collections[self._collection].documents.delete(
                    {"filter_by": ids_filter(kind, ids[at : at + WINDOW])}
                )

    def commit(self) -> None:
        """What was written is kept and shown already."""

    def refresh(self) -> None:
        """What others wrote is shown already."""

    def close(self) -> None:
        """The connection belongs to whoever opened it."""

    def _sorted(self, question: Question) -> Hits:
        words = first_wording(question) if question.words else []
        rows: list[Hit] = []
        low, high = question.offset // WINDOW, (question.offset + question.limit - 1) // WINDOW
        asked = [page(question, self._asked, words, at * WINDOW, WINDOW) for at in range(low, high + 1)]
        answers = self._ask(asked)
        for answer in answers:
            rows += [Hit(row["thing"], 0.0) for row in _rows(answer)]
        start = question.offset - low * WINDOW
        return Hits(
            int(answers[0]["found"]), tuple(rows[start : start + question.limit]), _counts(answers[0], question)
        )

    def _further(self, question: Question, wanted: int, known: set[str]) -> list[Hit]:
        rows: list[Hit] = []
        words = first_wording(question)
        for at in range(WINDOW, ROWS_LIMIT, WINDOW):
            found = list(_rows(self._ask([page(question, self._asked, words, at, WINDOW)])[0]))
            rows += [Hit(row["thing"], 0.0) for row in found if row["thing"] not in known]
            if len(rows) >= wanted or len(found) < WINDOW:
                break
        return rows

    def _ask(self, asked: list[dict[str, Any]]) -> list[dict[str, Any]]:
        with reaching():
            answers: list[dict[str, Any]] = self._client.multi_search.perform({"searches": asked}, {})["results"]
        for answer in answers:
            if "error" in answer:
                if int(answer.get("code", 500)) in (401, 403, 408, 429, 503):
                    raise IndexAway(str(answer["error"]))
                raise IndexDamaged(str(answer["error"]))
        return answers


@contextmanager
def reaching() -> Iterator[None]:
    """What the client raises, as the two things that can be wrong: no such collection, or no way to the server."""
    try:
        yield
    except ObjectNotFound as fault:
        raise IndexDamaged(str(fault)) from fault
    except (TypesenseClientError, httpx.HTTPError) as fault:
        raise IndexAway(f"{type(fault).__name__}: {fault}") from fault


def _rows(answer: dict[str, Any]) -> Iterator[_Row]:
    for hit in answer["hits"]:
        yield hit["document"]


def _names(row: _Row) -> Names:
    words = {name: row.get(name, "").split() for name in WORDS}
    return Names(words, row["whole"], row["factor"])


def _counts(answer: dict[str, Any], question: Question) -> dict[str, tuple[tuple[str, int], ...]]:
    found = {counted["field_name"]: counted["counts"] for counted in answer.get("facet_counts", ())}
    return {
        name: tuple(
            sorted(((str(each["value"]), int(each["count"])) for each in found.get(name, ())), key=_most_frequent)
        )
        for name in question.counted
        if name in COUNTED
    }


def _most_frequent(row: tuple[str, int]) -> tuple[int, str]:
    return -row[1], row[0]
