"""What a file's tags mean, whichever format they came in.

Owns the reading of values: numbers, dates, gains, flags, lyrics. Refuses to know formats, and splits no artist.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from services.audio.tags.raw import Picture, RawTags
from services.errors import Invalid
from services.lyrics.model import Lyrics
from services.lyrics.reading import LyricsFormat, read_lyrics, sniff
from storage.records import LyricLine

NAME_LIMIT = 500
LYRICS_LIMIT = 100_000
_ROLES = (
    ("COMPOSER", "composer"),
    ("LYRICIST", "lyricist"),
    ("WRITER", "writer"),
    ("CONDUCTOR", "conductor"),
    ("PERFORMER", "performer"),
    ("REMIXER", "remixer"),
    ("MIXARTIST", "remixer"),
    ("PRODUCER", "producer"),
    ("ARRANGER", "arranger"),
    ("ENGINEER", "engineer"),
    ("MIXER", "mixer"),
    ("DJMIXER", "djmixer"),
)
_ALBUM_TYPES = {
    "album": "album",
    "single": "single",
    "ep": "ep",
    "compilation": "compilation",
    "soundtrack": "soundtrack",
    "live": "live",
    "remix": "remix",
    "broadcast": "broadcast",
    "mixtape/street": "mixtape",
    "mixtape": "mixtape",
}
_DATE = re.compile(r"(\d{4})(?:[-./](\d{1,2})(?:[-./](\d{1,2}))?)?(?=\D|$)", re.ASCII)
_TURNED_DATE = re.compile(r"(\d{1,2})[./](\d{1,2})[./](\d{4})$", re.ASCII)
_COMPACT_DATE = re.compile(r"(\d{4})(\d{2})(\d{2})$", re.ASCII)
_NUMBER = re.compile(r"[+-]?\d+(?:[.,]\d+)?", re.ASCII)
_MBID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.ASCII)
_ISRC = re.compile(r"[A-Z]{2}[A-Z0-9]{3}\d{7}", re.ASCII)
_PERFORMER_PART = re.compile(r"^(.*\S)\s*\(([^()]*)\)$")
_R128_TO_REPLAYGAIN_DB = 5.0
"""ReplayGain 2 aims at -18 LUFS, R128 tags at -23 (RFC 7845, section 5.2.1)."""


@dataclass(slots=True)
class Tags:
    """What was read. Dates at the precision given, gains in decibels, tempo in beats a minute; None where silent.

    `artist` is the credit as printed; `artists` holds names only where the file itself keeps them apart.
    """

    title: str | None = None
    title_sort: str | None = None
    artist: str | None = None
    artist_sort: str | None = None
    artists: list[str] = field(default_factory=list)
    artist_ids: list[str] = field(default_factory=list)
    album: str | None = None
    album_sort: str | None = None
    album_artist: str | None = None
    album_artist_sort: str | None = None
    album_artists: list[str] = field(default_factory=list)
    album_artist_ids: list[str] = field(default_factory=list)
    people: list[tuple[str, str]] = field(default_factory=list)
    track_number: int | None = None
    disc_number: int | None = None
    date: str | None = None
    genres: list[str] = field(default_factory=list)
    isrc: str | None = None
    barcode: str | None = None
    label: str | None = None
    copyright: str | None = None
    tempo: float | None = None
    key: str | None = None
    mood: str | None = None
    language: str | None = None
    is_explicit: bool = False
    is_compilation: bool = False
    album_type: str | None = None
    recording_id: str | None = None
    release_id: str | None = None
    track_gain_db: float | None = None
    track_peak: float | None = None
    album_gain_db: float | None = None
    album_peak: float | None = None
    sung: Lyrics = field(default_factory=Lyrics)

    @property
    def lyrics(self) -> str | None:
        """The lyrics as plain text."""
        return self.sung.plain or None

    @property
    def synced_lyrics(self) -> list[LyricLine]:
        """The lyrics' lines with their beginnings."""
        return self.sung.line_level()


def interpret(raw: RawTags) -> Tags:
    """The meaning of what was read. A value that makes no sense counts as absent; nothing raises."""
    tags = Tags(
        title=_name(raw.first("TITLE")),
        title_sort=_name(raw.first("TITLESORT")),
        artist_sort=_name(raw.first("ARTISTSORT")),
        artist_ids=_ids(raw.all("MUSICBRAINZ_ARTISTID")),
        album=_name(raw.first("ALBUM")),
        album_sort=_name(raw.first("ALBUMSORT")),
        album_artist_sort=_name(raw.first("ALBUMARTISTSORT")),
        album_artist_ids=_ids(raw.all("MUSICBRAINZ_ALBUMARTISTID")),
        track_number=_position(raw.first("TRACKNUMBER")),
        disc_number=_position(raw.first("DISCNUMBER")),
        date=_best_date(raw.all("DATE"), raw.all("RELEASEDATE"), raw.all("ORIGINALDATE")),
        genres=split_genres(raw.all("GENRE")),
        isrc=_isrc(raw.all("ISRC")),
        barcode=_barcode(raw.first("BARCODE")),
        label=_name(raw.first("LABEL")),
        copyright=_name(raw.first("COPYRIGHT")),
        tempo=_between(raw.first("BPM"), 20, 400),
        key=_name(raw.first("KEY")),
        mood=_name(raw.first("MOOD")),
        language=_name(raw.first("LANGUAGE")),
        is_explicit=raw.first("ITUNESADVISORY", "EXPLICIT") in ("1", "4"),
        is_compilation=(raw.first("COMPILATION", "ITUNESCOMPILATION") or "0").lower() in ("1", "true", "yes"),
        recording_id=next(iter(_ids(raw.all("MUSICBRAINZ_TRACKID"))), None),
        release_id=next(iter(_ids(raw.all("MUSICBRAINZ_ALBUMID"))), None),
    )
    tags.artist, tags.artists = _credit(raw, "ARTIST", "ARTISTS")
    tags.album_artist, tags.album_artists = _credit(raw, "ALBUMARTIST", "ALBUMARTISTS")
    tags.album_type = _album_type(raw.all("RELEASETYPE"), tags.is_compilation)
    tags.people = _people(raw)
    _gains(raw, tags)
    tags.sung = _words(raw)
    return tags


def _credit(raw: RawTags, one: str, many: str) -> tuple[str | None, list[str]]:
    """The printed credit, and the names where the file keeps them apart (several values, or the plural tag)."""
    printed = [name for value in raw.all(one) if (name := _name(value))]
    apart = [name for value in raw.all(many) if (name := _name(value))]
    if len(printed) > 1:
        return None, apart or printed
    return (printed[0] if printed else None), apart


def split_genres(values: list[str]) -> list[str]:
    """Genres split at `;` (and at NUL, earlier): `/` and `,` stay, for `R&B/Soul` and `Folk, World, & Country`."""
    found: dict[str, str] = {}
    for value in values:
        for piece in value.split(";"):
            name = " ".join(piece.split())[:100]
            if name and name.casefold() not in ("unknown", "other", "none", "genre"):
                found.setdefault(name.casefold(), name)
    return list(found.values())[:20]


def read_date(value: str) -> str | None:
    """`2020`, `2020-03` or `2020-03-14` out of the ways people write it; None for what is no date."""
    text = value.strip()
    turned = _TURNED_DATE.match(text)
    compact = _COMPACT_DATE.match(text)
    if turned:
        parts: tuple[str | None, ...] = (turned[3], turned[2], turned[1])
    elif compact:
        parts = compact.groups()
    else:
        plain = _DATE.match(text)
        if plain is None:
            return None
        parts = plain.groups()
    year, month, day = (int(part) if part else 0 for part in parts)
    if not 1000 <= year <= 2999:
        return None
    if not 1 <= month <= 12:
        return f"{year:04}"
    return f"{year:04}-{month:02}-{day:02}" if 1 <= day <= 31 else f"{year:04}-{month:02}"


def _best_date(*sources: list[str]) -> str | None:
    """The first source with a date; within it the most precise."""
    for source in sources:
        dates = [date for value in source if (date := read_date(value))]
        if dates:
            return max(dates, key=len)
    return None


def _name(value: str | None) -> str | None:
    return " ".join(value.split())[:NAME_LIMIT] or None if value else None


def _position(value: str | None) -> int | None:
    """`3`, `03`, `3/12` as 3; zero and nonsense as nothing. Vinyl sides (`A2`) keep their number."""
    found = re.match(r"\s*[A-Za-z]?0*(\d{1,5})", value, re.ASCII) if value else None
    return int(found[1]) or None if found else None


def _between(value: str | None, lowest: float, highest: float) -> float | None:
    found = _NUMBER.search(value) if value else None
    number = float(found[0].replace(",", ".")) if found else None
    return number if number is not None and lowest <= number <= highest else None


def _ids(values: list[str]) -> list[str]:
    return list(dict.fromkeys(found for value in values for found in _MBID.findall(value.lower())))


def _isrc(values: list[str]) -> str | None:
    for value in values:
        found = _ISRC.search(re.sub(r"[\s-]", "", value).upper())
        if found:
            return found[0]
    return None


def _barcode(value: str | None) -> str | None:
    digits = re.sub(r"\D", "", value or "")
    return digits if 8 <= len(digits) <= 14 and digits.strip("0") else None


def _album_type(values: list[str], is_compilation: bool) -> str | None:
    """The most telling of the types given: MusicBrainz writes `album; compilation` for a compilation."""
    named = [piece.strip().lower() for value in values for piece in re.split(r"[;,+]", value)]
    known = [_ALBUM_TYPES[name] for name in named if name in _ALBUM_TYPES]
    if known:
        return next((kind for kind in known if kind not in ("album",)), "album")
    return "compilation" if is_compilation else None


def _people(raw: RawTags) -> list[tuple[str, str]]:
    """Role and name of everybody else, in a fixed order of roles. `Ann (violin)` performs as Ann."""
    found: dict[tuple[str, str], None] = {}
    for tag, role in _ROLES:
        for value in raw.all(tag):
            part = _PERFORMER_PART.match(value) if role == "performer" else None
            name = _name(part[1] if part else value)
            if name:
                found[(role, name)] = None
    return list(found)[:100]


def _gains(raw: RawTags, tags: Tags) -> None:
    tags.track_gain_db = _between(raw.first("REPLAYGAIN_TRACK_GAIN"), -60, 60)
    tags.album_gain_db = _between(raw.first("REPLAYGAIN_ALBUM_GAIN"), -60, 60)
    tags.track_peak = _between(raw.first("REPLAYGAIN_TRACK_PEAK"), 0, 100)
    tags.album_peak = _between(raw.first("REPLAYGAIN_ALBUM_PEAK"), 0, 100)
    if tags.track_gain_db is None:
        tags.track_gain_db = _r128(raw.first("R128_TRACK_GAIN"))
    if tags.album_gain_db is None:
        tags.album_gain_db = _r128(raw.first("R128_ALBUM_GAIN"))


def _r128(value: str | None) -> float | None:
    """A Q7.8 fixed-point gain against -23 LUFS as a ReplayGain one."""
    number = _between(value, -32768, 32767)
    return None if number is None else round(number / 256 + _R128_TO_REPLAYGAIN_DB, 4)


def _words(raw: RawTags) -> Lyrics:
    """Lyrics: of SYLT, SYNCEDLYRICS and LYRICS (any notation) the most precisely timed, with the plain text tagged."""
    found = [raw.synced]
    plain: str | None = None
    for name in ("SYNCEDLYRICS", "LYRICS"):
        text = raw.first(name)
        if text is None:
            continue
        try:
            lyrics = read_lyrics(text)
        except Invalid:
            # Too much of it, or not what it looks like: markup is nothing to read, anything else still is.
            plain = plain if sniff(text) is LyricsFormat.TTML else text
            continue
        if lyrics.is_synced:
            found.append(lyrics)
        else:
            plain = text
    best = max(found, key=lambda each: each.worth)
    return replace(best, plain=(plain or best.plain)[:LYRICS_LIMIT].strip())


def front_cover(pictures: list[Picture]) -> Picture | None:
    """The front cover, else the first picture that is no file icon."""
    shown = [picture for picture in pictures if picture.data and picture.kind not in (1, 2)]
    return next((picture for picture in shown if picture.kind == 3), shown[0] if shown else None)
