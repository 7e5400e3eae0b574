"""Timed lyrics in SubRip text (SRT), as video editors write it: cues of a number, two times and lines of words.

Owns the notation alone, which has no standard; what is read is what SubRip wrote, with the marks that players strip.
Refuses to know files and songs.
"""

from __future__ import annotations

import re

from services.errors import Invalid
from services.lyrics.model import LINES_LIMIT, Lyrics, Piece, check_size, put_together, sung_line
from storage.records.lyric_sheet import SheetLine

_TIME = r"(\d{1,3}):(\d{1,2}):(\d{1,2})[,.](\d{1,3})"
_TIMES = re.compile(rf"\s*{_TIME}\s*-->\s*{_TIME}(?:\s.*)?", re.ASCII)
_MARK = re.compile(r"</?[a-zA-Z][^<>]{0,200}>|\{\\[^{}]{0,200}\}", re.ASCII)


def looks_like_srt(text: str) -> bool:
    """Whether any line holds two times as a cue has them."""
    return any("-->" in line and _TIMES.fullmatch(line.strip()) for line in text.splitlines())


def parse_srt(text: str) -> Lyrics:
    """One line for each cue, ends included; its lines are joined. Invalid without any, or beyond the bounds."""
    check_size(text)
    rows = text.replace("\r\n", "\n").replace("\r", "\n").lstrip("\ufeff").split("\n")
    lines: list[SheetLine] = []
    at = 0
    while at < len(rows):
        times = _TIMES.fullmatch(rows[at])
        at += 1
        if times is None:
            continue
        if len(lines) >= LINES_LIMIT:
            raise Invalid(f"Lyrics can have at most {LINES_LIMIT:,} timed lines.")
        first = at
        while at < len(rows) and rows[at].strip() and not _begins(rows, at):
            at += 1
        words = _MARK.sub("", "\n".join(rows[first:at]))
        lines.append(
            sung_line(_milliseconds(times.groups()[:4]), [Piece(words)], end_ms=_milliseconds(times.groups()[4:]))
        )
    if not lines:
        raise Invalid("This is no SRT: cues like 00:00:01,000 --> 00:00:02,500 are expected.")
    return put_together(lines, "\n".join(line.text for line in lines))


def _begins(rows: list[str], at: int) -> bool:
    """Whether a cue begins here, for files that forgot the empty line between two."""
    if _TIMES.fullmatch(rows[at]):
        return True
    return rows[at].strip().isdigit() and at + 1 < len(rows) and _TIMES.fullmatch(rows[at + 1]) is not None


def _milliseconds(parts: tuple[str, ...]) -> int:
    hours, minutes, seconds, fraction = parts
    return (int(hours) * 3600 + int(minutes) * 60 + int(seconds)) * 1000 + int(fraction.ljust(3, "0"))
