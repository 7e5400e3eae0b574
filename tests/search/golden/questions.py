"""The golden questions: what is typed, what has to come first, and asking any engine for it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from services.search.asking import read_query
from services.search.entries import Kind
from services.search.search import answer
from storage.search_index.index import Filter, SearchIndex
from tests.search.golden.shelf import Shelf

FOLDER = Path(__file__).parent / "questions"


@dataclass(frozen=True, slots=True)
class GoldenQuestion:
    """`first` are the names that come first, in any order among themselves; none when nothing may be found."""

    topic: str
    kind: Kind
    ask: str
    first: tuple[str, ...]
    genre: str | None = None

    def found(self, index: SearchIndex, shelf: Shelf) -> tuple[str, ...]:
        """What comes first in this engine: as many names as are expected, at least one."""
        asked = read_query(self.ask)
        assert asked is not None, self.ask
        filters = () if self.genre is None else (Filter("genre", "is", shelf.genres[self.genre]),)
        hits = answer(index, asked.of(self.kind, filters, ((Filter("shown", "is", "yes"),),)))
        return tuple(shelf.names[self.kind, hit.id] for hit in hits.rows[: max(1, len(self.first))])

    def is_answered(self, found: tuple[str, ...]) -> bool:
        """Whether that is what was expected. A name without ` / artist` may be by anybody."""
        heads = {name.rsplit(" / ", 1)[0] for name in found}
        return len(found) == len(self.first) and all(name in found or name in heads for name in self.first)


def golden_questions() -> Iterator[GoldenQuestion]:
    """Every question of every file."""
    for path in sorted(FOLDER.glob("*.yaml")):
        read = yaml.safe_load(path.read_text(encoding="utf-8"))
        for kind in (Kind.ARTIST, Kind.ALBUM, Kind.SONG):
            for ask, first in read.get(f"{kind.value}s", {}).items():
                yield GoldenQuestion(path.stem, kind, str(ask), _names(first))
        for row in read.get("filtered", ()):
            yield GoldenQuestion(path.stem, Kind.SONG, row["ask"], _names(row.get("first", row)), row["genre"])


def _names(first: Any) -> tuple[str, ...]:
    if isinstance(first, dict):
        return ()
    return tuple(map(str, first)) if isinstance(first, list) else (str(first),)
