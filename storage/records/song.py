"""Songs: recordings, with who made them; the files they are kept in are records of their own."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(slots=True)
class Credit:
    """One artist's part in a song or album. `join` is what is printed after the name: ` feat. `, ` & `, or nothing."""

    artist_id: str
    name: str
    role: str = "main"
    join: str = ""


@dataclass(slots=True)
class AudioFeatures:
    """Measured or tagged qualities; None where nobody knows yet. Tempo in beats a minute, the others 0 to 1.

    `measured` names those that the analysis set: it may set them again. All others are a tag's or a person's.
    """

    tempo: float | None = None
    key: str | None = None
    energy: float | None = None
    danceability: float | None = None
    valence: float | None = None
    measured: list[str] = field(default_factory=list)


@dataclass(slots=True)
class LyricLine:
    """One sung line and when it starts, in milliseconds from the song's beginning."""

    at_ms: int
    text: str


@dataclass(slots=True)
class Song:
    """One recording. Holds copies of what a list row shows (artist credit, album title, cover), refers to the rest.

    `artist_ids` are those who perform (main, featured, remixer, conductor, performer); `credits` has everybody.
    `match_key` stands for folded artist, title and album, by which an import knows the song again; `name_key` for
    artist and title alone, by which a playlist's file finds it. Neither is unique.
    `edited_fields` are what a person set: an import leaves them, and keeps what the file says of them in `tagged`.
    `lyrics_id` names the lyric sheet, where the lyrics' times say more than `synced_lyrics` can hold.
    `is_withdrawn`: people took it out of sight; `is_hidden` follows from that, its file, its album and its artist.
    """

    id: str
    title: str
    sort_title: str
    slug: str
    artist_id: str
    artist_credit: str
    created_at: datetime
    updated_at: datetime
    old_slugs: list[str] = field(default_factory=list)
    credits: list[Credit] = field(default_factory=list)
    artist_ids: list[str] = field(default_factory=list)
    album_id: str | None = None
    album_title: str | None = None
    cover_id: str | None = None
    duration_ms: int = 0
    track_number: int | None = None
    disc_number: int | None = None
    release_date: str | None = None
    year: int | None = None
    isrc: str | None = None
    musicbrainz_id: str | None = None
    genre_id: str | None = None
    genre_ids: list[str] = field(default_factory=list)
    lyrics: str | None = None
    synced_lyrics: list[LyricLine] = field(default_factory=list)
    lyrics_id: str | None = None
    is_explicit: bool = False
    mood: str | None = None
    language: str | None = None
    copyright: str | None = None
    features: AudioFeatures = field(default_factory=AudioFeatures)
    replaygain_db: float | None = None
    replaygain_peak: float | None = None
    play_count: int = 0
    like_count: int = 0
    file_id: str | None = None
    match_key: str | None = None
    name_key: str | None = None
    is_hidden: bool = False
    is_withdrawn: bool = False
    is_moderated: bool = False
    edited_fields: list[str] = field(default_factory=list)
    tagged: dict[str, Any] = field(default_factory=dict)

    def as_tagged(self, name: str) -> Any:
        """What the file says of a field, whatever a person made of it."""
        return self.tagged.get(name) if name in self.edited_fields else getattr(self, name)
