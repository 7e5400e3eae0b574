"""The golden questions: what is typed, what has to come first, and asking any engine for it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import yaml

from services.search.answering import answer
from services.search.asking import Asked, read_query
from services.search.entries import Kind
from storage.search_index.index import Filter, SearchIndex
from tests.search.golden.shelf import QUICK, Shelf

FOLDER = Path(__file__).parent / "questions"


@dataclass(frozen=True, slots=True)
class GoldenQuestion:
    """`first` are the names that come first, in any order among themselves; none when nothing may be found.

    Without a kind it is a name that is suggested, from among all kinds.
    """

    topic: str
    kind: Kind | None
    ask: str
    first: tuple[str, ...]
    genre: str | None = None

    def found(self, index: SearchIndex, shelf: Shelf) -> tuple[str, ...]:
        """What comes first in this engine: as many names as are expected, at least one."""
        asked = read_query(self.ask)
        assert asked is not None, self.ask
        if self.kind is None:
            return self._suggested(index, shelf, asked)
        filters = () if self.genre is None else (Filter("genre", "is", shelf.genres[self.genre]),)
        hits = answer(index, asked.of(self.kind, filters, ((Filter("shown", "is", "yes"),),))).hits
        return tuple(shelf.names[self.kind, hit.id] for hit in hits.rows[: max(1, len(self.first))])

    def _suggested(self, index: SearchIndex, shelf: Shelf, asked: Asked) -> tuple[str, ...]:
        found: list[tuple[float, str]] = []
        for kind in (Kind.ARTIST, Kind.SONG, Kind.ALBUM):
            hits = answer(index, replace(asked.of(kind, (), ()), by_name=True)).hits
            found += [(hit.score, shelf.names[kind, hit.id]) for hit in hits.rows]
        return tuple(name for _, name in sorted(found, key=lambda row: -row[0])[:1])

    def is_answered(self, found: tuple[str, ...]) -> bool:
        """Whether that is what was expected. A name without ` / artist` may be by anybody."""
        heads = {name.rsplit(" / ", 1)[0] for name in found}
        return len(found) == len(self.first) and all(name in found or name in heads for name in self.first)


def wrong_answers(index: SearchIndex, shelf: Shelf, questions: Iterable[GoldenQuestion]) -> list[str]:
    """What an engine answers otherwise than expected, a line each."""
    found = [(question, question.found(index, shelf)) for question in questions]
    return [
        f"{question.topic}: {question.kind or 'suggested'} {question.ask!r} finds {names} and not {question.first}"
        for question, names in found
        if not question.is_answered(names)
    ]


def golden_questions() -> Iterator[GoldenQuestion]:
    """Every question of every file."""
    for path in sorted(FOLDER.glob("*.yaml")):
        read = yaml.load(path.read_text(encoding="utf-8"), QUICK)
        for kind in (Kind.ARTIST, Kind.ALBUM, Kind.SONG):
            for ask, first in read.get(f"{kind.value}s", {}).items():
                yield GoldenQuestion(path.stem, kind, str(ask), _names(first))
        for ask, first in read.get("suggested", {}).items():
            yield GoldenQuestion(path.stem, None, str(ask), _names(first))
        for row in read.get("filtered", ()):
            yield GoldenQuestion(path.stem, Kind.SONG, row["ask"], _names(row.get("first", row)), row["genre"])


def _names(first: Any) -> tuple[str, ...]:
    if isinstance(first, dict):
        return ()
    return tuple(map(str, first)) if isinstance(first, list) else (str(first),)
