"""What a search gives back: pages that remember what was asked, and the best of each kind.

Owns what is worked out only for who wants it: the words a name was found by, and the question as it was perhaps meant.
Refuses to ask the index.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from services.errors import Invalid
from services.paging import Page, Slice, write_cursor
from services.search.asking import Asked
from services.search.matches.did_you_mean import did_you_mean
from services.search.matches.highlights import Fragment, highlight
from storage.records import Album, Artist, Playlist, Song, User
from storage.search_index.index import Question

Item = TypeVar("Item")

LAST_PLACE = 20_000
_NAMES = ("title", "name", "artist_credit", "album_title")
_SHOWN_AS = {"title": "title", "name": "name", "artist_credit": "artist", "album_title": "album"}


@dataclass(frozen=True, slots=True)
class Highlight:
    """One name of a found thing, in fragments that together are the name."""

    field: str
    fragments: list[Fragment]


@dataclass(slots=True)
class SearchPage(Page[Item], Generic[Item]):
    """A page of what was found. `in_vain`: this is the first page, and nothing on it fits exactly."""

    asked: Asked = field(kw_only=True)
    question: Question = field(kw_only=True)
    in_vain: bool = False
    is_degraded: bool = False

    def did_you_mean(self) -> str | None:
        """The question as it was perhaps meant, None when it was asked well."""
        return did_you_mean(self.asked.text, [names_of(item) for item in self.items]) if self.in_vain else None


@dataclass(slots=True)
class Suggestions:
    """What somebody may be about to type. `is_degraded`: the store said it in the index's place, as in all results."""

    suggestions: list[str]
    is_degraded: bool = False


@dataclass(slots=True)
class Found:
    """What a search through everything found, each kind the best first. `best` are names of the best of all kinds,
    the best first, when nothing fitted exactly; empty else."""

    asked: Asked
    artists: list[Artist] = field(default_factory=list)
    albums: list[Album] = field(default_factory=list)
    songs: list[Song] = field(default_factory=list)
    playlists: list[Playlist] = field(default_factory=list)
    users: list[User] = field(default_factory=list)
    best: list[list[str]] = field(default_factory=list)
    is_degraded: bool = False

    def did_you_mean(self) -> str | None:
        """The question as it was perhaps meant, None when it was asked well."""
        return did_you_mean(self.asked.text, self.best)


def names_of(item: Any) -> list[str]:
    """The names a thing is found by: its own first."""
    return [name for name in (getattr(item, field, None) for field in _NAMES) if name]


def highlights(asked: Asked, items: Sequence[Any]) -> list[list[Highlight]]:
    """For each thing, what of its names answers the question; nothing when no word was asked for. CPU work: for a
    whole page call it from a worker."""
    return [_highlights(asked, item) if asked.words else [] for item in items]


def _highlights(asked: Asked, item: Any) -> list[Highlight]:
    fields = [field for field in _NAMES if getattr(item, field, None)]
    found = highlight(asked.words, [getattr(item, field) for field in fields])
    return [Highlight(_SHOWN_AS[field], fragments) for field, fragments in zip(fields, found, strict=True)]


def write_place(place: int, id: str, sort: str) -> str:
    """The cursor of a row: how many rows there are up to it, which it is, and in which order."""
    return write_cursor([place, id, sort])


def read_place(part: Slice, sort: str) -> tuple[int, str | None]:
    """How many rows lie before a part, and the id of the last of them where a cursor told it. Invalid for a cursor of
    another list or another order."""
    if part.cursor is None:
        return part.offset, None
    place, id, order = part.cursor if len(part.cursor) == 3 else (None, None, None)
    if not isinstance(place, int) or isinstance(place, bool) or not isinstance(id, str) or order != sort:
        raise Invalid("This cursor belongs to another list or another order.", field="after")
    if not 0 < place <= LAST_PLACE:
        raise Invalid(f"A search can be read up to its row {LAST_PLACE:,}: narrow it down.", field="after")
    return place, id
