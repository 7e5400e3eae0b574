"""Playlists as files that other players read and write: M3U8 and JSPF.

Pure: text in, tracks out, and back. Sources: the HLS-free core of M3U (`#EXTM3U`, `#EXTINF`, `#PLAYLIST`) in UTF-8, and
XSPF version 1 in its JSON form (JSPF), where durations are milliseconds. Refuses to know which song a track means.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath, PureWindowsPath
from typing import Any
from urllib.parse import quote, unquote, urlsplit

import orjson

from services.errors import Invalid, TooLarge

TRACKS_LIMIT = 10_000
CHARACTERS_LIMIT = 5_000_000
TEXT_LIMIT = 500
IDENTIFIER = "urn:tutti:song:"
"""What our own files call a song by, so that they come back to exactly the same one."""

_EXTINF = re.compile(r"#EXTINF:\s{0,20}(-?\d{1,12}(?:\.\d{1,12})?)([^,]{0,2000}),(.*)", re.IGNORECASE)
_LINE_ENDS = re.compile(r"\r\n|\n|\r")


@dataclass(slots=True)
class Track:
    """What a file tells of one song. `song_id` only in files of ours; `location` as written, a path or an address.

    `line` is where it was read: the line of an M3U, the number of the track in JSPF, both from 1.
    """

    title: str = ""
    artist: str = ""
    album: str = ""
    duration_ms: int | None = None
    location: str = ""
    isrc: str | None = None
    song_id: str | None = None
    line: int = field(default=0, compare=False)

    @property
    def file_name(self) -> str:
        """The last part of the location without its ending, for files that tell nothing else."""
        path = unquote(urlsplit(self.location).path) if "://" in self.location else self.location
        name = PureWindowsPath(path).name if "\\" in path else PurePosixPath(path).name
        return _clean(name.rpartition(".")[0] or name)


@dataclass(slots=True)
class Exchange:
    """A playlist as a file holds it."""

    name: str = ""
    description: str = ""
    creator: str = ""
    tracks: list[Track] = field(default_factory=list)


def write_m3u8(exchange: Exchange) -> str:
    """Extended M3U in UTF-8; line breaks inside names become spaces, for a line is a record."""
    lines = ["#EXTM3U", "#EXTENC:UTF-8", f"#PLAYLIST:{_line(exchange.name)}"]
    for track in exchange.tracks:
        seconds = -1 if track.duration_ms is None else round(track.duration_ms / 1000)
        lines.append(f"#EXTINF:{seconds},{_line(track.artist)} - {_line(track.title)}")
        if track.album:
            lines.append(f"#EXTALB:{_line(track.album)}")
        if track.song_id:
            lines.append(f"#TUTTI-SONG:{track.song_id}")
        lines.append(track.location or f"{_file_safe(track.artist)} - {_file_safe(track.title)}")
    return "\n".join(lines) + "\n"


def read_m3u8(text: str) -> Exchange:
    """The playlist in M3U or M3U8 text. Invalid when no line names a track, TooLarge beyond the bounds.

    Unknown `#` lines are passed over, as every player does. An `#EXTINF` without ` - ` is all title.
    """
    _check_size(text)
    read = Exchange()
    track = Track()
    for number, raw in enumerate(_LINE_ENDS.split(text.removeprefix("\ufeff")), 1):
        line = raw.strip()
        if not line:
            continue
        if not line.startswith("#"):
            track.location, track.line = line[:2000], number
            _take(read, track)
            track = Track()
        elif found := _EXTINF.match(line):
            seconds = float(found[1])
            track.duration_ms = round(seconds * 1000) if 0 < seconds < 1_000_000 else None
            artist, between, title = found[3].strip().partition(" - ")
            track.artist, track.title = (artist.strip(), title.strip()) if between else ("", artist.strip())
        elif line.upper().startswith("#PLAYLIST:"):
            read.name = _clean(line[10:])
        elif line.upper().startswith("#EXTALB:"):
            track.album = _clean(line[8:])
        elif line.startswith("#TUTTI-SONG:"):
            track.song_id = line[12:].strip()[:64]
    if not read.tracks:
        raise Invalid("No line of this file names a track.", field="text")
    return read


def write_jspf(exchange: Exchange) -> str:
    """JSPF: one `playlist` object with its `track` list."""
    tracks = []
    for track in exchange.tracks:
        written: dict[str, Any] = {"title": track.title, "creator": track.artist}
        if track.album:
            written["album"] = track.album
        if track.duration_ms is not None:
            written["duration"] = track.duration_ms
        if track.location:
            written["location"] = [track.location]
        identifiers = [IDENTIFIER + track.song_id] if track.song_id else []
        if track.isrc:
            identifiers.append(f"isrc:{quote(track.isrc)}")
        if identifiers:
            written["identifier"] = identifiers
        tracks.append(written)
    playlist = {
        "title": exchange.name,
        "annotation": exchange.description,
        "creator": exchange.creator,
        "track": tracks,
    }
    return orjson.dumps({"playlist": playlist}, option=orjson.OPT_INDENT_2).decode()


def read_jspf(text: str) -> Exchange:
    """The playlist in JSPF text. Invalid names the place that is not as XSPF has it; TooLarge beyond the bounds."""
    _check_size(text)
    try:
        found = orjson.loads(text)
    except (orjson.JSONDecodeError, UnicodeEncodeError) as error:
        raise Invalid("This is no JSON.", field="text") from error
    playlist = found.get("playlist") if isinstance(found, dict) else None
    rows = playlist.get("track") if isinstance(playlist, dict) else None
    if not isinstance(playlist, dict) or not isinstance(rows, list):
        raise Invalid("A JSPF file holds {playlist: {track: [...]}}.", field="text")
    read = Exchange(_text(playlist, "title"), _text(playlist, "annotation"), _text(playlist, "creator"))
    for number, row in enumerate(rows):
        if not isinstance(row, dict):
            raise Invalid("A track is an object.", field=f"text.playlist.track.{number}")
        track = _jspf_track(row)
        track.line = number + 1
        _take(read, track)
    if not read.tracks:
        raise Invalid("This playlist has no tracks.", field="text")
    return read


def _jspf_track(row: dict[str, Any]) -> Track:
    track = Track(_text(row, "title"), _text(row, "creator"), _text(row, "album"))
    duration = row.get("duration")
    if isinstance(duration, int | float) and not isinstance(duration, bool) and math.isfinite(duration):
        track.duration_ms = int(duration) if 0 < duration < 1_000_000_000 else None
    locations = _texts(row.get("location"))
    track.location = locations[0][:2000] if locations else ""
    for identifier in _texts(row.get("identifier")):
        if identifier.startswith(IDENTIFIER):
            track.song_id = identifier.removeprefix(IDENTIFIER)[:64]
        elif identifier.lower().startswith("isrc:"):
            track.isrc = unquote(identifier[5:]).strip().upper()[:20]
    return track


def _take(read: Exchange, track: Track) -> None:
    if len(read.tracks) >= TRACKS_LIMIT:
        raise TooLarge(f"A playlist holds {TRACKS_LIMIT} tracks.", field="text")
    track.title, track.artist = _clean(track.title), _clean(track.artist)
    read.tracks.append(track)


def _check_size(text: str) -> None:
    if len(text) > CHARACTERS_LIMIT:
        raise TooLarge(f"A playlist file may have {CHARACTERS_LIMIT} characters.", field="text")


def _text(row: dict[str, Any], key: str) -> str:
    value = row.get(key)
    return _clean(value) if isinstance(value, str) else ""


def _texts(value: Any) -> Sequence[str]:
    """XSPF allows several; older writers give one bare."""
    if isinstance(value, str):
        return [value]
    return [each for each in value if isinstance(each, str)] if isinstance(value, list) else []


def _clean(text: str) -> str:
    """Without control characters and lone surrogates, which no name of ours may hold."""
    kept = "".join(
        character if character.isprintable() or character == " " else " "
        for character in text[: TEXT_LIMIT * 2]
        if not "\ud800" <= character <= "\udfff"
    )
    return " ".join(kept.split())[:TEXT_LIMIT]


def _line(text: str) -> str:
    return " ".join(text.split())


def _file_safe(text: str) -> str:
    """A name that no player takes for a comment, an address or a folder."""
    return re.sub(r"[/\\:]+", "-", _line(text)).lstrip("#") or "?"
