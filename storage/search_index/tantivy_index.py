"""The embedded search index: tantivy over one folder.

Owns the files, the writer and what is read from them; popularity is a factor of at most one and a half. Refuses to
know how an entry lies there (`tantivy_schema.py`) and how a question becomes a query (`tantivy_query.py`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import tantivy
from tantivy import Document, Query

from storage.search_index.index import COUNTS_LIMIT, Entry, Hit, Hits, IndexDamaged, Question
from storage.search_index.tantivy_order import cut
from storage.search_index.tantivy_query import Asking
from storage.search_index.tantivy_schema import COUNTED, document, name_of, schema
from storage.search_index.tantivy_spellings import Spellings

HEAP_BYTES = 100_000_000


class TantivyIndex:
    """One index in a folder that exists, or in memory without one."""

    def __init__(self, folder: Path | None = None) -> None:
        self._schema = schema()
        self._asking = Asking(self._schema)
        with _damage():
            self._index = tantivy.Index(self._schema, path=None if folder is None else str(folder))
            # The registration is not kept in the files: an index opened without it finds nothing.
            words = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build()
            self._index.register_tokenizer("words", words)
            self._index.config_reader("manual")
            self._index.reload()
            self._searcher = self._index.searcher()
        self._spellings = Spellings(self._schema, self._searcher)
        self._writer: Any = None
        self._new_words: set[str] = set()

    def search(self, question: Question) -> Hits:
        """What fits, as of the last commit or refresh."""
        searcher, spellings = self._searcher, self._spellings
        with _damage():
            for query, enough in self._asking.queries(question, spellings):
                part = cut(searcher, self._schema, query, question.order, question.limit, question.offset)
                if part.total >= enough:
                    break
            rows = tuple(Hit(_field(searcher.doc(address), "id"), _points(score)) for score, address in part.rows)
            counts = _counts(searcher, query, question.counted) if question.counted else {}
        return Hits(part.total, rows, counts)

    def stamps(self, kind: str, ids: Sequence[str]) -> dict[str, int]:
        """The stamps of those of `ids` that are there."""
        if not ids:
            return {}
        searcher = self._searcher
        with _damage():
            query = Query.term_set_query(self._schema, "entry", [name_of(kind, id) for id in ids])
            documents = [searcher.doc(address) for _, address in searcher.search(query, len(ids)).hits]
        return {_field(document, "id"): int(_field(document, "stamp")) for document in documents}

    def count(self, kind: str) -> int:
        """How many things of a kind there are."""
        with _damage():
            found: Any = self._searcher.search(self._asking.term("kind", kind), 1)
            return int(found.count or 0)

    def ids(self, kind: str) -> Iterator[str]:
        """Every id of a kind."""
        searcher = self._searcher
        with _damage():
            for _, address in searcher.search(self._asking.term("kind", kind), max(1, searcher.num_docs)).hits:
                yield _field(searcher.doc(address), "id")

    def put(self, entries: Sequence[Entry], *, new: bool = False) -> None:
        """Add these, each in place of an earlier one of its id; `new` promises that there is none."""
        with self._writer_lost():
            writer = self._writing()
            for entry in entries:
                if not new:
                    writer.delete_documents_by_term("entry", name_of(entry.kind, entry.id))
                writer.add_document(document(entry))
            for word in self._spellings.unknown(entries, self._new_words):
                writer.add_document(word)

    def remove(self, kind: str, ids: Sequence[str]) -> None:
        """Take these out."""
        with self._writer_lost():
            for id in ids:
                self._writing().delete_documents_by_term("entry", name_of(kind, id))

    def commit(self) -> None:
        """Keep what was put and removed, and show it."""
        with self._writer_lost():
            if self._writer is not None:
                self._writer.commit()
        self.refresh()
        self._new_words.clear()

    def refresh(self) -> None:
        """Show what was committed, here or in another process."""
        with _damage():
            self._index.reload()
            self._searcher = self._index.searcher()
            self._spellings = Spellings(self._schema, self._searcher)

    def close(self) -> None:
        """Let go of the writer and its lock."""
        writer, self._writer = self._writer, None
        if writer is not None:
            with _damage():
                writer.wait_merging_threads()

    @contextmanager
    def _writer_lost(self) -> Iterator[None]:
        """After damage a new writer is begun next time: one that failed, as on a full disk, fails ever after."""
        try:
            with _damage():
                yield
        except IndexDamaged:
            self._writer = None
            self._new_words.clear()
            raise

    def _writing(self) -> Any:
        if self._writer is None:
            self._writer = self._index.writer(heap_size=HEAP_BYTES, num_threads=1)
        return self._writer


def _points(score: Any) -> float:
    return float(score) if isinstance(score, float) else 0.0


def _counts(searcher: Any, query: Query, facets: Sequence[str]) -> dict[str, tuple[tuple[str, int], ...]]:
    wanted = {name: {"terms": {"field": name, "size": COUNTS_LIMIT}} for name in facets if name in COUNTED}
    found = searcher.aggregate(query, wanted) if wanted else {}
    return {
        name: tuple((str(bucket["key"]), int(bucket["doc_count"])) for bucket in _ranked(found[name]["buckets"]))
        for name in wanted
    }


def _ranked(buckets: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(buckets, key=lambda bucket: (-bucket["doc_count"], str(bucket["key"])))


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
