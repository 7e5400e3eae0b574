"""Lyrics out of a text in any notation that is read: named, or told from the text.

Owns the choice between notations. Refuses to know where texts come from.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum

from services.errors import Invalid
from services.lyrics.lrc import looks_like_lrc, parse_lrc
from services.lyrics.model import Lyrics, check_size, several_lines
from services.lyrics.srt import looks_like_srt, parse_srt
from services.lyrics.ttml import looks_like_ttml, parse_ttml


class LyricsFormat(Enum):
    """The notations that lyrics are read from."""

    PLAIN = "plain"
    LRC = "lrc"
    TTML = "ttml"
    SRT = "srt"


def sniff(text: str) -> LyricsFormat:
    """The notation of a text; plain where it has no times."""
    if looks_like_ttml(text):
        return LyricsFormat.TTML
    if looks_like_lrc(text):
        return LyricsFormat.LRC
    return LyricsFormat.SRT if looks_like_srt(text) else LyricsFormat.PLAIN


def read_lyrics(text: str, form: LyricsFormat | None = None, *, field: str | None = None) -> Lyrics:
    """The lyrics in a text. Invalid, naming `field`, when it is not in its notation or exceeds the model's bounds."""
    try:
        check_size(text)
        return _PARSERS[form or sniff(text)](text)
    except Invalid as refusal:
        raise Invalid(refusal.message, field=field) from None


def _parse_plain(text: str) -> Lyrics:
    return Lyrics(plain=several_lines(text.replace("\r\n", "\n").replace("\r", "\n")))


def _parse_stamped(text: str) -> Lyrics:
    lyrics = parse_lrc(text)
    if not lyrics.is_synced:
        raise Invalid("This is no LRC: lines like [00:12.50]words are expected.")
    return lyrics


def _parse_ttml(text: str) -> Lyrics:
    lyrics = parse_ttml(text)
    if not lyrics.lines and not lyrics.plain:
        raise Invalid("This TTML has no lines.")
    return lyrics


_PARSERS: dict[LyricsFormat, Callable[[str], Lyrics]] = {
    LyricsFormat.PLAIN: _parse_plain,
    LyricsFormat.LRC: _parse_stamped,
    LyricsFormat.TTML: _parse_ttml,
    LyricsFormat.SRT: parse_srt,
}
