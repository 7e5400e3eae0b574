"""The schema and the records that every contestant serves: 50 songs with artist and album, 17 leaves each.

Stands on nothing but Python, because contestants run it in environments of their own.
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass, fields
from pathlib import Path

SONGS, LEAVES = 50, 850
SDL = """
type Artist { id: ID! name: String! country: String verified: Boolean! monthlyListeners: Int! }
type Album { id: ID! title: String! releaseDate: String totalTracks: Int! label: String }
type Song {
  id: ID! title: String! duration: Int! trackNumber: Int year: Int playCount: Int! isExplicit: Boolean!
  artist: Artist! album: Album!
}
type Query { songs: [Song!]! }
"""
QUERY = """query Songs { songs {
  id title duration trackNumber year playCount isExplicit
  artist { id name country verified monthlyListeners }
  album { id title releaseDate totalTracks label }
} }"""


@dataclass(slots=True)
class Artist:
    """Who made it; names as in the schema, so that every library's own way of reading attributes serves."""

    id: str
    name: str
    country: str | None
    verified: bool
    monthlyListeners: int


@dataclass(slots=True)
class Album:
    """What it is on."""

    id: str
    title: str
    releaseDate: str | None
    totalTracks: int
    label: str | None


@dataclass(slots=True)
class Song:
    """One of the fifty."""

    id: str
    title: str
    duration: int
    trackNumber: int | None
    year: int | None
    playCount: int
    isExplicit: bool
    artist: Artist
    album: Album


def songs() -> list[Song]:
    """The same fifty, always."""
    artists = [
        Artist(f"artist{n}", f"The {n} Ärtists", "DE" if n % 3 else None, n % 2 == 0, 977 * n) for n in range(10)
    ]
    albums = [
        Album(f"album{n}", f"Record “{n}”", f"20{n:02}-05-03", 10 + n, None if n % 4 else "Label") for n in range(10)
    ]
    return [
        Song(f"song{n}", f"Song number {n}", 180 + n, n % 12 + 1, 2000 + n % 25, 31 * n, n % 7 == 0, artists[n % 10],
             albums[n // 5])
        for n in range(SONGS)
    ]  # fmt: skip


def as_json(record: object) -> object:
    """A record as plain values."""
    if isinstance(record, list):
        return [as_json(each) for each in record]
    if isinstance(record, Artist | Album | Song):
        return {field.name: as_json(getattr(record, field.name)) for field in fields(record)}
    return record


def write(place: Path) -> None:
    """The shelf as a file, for those who are not written in Python."""
    place.write_text(json.dumps({"sdl": SDL, "query": QUERY, "songs": as_json(songs())}), encoding="utf-8")


if __name__ == "__main__":
    write(Path(sys.argv[1]))
