"""What a search keeps: the filters people give, read into conditions that every engine understands.

Owns the bounds and how each is spelt. Refuses to know words and who may see what.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields

from services.errors import Invalid
from services.search.folding import fold
from services.search.musical_key import read_key
from services.typed_text import refuse_unprintable
from storage.search_index.index import Filter

TEXT_LIMIT = 100
GENRES_LIMIT = 20
YEAR_LIMIT = 9999
DURATION_LIMIT_S = 7 * 24 * 3600
TEMPO_LIMIT = 1_000.0


@dataclass(frozen=True, slots=True)
class SearchFilters:
    """Which songs a search keeps. A genre is an id, slug or name, and takes in the genres below it; of `genres` one is
    enough. Durations are in seconds, tempos in beats a minute; both ends are kept. `liked` and `in_library` are about
    the viewer."""

    genre: str | None = None
    genres: list[str] | None = None
    year: int | None = None
    year_from: int | None = None
    year_to: int | None = None
    duration_from: int | None = None
    duration_to: int | None = None
    tempo_from: float | None = None
    tempo_to: float | None = None
    key: str | None = None
    is_explicit: bool | None = None
    mood: str | None = None
    language: str | None = None
    artist_id: str | None = None
    album_id: str | None = None
    liked: bool | None = None
    in_library: bool | None = None

    @property
    def is_empty(self) -> bool:
        """Whether everything is kept."""
        own = ("liked", "in_library")
        given = {each.name: getattr(self, each.name) for each in fields(self)}
        return not any(value if name in own else value is not None for name, value in given.items())

    def named_genres(self) -> list[str]:
        """The genres asked for. Invalid for none or over 20, and for texts that cannot name one."""
        if self.genre is not None:
            check_text("genre", self.genre)
        if self.genres is not None and not 1 <= len(self.genres) <= GENRES_LIMIT:
            raise Invalid(f"genres must have 1 to {GENRES_LIMIT} genres.", field="filters.genres")
        for name in self.genres or ():
            check_text("genres", name)
        return list(dict.fromkeys([*([] if self.genre is None else [self.genre]), *(self.genres or ())]))


def read_filters(filters: SearchFilters, genre_ids: Mapping[str, Collection[str]]) -> tuple[Filter, ...]:
    """The conditions on songs; `genre_ids` are those each named genre stands for. Invalid for impossible values."""
    found: list[Filter] = []
    if filters.genre is not None:
        found.append(Filter("genre", "in", tuple(genre_ids[filters.genre])))
    if filters.genres is not None:
        found.append(Filter("genre", "in", tuple({id: None for name in filters.genres for id in genre_ids[name]})))
    found += _years(filters)
    found += _durations(filters)
    found += _tempos(filters)
    if filters.key is not None:
        check_text("key", filters.key)
        key = read_key(filters.key)
        if key is None:
            raise Invalid("key must be a musical key, such as A minor, F#m, Bb or 8A.", field="filters.key")
        found.append(Filter("key", "is", key))
    if filters.is_explicit is not None:
        found.append(Filter("explicit", "is", "yes" if filters.is_explicit else "no"))
    for name, text in (("mood", filters.mood), ("language", filters.language)):
        if text is not None:
            check_text(name, text)
            found.append(Filter(name, "is", fold(text)))
    for field, name, id in (("with", "artistId", filters.artist_id), ("on", "albumId", filters.album_id)):
        if id is not None:
            check_text(name, id)
            found.append(Filter(field, "is", id))
    return tuple(found)


def check_text(name: str, text: str) -> None:
    """Invalid for a filter's text that is blank, over 100 characters or holds control characters."""
    if not text.strip() or len(text) > TEXT_LIMIT:
        raise Invalid(f"{name} must have 1 to {TEXT_LIMIT} characters.", field=f"filters.{name}")
    refuse_unprintable(text, f"filters.{name}", name)


def _years(filters: SearchFilters) -> list[Filter]:
    if filters.year is not None:
        _check("year", filters.year, YEAR_LIMIT)
        return _range("year", filters.year, filters.year)
    _check_ends("year", filters.year_from, filters.year_to, YEAR_LIMIT)
    return _range("year", filters.year_from, filters.year_to)


def _durations(filters: SearchFilters) -> list[Filter]:
    low, high = filters.duration_from, filters.duration_to
    _check_ends("duration", low, high, DURATION_LIMIT_S)
    # A song shows the second that is nearest, so that is the one it is kept by.
    return _range("duration_ms", None if low is None else low * 1000 - 500, None if high is None else high * 1000 + 499)


def _tempos(filters: SearchFilters) -> list[Filter]:
    low, high = filters.tempo_from, filters.tempo_to
    _check_ends("tempo", low, high, TEMPO_LIMIT)
    return _range("tempo_centi", None if low is None else round(low * 100), None if high is None else round(high * 100))


def _range(field: str, low: int | None, high: int | None) -> list[Filter]:
    found = [] if low is None else [Filter(field, "at_least", low)]
    return found if high is None else [*found, Filter(field, "at_most", high)]


def _check_ends(name: str, low: float | None, high: float | None, most: float) -> None:
    _check(f"{name}From", low, most)
    _check(f"{name}To", high, most)
    if low is not None and high is not None and low > high:
        raise Invalid(f"{name}From must not be over {name}To.", field=f"filters.{name}From")


def _check(name: str, value: float | None, most: float) -> None:
    # What is not a number compares as false with every other.
    if value is not None and not 0 <= value <= most:
        raise Invalid(f"{name} must be from 0 to {most:g}.", field=f"filters.{name}")
