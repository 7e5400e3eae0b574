"""How a question becomes a query of the embedded index: exact before begun before misspelt, title before artist before
album.

Owns the points. Refuses to fold text; words arrive ready.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice, product
from math import prod
from typing import Any

import tantivy
from tantivy import Occur, Query

from storage.search_index.index import Filter, Question, Word
from storage.search_index.points import (
    BEGUN_MISSPELT_SHARE,
    NEAR_WHOLE_POINTS,
    OTHER_SHARE,
    PLACES,
    TWO_OFF_SHARE,
    WHOLE_POINTS,
)
from storage.search_index.tantivy_schema import BEGINNINGS, TIER, TIERS, beginning
from storage.search_index.tantivy_spellings import NOTHING, Near, Spellings

POPULAR = (5, 3)
"""The tiers of popularity from which on the popular are asked for first, one after the other."""
NAMES_LIMIT = 1_000


@dataclass(frozen=True, slots=True)
class Manner:
    """How the words of a question are looked for: what each may stand for, where, and in which tiers of popularity if
    they are begun; `alike` are ids of what has nearly the whole name."""

    meant: Mapping[str, Near]
    by_name: bool
    tiers: tuple[str, ...] = ()
    alike: tuple[str, ...] = ()


class Asking:
    """Questions as queries, for one schema."""

    def __init__(self, schema: tantivy.Schema) -> None:
        self._schema = schema

    def queries(self, question: Question, spellings: Spellings) -> Iterator[tuple[Query, int]]:
        """What fits a question, with its points: each query with how many hits are enough to ask no further one.

        Of the many names that begin with a letter or two only popularity tells which come first, so the popular are
        asked for alone. Of a mistyped question the words that no name has are taken for others first, and only when
        nothing comes of that the words too that are names' words as they stand.
        """
        if _is_beginning(question):
            for least in POPULAR:
                tiers = tuple(str(tier) for tier in range(least, TIERS + 1))
                yield self._query(question, Manner({}, True, tiers)), question.limit
        meant = spellings.meant(question) if question.forgiving else {}
        unknown = {token: near for token, near in meant.items() if not spellings.knows(token)}
        if unknown and len(unknown) < len(meant):
            yield self._query(question, Manner(unknown, question.by_name)), 1
        alike: tuple[str, ...] = ()
        if question.forgiving and not question.uncounted:
            alike = spellings.alike(question.whole, question.whole_typos)
        yield self._query(question, Manner(meant, question.by_name, alike=alike)), 0

    def _query(self, question: Question, manner: Manner) -> Query:
        parts = [(Occur.Must, _silent(self.term("kind", question.kind)))]
        parts += [(Occur.Must, _silent(self._filter(filter))) for filter in question.filters]
        if question.seen_if:
            ways = [(Occur.Should, self._all(way)) for way in question.seen_if]
            parts.append((Occur.Must, _silent(Query.boolean_query(ways))))
        if question.words:
            parts.append((Occur.Must, self._named(question, manner)))
        else:
            parts.append((Occur.Should, Query.const_score_query(Query.all_query(), 1.0)))
        return Query.boolean_query(parts)

    def _named(self, question: Question, manner: Manner) -> Query:
        """All needed words, or the whole name; what has both comes first."""
        words: list[tuple[Any, Query]] = []
        for word in question.words:
            must = Occur.Must if word.needed else Occur.Should
            words.append((must, self._word(word, manner)))
        fits = Query.boolean_query(words)
        if not question.whole:
            return fits
        needed = sum(word.needed for word in question.words)
        wholes = [(self.term("whole", question.whole), PLACES[0][1], WHOLE_POINTS)]
        if manner.alike:
            wholes.append((self._in("id", manner.alike), PLACES[0][3], NEAR_WHOLE_POINTS))
        if meant := _whole_names(question, manner.meant):
            wholes.append((self._in("whole", meant), PLACES[0][3], NEAR_WHOLE_POINTS * needed))
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
        values = filter.value if isinstance(filter.value, tuple) else [str(filter.value)]
        return self._in(filter.field, values) if values else Query.empty_query()

    def _word(self, word: Word, manner: Manner) -> Query:
        ways = [self._way(way, word, manner) for way in word.ways]
        plain, strictly = Word(word.others), Manner({}, manner.by_name)
        ways += [Query.boost_query(self._way(way, plain, strictly), OTHER_SHARE) for way in word.others]
        return ways[0] if len(ways) == 1 else Query.disjunction_max_query(ways)

    def _way(self, way: Sequence[str], word: Word, manner: Manner) -> Query:
        if len(way) == 1:
            return self._token(way[0], word, manner)
        # The parts of one word count as one word together.
        share = 1.0 / len(way)
        parts = [
            (Occur.Must, Query.boost_query(self._token(part, word, Manner({}, manner.by_name)), share)) for part in way
        ]
        return Query.boolean_query(parts)

    def _token(self, token: str, word: Word, manner: Manner) -> Query:
        near = manner.meant.get(token, NOTHING)
        ways: list[Query] = []
        for field, exact, started, misspelt in PLACES[:1] if manner.by_name else PLACES:
            ways.append(Query.const_score_query(self.term(field, token), exact))
            if word.prefix:
                ways.append(Query.const_score_query(self._begun(field, token, manner.tiers), started))
            # The fewer letters are wrong and the fewer are left over, the better.
            for words, share in (
                (near.one_off, 1.0),
                (near.two_off, TWO_OFF_SHARE),
                (near.begun, BEGUN_MISSPELT_SHARE),
            ):
                if words:
                    ways.append(Query.const_score_query(self._in(field, words), misspelt * share))
        return Query.disjunction_max_query(ways)

    def _begun(self, field: str, token: str, tiers: tuple[str, ...]) -> Query:
        if len(token) > BEGINNINGS:
            return Query.fuzzy_term_query(self._schema, field, token, distance=0, prefix=True)
        begun = self.term(beginning(field), token)
        if not tiers:
            return begun
        return Query.boolean_query([(Occur.Must, begun), (Occur.Must, self._in(TIER, tiers))])

    def _in(self, field: str, values: Sequence[str]) -> Query:
        return Query.term_set_query(self._schema, field, values)

    def term(self, field: str, value: Any) -> Query:
        """What has exactly this value."""
        return Query.term_query(self._schema, field, value, "basic")


def _is_beginning(question: Question) -> bool:
    """Whether only the best names are asked for that begin with a letter or two."""
    if (
        not question.by_name
        or not question.uncounted
        or question.order is not None
        or question.counted
        or len(question.words) != 1
    ):
        return False
    word = question.words[0]
    return word.prefix and all(len(way) == 1 and len(way[0]) <= BEGINNINGS for way in word.ways)


def _whole_names(question: Question, meant: Mapping[str, Near]) -> list[str]:
    """The whole names that may be meant, of words that are: all combinations if they are few, else one word changed."""
    typed = [word.ways[0][0] for word in question.words]
    if not meant or "".join(typed) != question.whole:
        return []
    near = [meant.get(word, NOTHING) for word in typed]
    words = [(word, *found.one_off, *found.two_off) for word, found in zip(typed, near, strict=True)]
    if prod(len(each) for each in words) <= NAMES_LIMIT:
        return ["".join(each) for each in product(*words)][1:]
    changed = ([*typed[:at], word, *typed[at + 1 :]] for at, each in enumerate(words) for word in each[1:])
    return ["".join(each) for each in islice(changed, NAMES_LIMIT)]


def _silent(query: Query) -> Query:
    return Query.const_score_query(query, 0.0)
