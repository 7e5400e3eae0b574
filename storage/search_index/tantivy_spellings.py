"""The words that the embedded index holds, and which of them a mistyped one may stand for.

Owns one small document a word, beside the entries in the same index: looking for near words there once costs far less
than in every field of every kind. A word whose last entry went stays until the index is made again. Refuses to know
what a near word is worth.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import tantivy
from tantivy import Document, Query

from storage.search_index.index import Entry, Question
from storage.search_index.tantivy_schema import SPELLING, WORDS

SHORTEST = 3
"""Words of fewer letters stand for nothing but themselves: only from four letters on one may be wrong."""
SHORTEST_BEGINNING = 5
LONG = 8
"""From so many letters on two may be wrong."""
MOST = 200
"""Most words that one may stand for, the nearest first and of equals those that came first."""
MOST_ALIKE = 50
KEPT = 500

_ONE_OFF, _TWO_OFF, _BEGUN = 4.0, 3.0, 2.0


@dataclass(frozen=True, slots=True)
class Near:
    """The words with one letter wrong, with two, and those that only begin like the word."""

    one_off: tuple[str, ...] = ()
    two_off: tuple[str, ...] = ()
    begun: tuple[str, ...] = ()


NOTHING = Near()


class Spellings:
    """The words as one searcher sees them; what was asked is remembered for as long as it is asked."""

    def __init__(self, schema: tantivy.Schema, searcher: Any) -> None:
        self._schema = schema
        self._searcher = searcher
        self._asked: dict[tuple[str, int, bool], Near] = {}
        self._alike: dict[tuple[str, int], tuple[str, ...]] = {}

    def meant(self, question: Question) -> dict[str, Near]:
        """What the words of a question that may be mistyped may stand for, by word."""
        found: dict[str, Near] = {}
        for word in question.words:
            for way in word.ways:
                if word.typos and len(way) == 1:
                    found[way[0]] = self.near(way[0], word.typos, begun=word is question.words[-1])
        return found

    def near(self, word: str, typos: int, *, begun: bool) -> Near:
        """What `word` may stand for with at most `typos` letters wrong, and what is `begun` so; not itself."""
        asked = word, typos, begun
        found = self._asked.get(asked)
        if found is None:
            if len(self._asked) >= KEPT:
                self._asked.clear()
            found = self._asked[asked] = self._look(*asked)
        return found

    def knows(self, word: str) -> bool:
        """Whether some name has this word, as it stands."""
        return bool(self._searcher.doc_freq(SPELLING, word))

    def alike(self, whole: str, typos: int) -> tuple[str, ...]:
        """The ids of what has `whole` for its name but for at most `typos` letters, such as a missing space."""
        if not typos:
            return ()
        found = self._alike.get((whole, typos))
        if found is None:
            if len(self._alike) >= KEPT:
                self._alike.clear()
            ways = [
                Query.const_score_query(self._fuzzy("whole", whole, wrong, False), 1.0 / wrong)
                for wrong in range(1, typos + 1)
            ]
            hits = self._searcher.search(Query.disjunction_max_query(ways), MOST_ALIKE, False).hits
            found = tuple(str(self._searcher.doc(address).get_first("id")) for _, address in hits)
            self._alike[whole, typos] = found
        return found

    def unknown(self, entries: Sequence[Entry], written: set[str]) -> Iterator[Document]:
        """A document for each word of the entries that has none; `written` are those written since the searcher."""
        for entry in entries:
            for name in WORDS:
                for word in getattr(entry, name).split():
                    if len(word) < SHORTEST or word in written or word.isdigit():
                        continue
                    written.add(word)
                    if not self._searcher.doc_freq(SPELLING, word):
                        made = Document()
                        made.add_text(SPELLING, word)
                        yield made

    def _look(self, word: str, typos: int, begun: bool) -> Near:
        # With letters left out a long word is typed as a shorter one: what may be wrong goes by the word that is meant.
        reach = 2 if len(word) >= LONG - 2 else 1
        ways = [Query.const_score_query(self._fuzzy(SPELLING, word, 1, False), _ONE_OFF)]
        if reach > 1:
            ways.append(Query.const_score_query(self._fuzzy(SPELLING, word, 2, False), _TWO_OFF))
        if begun and len(word) >= SHORTEST_BEGINNING:
            ways.append(Query.const_score_query(self._fuzzy(SPELLING, word, typos, True), _BEGUN))
        classes: dict[float, list[str]] = {_ONE_OFF: [], _TWO_OFF: [], _BEGUN: []}
        for points, address in self._searcher.search(Query.disjunction_max_query(ways), MOST, False).hits:
            found = str(self._searcher.doc(address).get_first(SPELLING))
            if found != word and (points != _TWO_OFF or max(len(found), len(word)) >= LONG):
                classes[points].append(found)
        return Near(*(tuple(found) for found in classes.values()))

    def _fuzzy(self, field: str, word: str, typos: int, prefix: bool) -> Query:
        return Query.fuzzy_term_query(
            self._schema, field, word, distance=typos, transposition_cost_one=True, prefix=prefix
        )
