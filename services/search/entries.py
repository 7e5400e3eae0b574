"""What a song, artist, album, playlist and user is in the search index.

Owns which fields are read, which words name a thing, and the facets that decide who finds it. Refuses to know when
things are indexed. Raise VERSION when an entry changes.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from services.clock import to_epoch_ms
from services.search.folding import fold, index_words, whole
from services.search.musical_key import read_key
from storage.search_index.index import Entry

VERSION = "3"
POPULARITY_STEPS = 64
# Seven digits of plays are as popular as can be; each digit is a seventh of the way.
_MOST_DIGITS = 7.0

Document = Mapping[str, Any]


class Kind(StrEnum):
    """What can be found."""

    ARTIST = "artist"
    ALBUM = "album"
    SONG = "song"
    PLAYLIST = "playlist"
    USER = "user"


@dataclass(frozen=True, slots=True)
class Shape:
    """How one kind is read from its collection: the fields of an entry, and the counter that is its popularity."""

    collection: str
    fields: tuple[str, ...]
    counter: str
    entry: Callable[[Document], Entry]


def popularity(count: int) -> float:
    """0 to 1 by the digits of a count, in 64 steps, so that one more play changes nothing."""
    share = min(1.0, math.log10(1 + max(0, count)) / _MOST_DIGITS)
    return int(share * (POPULARITY_STEPS - 1)) / (POPULARITY_STEPS - 1)


def stamp_of(shape: Shape, document: Document) -> int:
    """One number for this state of a thing: when it changed, and how popular it is in steps."""
    changed: datetime = document["updated_at"]
    step = round(popularity(document.get(shape.counter, 0)) * (POPULARITY_STEPS - 1))
    return to_epoch_ms(changed) * POPULARITY_STEPS + step


def _song(document: Document) -> Entry:
    names = [credit["name"] for credit in document.get("credits", ()) if credit.get("role") in (None, *_HEARD)]
    mood, language = document.get("mood"), document.get("language")
    features = document.get("features") or {}
    key, tempo = read_key(features.get("key") or ""), features.get("tempo")
    return Entry(
        kind=Kind.SONG,
        id=document["_id"],
        stamp=stamp_of(SHAPES[Kind.SONG], document),
        title=index_words(document.get("title"), document.get("sort_title")),
        whole=whole(document.get("title") or ""),
        name=fold(document.get("sort_title") or document.get("title") or ""),
        artist=index_words(document.get("artist_credit"), *names),
        album=index_words(document.get("album_title")),
        facets={
            **_seen(not document.get("is_hidden", False), document.get("is_explicit", False)),
            "genre": document.get("genre_ids", ()),
            "with": document.get("artist_ids", ()),
            "by": (document["artist_id"],),
            "on": (document["album_id"],) if document.get("album_id") else (),
            "mood": (fold(mood),) if mood else (),
            "language": (fold(language),) if language else (),
            "key": (key,) if key else (),
            "decade": _decade(document.get("year")),
        },
        numbers=_numbers(
            year=document.get("year"),
            duration_ms=document.get("duration_ms") or None,
            tempo_centi=round(tempo * 100) if tempo else None,
            added_ms=to_epoch_ms(document["created_at"]),
        ),
        popularity=popularity(document.get("play_count", 0)),
    )


_HEARD = ("main", "featured", "remixer", "conductor", "performer")


def _album(document: Document) -> Entry:
    released = document.get("release_date") or ""
    return Entry(
        kind=Kind.ALBUM,
        id=document["_id"],
        stamp=stamp_of(SHAPES[Kind.ALBUM], document),
        title=index_words(document.get("title"), document.get("sort_title")),
        whole=whole(document.get("title") or ""),
        name=fold(document.get("sort_title") or document.get("title") or ""),
        artist=index_words(document.get("artist_credit"), *(credit["name"] for credit in document.get("credits", ()))),
        facets={
            **_seen(not document.get("is_hidden", False)),
            "genre": document.get("genre_ids", ()),
            "by": (document["artist_id"],),
        },
        numbers=_numbers(
            year=int(released[:4]) if released[:4].isdecimal() else None,
            added_ms=to_epoch_ms(document["created_at"]),
        ),
        popularity=popularity(document.get("play_count", 0)),
    )


def _artist(document: Document) -> Entry:
    return Entry(
        kind=Kind.ARTIST,
        id=document["_id"],
        stamp=stamp_of(SHAPES[Kind.ARTIST], document),
        title=index_words(document.get("name"), document.get("sort_name")),
        whole=whole(document.get("name") or ""),
        name=fold(document.get("sort_name") or document.get("name") or ""),
        facets={
            **_seen(not document.get("is_hidden", False)),
            "genre": document.get("genre_ids", ()),
            "by": (document["_id"],),
        },
        popularity=popularity(document.get("monthly_listeners", 0)),
    )


def _playlist(document: Document) -> Entry:
    shown = document.get("is_public", True) and not document.get("is_hidden", False)
    return Entry(
        kind=Kind.PLAYLIST,
        id=document["_id"],
        stamp=stamp_of(SHAPES[Kind.PLAYLIST], document),
        title=index_words(document.get("name")),
        whole=whole(document.get("name") or ""),
        facets={**_seen(shown), "by": (document["user_id"], *document.get("collaborator_ids", ()))},
        popularity=popularity(document.get("follower_count", 0)),
    )


def _user(document: Document) -> Entry:
    return Entry(
        kind=Kind.USER,
        id=document["_id"],
        stamp=stamp_of(SHAPES[Kind.USER], document),
        title=index_words(document.get("username")),
        whole=whole(document.get("username") or ""),
        facets=_seen(not document.get("is_suspended", False)),
        popularity=popularity(document.get("follower_count", 0)),
    )


def _numbers(**numbers: int | None) -> dict[str, int]:
    return {name: number for name, number in numbers.items() if number is not None}


def _decade(year: int | None) -> tuple[str, ...]:
    return () if year is None else (f"{year // 10 * 10}",)


def _seen(shown: bool, explicit: bool = False) -> dict[str, tuple[str, ...]]:
    return {"shown": ("yes" if shown else "no",), "explicit": ("yes" if explicit else "no",)}


SHAPES: dict[Kind, Shape] = {
    Kind.ARTIST: Shape(
        "artists",
        ("name", "sort_name", "updated_at", "is_hidden", "genre_ids", "monthly_listeners"),
        "monthly_listeners",
        _artist,
    ),
    Kind.ALBUM: Shape(
        "albums",
        (
            "title", "sort_title", "artist_id", "artist_credit", "credits", "updated_at", "is_hidden", "genre_ids",
            "release_date", "play_count", "created_at",
        ),
        "play_count",
        _album,
    ),
    Kind.SONG: Shape(
        "songs",
        (
            "title", "sort_title", "artist_id", "artist_credit", "artist_ids", "credits", "album_title", "updated_at",
            "is_hidden", "is_explicit", "genre_ids", "mood", "language", "year", "play_count", "album_id",
            "duration_ms", "features", "created_at",
        ),
        "play_count",
        _song,
    ),
    Kind.PLAYLIST: Shape(
        "playlists",
        ("name", "user_id", "collaborator_ids", "is_public", "is_hidden", "updated_at", "follower_count"),
        "follower_count",
        _playlist,
    ),
    Kind.USER: Shape(
        "users", ("username", "is_suspended", "updated_at", "follower_count"), "follower_count", _user
    ),
}  # fmt: skip


def entries_of(kind: Kind, documents: Sequence[Document]) -> list[Entry]:
    """The entries of some documents. CPU work: call it from a worker."""
    return [SHAPES[kind].entry(document) for document in documents]
