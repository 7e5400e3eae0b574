"""The embedded search index: tantivy over one folder.

Owns the schema and how a question becomes a query: exact before begun before misspelt, title before artist before
album, and popularity as a factor of at most one and a half. Refuses to fold text; words arrive ready.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import tantivy
from tantivy import Document, Occur, Query

from storage.search_index.index import Entry, Filter, Hit, Hits, IndexDamaged, Question, Word

LAYOUT = "1"
"""Raise it when the schema changes: an index of another layout is made again."""

FACETS = ("shown", "explicit", "genre", "mood", "language", "with", "by")
HEAP_BYTES = 30_000_000
SHORTEST_BEGINNING = 4

# Points for a word by where and how it stands; a misspelt word in the title stays below an exact one on the album.
_PLACES = (("title", 10.0, 6.5, 2.0), ("artist", 7.0, 4.5, 1.4), ("album", 4.0, 2.6, 0.8))
_WHOLE_POINTS = 8.0
_NEAR_WHOLE_POINTS = 1.5
_POPULARITY_SHARE = 0.5
# A synonym in the title stays above the word itself in the artist's name.
_OTHER_SHARE = 0.8
# Decides among equals, alike on every day and in every segment; far below one play in a thousand.
_TIE_SHARE = 0.002


class TantivyIndex:
    """One index in a folder that exists, or in memory without one."""

    def __init__(self, folder: Path | None = None) -> None:
        self._schema = _schema()
        with _damage():
            self._index = tantivy.Index(self._schema, path=None if folder is None else str(folder))
            # The registration is not kept in the files: an index opened without it finds nothing.
            words = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build()
            self._index.register_tokenizer("words", words)
            self._index.config_reader("manual")
            self._index.reload()
            self._searcher = self._index.searcher()
        self._writer: Any = None

    def search(self, question: Question) -> Hits:
        """What fits, as of the last commit or refresh."""
        query = self._query(question)
        searcher = self._searcher
        with _damage():
            found: Any = searcher.search(query, question.limit, True, offset=question.offset, weight_by_field="weight")
            rows = tuple(Hit(_field(searcher.doc(address), "id"), float(score)) for score, address in found.hits)
        return Hits(int(found.count or 0), rows)

    def stamps(self, kind: str, ids: Sequence[str]) -> dict[str, int]:
        """The stamps of those of `ids` that are there."""
        if not ids:
            return {}
        searcher = self._searcher
        with _damage():
            query = Query.term_set_query(self._schema, "key", [_key(kind, id) for id in ids])
            documents = [searcher.doc(address) for _, address in searcher.search(query, len(ids)).hits]
        return {_field(document, "id"): int(_field(document, "stamp")) for document in documents}

    def count(self, kind: str) -> int:
        """How many things of a kind there are."""
        with _damage():
            found: Any = self._searcher.search(self._term("kind", kind), 1)
            return int(found.count or 0)

    def ids(self, kind: str) -> Iterator[str]:
        """Every id of a kind."""
        searcher = self._searcher
        with _damage():
            for _, address in searcher.search(self._term("kind", kind), max(1, searcher.num_docs)).hits:
                yield _field(searcher.doc(address), "id")

    def put(self, entries: Sequence[Entry], *, new: bool = False) -> None:
        """Add these, each in place of an earlier one of its id; `new` promises that there is none."""
        with _damage():
            writer = self._writing()
            for entry in entries:
                if not new:
                    writer.delete_documents_by_term("key", _key(entry.kind, entry.id))
                writer.add_document(_document(entry))

    def remove(self, kind: str, ids: Sequence[str]) -> None:
        """Take these out."""
        with _damage():
            for id in ids:
                self._writing().delete_documents_by_term("key", _key(kind, id))

    def commit(self) -> None:
        """Keep what was put and removed, and show it."""
        with _damage():
            if self._writer is not None:
                self._writer.commit()
        self.refresh()

    def refresh(self) -> None:
        """Show what was committed, here or in another process."""
        with _damage():
            self._index.reload()
            self._searcher = self._index.searcher()

    def close(self) -> None:
        """Let go of the writer and its lock."""
        writer, self._writer = self._writer, None
        if writer is not None:
            with _damage():
                writer.wait_merging_threads()

    def _writing(self) -> Any:
        if self._writer is None:
            self._writer = self._index.writer(heap_size=HEAP_BYTES, num_threads=1)
        return self._writer

    def _query(self, question: Question) -> Query:
        parts = [(Occur.Must, _silent(self._term("kind", question.kind)))]
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
        wholes = [(self._term("whole", question.whole), _PLACES[0][1], _WHOLE_POINTS)]
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
            return self._term(filter.field, filter.value)
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
            ways.append(Query.const_score_query(self._term(field, token), exact))
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

    def _term(self, field: str, value: Any) -> Query:
        return Query.term_query(self._schema, field, value, "basic")


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    for name in ("key", "kind", "whole", *FACETS):
        builder.add_text_field(name, tokenizer_name="raw", index_option="basic")
    for name in ("id", "stamp"):
        builder.add_text_field(name, stored=True, tokenizer_name="raw", index_option="basic")
    for name, *_ in _PLACES:
        builder.add_text_field(name, tokenizer_name="words", index_option="basic")
    builder.add_integer_field("year", indexed=True, fast=True)
    builder.add_float_field("weight", fast=True)
    return builder.build()


def _document(entry: Entry) -> Document:
    document = Document()
    document.add_text("key", _key(entry.kind, entry.id))
    for name in ("kind", "id", "whole", "title", "artist", "album"):
        document.add_text(name, getattr(entry, name))
    document.add_text("stamp", str(entry.stamp))
    for facet, values in entry.facets.items():
        for value in values:
            document.add_text(facet, value)
    if entry.year is not None:
        document.add_integer("year", entry.year)
    document.add_float("weight", _weight(entry))
    return document


def _weight(entry: Entry) -> float:
    """What makes tantivy's factor, log2(2 + weight), rise from 1 to 1.5 with popularity."""
    tie = hashlib.blake2b(f"{entry.kind}:{entry.id}".encode(), digest_size=4).digest()
    small = int.from_bytes(tie) / 2**32 * _TIE_SHARE
    factor: float = 2.0 ** (1.0 + _POPULARITY_SHARE * entry.popularity + small)
    return factor - 2.0


def _silent(query: Query) -> Query:
    return Query.const_score_query(query, 0.0)


def _key(kind: str, id: str) -> str:
    return f"{kind}:{id}"


def _field(document: Document, name: str) -> str:
    return str(document.get_first(name))


@contextmanager
def _damage() -> Iterator[None]:
    # tantivy tells a damaged file, a missing one and a busy lock all as ValueError or OSError.
    try:
        yield
    except (ValueError, OSError) as fault:
        raise IndexDamaged(str(fault)) from fault
    except BaseException as fault:
        # A file that contradicts itself makes the library panic, which is no Exception in Python.
        if type(fault).__name__ != "PanicException":
            raise
        raise IndexDamaged(str(fault)) from fault
