"""What a search keeps: the filters people give, read into conditions that every engine understands.

Owns the bounds and how each is spelt. Refuses to know words and who may see what.
"""

from __future__ import annotations

import math
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
        return all(getattr(self, each.name) is None for each in fields(self))

    def named_genres(self) -> list[str]:
        """The genres asked for. Invalid for over 20, and for texts that cannot name one."""
        named = list(dict.fromkeys([*([] if self.genre is None else [self.genre]), *(self.genres or ())]))
        if len(named) > GENRES_LIMIT:
            raise Invalid(f"Give at most {GENRES_LIMIT} genres.", field="filters.genres")
        for name in named:
            check_text("genre" if name == self.genre else "genres", name)
        return named


def read_filters(filters: SearchFilters, genre_ids: tuple[str, ...] | None) -> tuple[Filter, ...]:
    """The conditions on songs; `genre_ids` are those that the genres stand for. Invalid for impossible values."""
    found: list[Filter] = []
    if genre_ids is not None:
        found.append(Filter("genre", "in", genre_ids))
    found += _years(filters)
    found += _range("duration_ms", "duration", filters.duration_from, filters.duration_to, DURATION_LIMIT_S, 1_000)
    found += _range("tempo_centi", "tempo", filters.tempo_from, filters.tempo_to, TEMPO_LIMIT, 100)
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
    for name, year in (("year", filters.year), ("yearFrom", filters.year_from), ("yearTo", filters.year_to)):
        if year is not None and not 0 <= year <= YEAR_LIMIT:
            raise Invalid(f"{name} must be from 0 to {YEAR_LIMIT}.", field=f"filters.{name}")
    if filters.year is not None:
        return [Filter("year", "at_least", filters.year), Filter("year", "at_most", filters.year)]
    return _range("year", "year", filters.year_from, filters.year_to, YEAR_LIMIT, 1)


def _range(field: str, name: str, low: float | None, high: float | None, limit: float, parts: int) -> list[Filter]:
    """Both ends of a number that the index keeps in `parts` of what people give."""
    for end, value in ((f"{name}From", low), (f"{name}To", high)):
        if value is not None and not (math.isfinite(value) and 0 <= value <= limit):
            raise Invalid(f"{end} must be from 0 to {limit:g}.", field=f"filters.{end}")
    if low is not None and high is not None and low > high:
        raise Invalid(f"{name}From must not be over {name}To.", field=f"filters.{name}From")
    found = [] if low is None else [Filter(field, "at_least", round(low * parts))]
    # A song of 3:20.7 is shown as 3:20, so whoever asks for up to 200 seconds means it too.
    whole = parts - 1 if field == "duration_ms" else 0
    return found if high is None else [*found, Filter(field, "at_most", round(high * parts) + whole)]
