"""What an artist writes about a song they send in: checked, each refusal naming its field.

Owns the bounds of those words. Refuses to know whose song it is and what its file says.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field

from services.audio.tags.meaning import LYRICS_LIMIT
from services.errors import Invalid
from services.typed_text import is_printable

TITLE_LIMIT = 200
MOOD_LIMIT = 50
FEATURED_LIMIT = 20
TRACK_LIMIT = 9_999
DISC_LIMIT = 999
_ISRC = re.compile(r"[A-Z]{2}[A-Z0-9]{3}\d{7}", re.ASCII)
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}", re.ASCII)


@dataclass(frozen=True, slots=True)
class SongDetails:
    """A song's words as its artist gives them; None where the file may speak. `duration` is never believed."""

    title: str
    artist_id: str
    album_id: str | None = None
    duration: int | None = None
    track_number: int | None = None
    disc_number: int | None = None
    genre: str | None = None
    is_explicit: bool | None = None
    lyrics: str | None = None
    featured_artist_ids: Sequence[str] = field(default_factory=tuple)
    mood: str | None = None
    language: str | None = None
    isrc: str | None = None

    def checked(self) -> SongDetails:
        """The same, tidied. Invalid names the field at fault."""
        if self.duration is not None and self.duration < 0:
            raise Invalid("A duration is not negative.", field="duration")
        featured = [id for id in dict.fromkeys(self.featured_artist_ids or ()) if id != self.artist_id]
        if len(featured) > FEATURED_LIMIT:
            raise Invalid(f"At most {FEATURED_LIMIT} artists feature on a song.", field="featuredArtistIds")
        return SongDetails(
            _line(self.title, "title", "A title", TITLE_LIMIT),
            self.artist_id,
            self.album_id,
            self.duration,
            _number(self.track_number, "trackNumber", TRACK_LIMIT),
            _number(self.disc_number, "discNumber", DISC_LIMIT),
            self.genre,
            self.is_explicit,
            _lyrics(self.lyrics),
            featured,
            None if self.mood is None else _line(self.mood, "mood", "A mood", MOOD_LIMIT),
            _language(self.language),
            _isrc(self.isrc),
        )


def _line(text: str, field: str, what: str, limit: int) -> str:
    if len(text) > 4 * limit:
        raise Invalid(f"{what} has at most {limit} characters.", field=field)
    if not is_printable(text):
        raise Invalid(f"{what} cannot hold control characters.", field=field)
    line = " ".join(unicodedata.normalize("NFC", text).split())
    if not 1 <= len(line) <= limit:
        raise Invalid(f"{what} has 1 to {limit} characters.", field=field)
    return line


def _lyrics(text: str | None) -> str | None:
    if text is None:
        return None
    if len(text) > LYRICS_LIMIT:
        raise Invalid(f"Lyrics have at most {LYRICS_LIMIT} characters.", field="lyrics")
    lines = text.replace("\r\n", "\n").replace("\r", "\n").expandtabs(4).split("\n")
    if not all(map(is_printable, lines)):
        raise Invalid("Lyrics cannot hold control characters.", field="lyrics")
    return "\n".join(line.rstrip() for line in lines).strip("\n") or None


def _number(number: int | None, field: str, most: int) -> int | None:
    if number is not None and not 1 <= number <= most:
        raise Invalid(f"{field} must be from 1 to {most}.", field=field)
    return number


def _language(text: str | None) -> str | None:
    if text is None:
        return None
    if not _LANGUAGE.fullmatch(text):
        raise Invalid("A language is given by its ISO 639 code, such as `en` or `pt-BR`.", field="language")
    return text


def _isrc(text: str | None) -> str | None:
    if text is None:
        return None
    bare = text.replace("-", "").upper() if len(text) <= 20 else ""
    if not _ISRC.fullmatch(bare):
        raise Invalid("An ISRC looks like `DE-A12-25-00001`.", field="isrc")
    return bare
