"""How a question becomes a query of the embedded index: exact before begun before misspelt, title before artist before
album.

Owns the points. Refuses to fold text; words arrive ready.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import tantivy
from tantivy import Occur, Query

from storage.search_index.index import Filter, Question, Word

SHORTEST_BEGINNING = 4

# Points for a word by where and how it stands; a misspelt word in the title stays below an exact one on the album.
_PLACES = (("title", 10.0, 6.5, 2.0), ("artist", 7.0, 4.5, 1.4), ("album", 4.0, 2.6, 0.8))
_WHOLE_POINTS = 8.0
_NEAR_WHOLE_POINTS = 1.5
# A synonym in the title stays above the word itself in the artist's name.
_OTHER_SHARE = 0.8


class Asking:
    """Questions as queries, for one schema."""

    def __init__(self, schema: tantivy.Schema) -> None:
        self._schema = schema

    def query(self, question: Question) -> Query:
        """What fits a question, with its points."""
        parts = [(Occur.Must, _silent(self.term("kind", question.kind)))]
        parts += [(Occur.Must, _silent(self._filter(filter))) for filter in question.filters]
        if question.seen_if:
            ways = [(Occur.Should, self._all(way)) for way in question.seen_if]
            parts.append((Occur.Must, _silent(Query.boolean_query(ways))))
        if question.words:
            parts.append((Occur.Must, self._named(question)))
        else:
            parts.append((Occur.Should, Query.const_score_query(Query.all_query(), 1.0)))
        return Query.boolean_query(parts)

    def _named(self, question: Question) -> Query:
        """All needed words, or the whole name; what has both comes first."""
        words: list[tuple[Any, Query]] = []
        for word in question.words:
            must = Occur.Must if word.needed else Occur.Should
            words.append((must, self._word(word, question.forgiving, question.by_name)))
        fits = Query.boolean_query(words)
        if not question.whole:
            return fits
        needed = sum(word.needed for word in question.words)
        wholes = [(self.term("whole", question.whole), _PLACES[0][1], _WHOLE_POINTS)]
        if question.forgiving and question.whole_typos:
            near = self._near("whole", question.whole, question.whole_typos, False)
            wholes.append((near, _PLACES[0][3], _NEAR_WHOLE_POINTS))
        instead = [Query.const_score_query(whole, points * needed) for whole, points, _ in wholes]
        besides = [Query.const_score_query(whole, points) for whole, _, points in wholes]
        return Query.boolean_query(
            [
                (Occur.Must, Query.disjunction_max_query([fits, *instead])),
                (Occur.Should, Query.disjunction_max_query(besides)),
            ]
        )

    def _all(self, filters: Sequence[Filter]) -> Query:
        if not filters:
            return Query.all_query()
        return Query.boolean_query([(Occur.Must, self._filter(filter)) for filter in filters])

    def _filter(self, filter: Filter) -> Query:
        if filter.operator in ("at_least", "at_most"):
            bound: Any = filter.value
            low, high = (bound, None) if filter.operator == "at_least" else (None, bound)
            return Query.range_query(self._schema, filter.field, tantivy.FieldType.Integer, low, high)
        if filter.operator == "is":
            return self.term(filter.field, filter.value)
        values = list(filter.value) if isinstance(filter.value, tuple) else [filter.value]
        return Query.term_set_query(self._schema, filter.field, values) if values else Query.empty_query()

    def _word(self, word: Word, forgiving: bool, by_name: bool) -> Query:
        ways = [self._way(way, word, forgiving, by_name) for way in word.ways]
        plain = Word(word.others)
        ways += [Query.boost_query(self._way(way, plain, False, by_name), _OTHER_SHARE) for way in word.others]
        return ways[0] if len(ways) == 1 else Query.disjunction_max_query(ways)

    def _way(self, way: Sequence[str], word: Word, forgiving: bool, by_name: bool) -> Query:
        if len(way) == 1:
            return self._token(way[0], word, forgiving, by_name)
        # The parts of one word count as one word together.
        share = 1.0 / len(way)
        parts = [(Occur.Must, Query.boost_query(self._token(part, word, False, by_name), share)) for part in way]
        return Query.boolean_query(parts)

    def _token(self, token: str, word: Word, forgiving: bool, by_name: bool) -> Query:
        ways: list[Query] = []
        for field, exact, started, misspelt in _PLACES[:1] if by_name else _PLACES:
            ways.append(Query.const_score_query(self.term(field, token), exact))
            if word.prefix:
                ways.append(Query.const_score_query(self._near(field, token, 0, True), started))
            if forgiving and word.typos:
                # The fewer letters are wrong and the fewer are left over, the better.
                for typos in range(1, word.typos + 1):
                    ways.append(Query.const_score_query(self._near(field, token, typos, False), misspelt / typos**0.5))
                if len(token) >= SHORTEST_BEGINNING:
                    begun = Query.const_score_query(self._near(field, token, word.typos, True), misspelt / 2)
                    ways.append(begun)
        return Query.disjunction_max_query(ways)

    def _near(self, field: str, token: str, typos: int, prefix: bool) -> Query:
        return Query.fuzzy_term_query(
            self._schema, field, token, distance=typos, transposition_cost_one=True, prefix=prefix
        )

    def term(self, field: str, value: Any) -> Query:
        """What has exactly this value."""
        return Query.term_query(self._schema, field, value, "basic")


def _silent(query: Query) -> Query:
    return Query.const_score_query(query, 0.0)
