"""Timed lyrics in LRC text: lines with one or several stamps, an offset, headers, and word stamps.

Owns the notation alone. Refuses to know files, encodings on disk and songs. LRC has no standard; what is read here is
what its players agree on: the lines and headers of the original player, "enhanced LRC" (`<00:12.00>` before each word,
as A2 Media Player introduced it) and the same in square brackets within a line, as some editors write it. The Wikipedia
article "LRC (file format)" describes the first two.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from services.errors import Invalid
from services.lyrics.model import (
    LINES_LIMIT,
    TIME_LIMIT_MS,
    WORDS_LIMIT,
    Lyrics,
    Piece,
    check_size,
    language_code,
    put_together,
    sung_line,
)
from storage.records.lyric_sheet import SheetLine

OFFSET_LIMIT_MS = 600_000

_TIME = r"\s*(\d{1,3}):(\d{1,2})(?:[.:](\d{1,3}))?\s*"
_STAMP = re.compile(rf"\[{_TIME}\]", re.ASCII)
_WORD_STAMP = re.compile(rf"<{_TIME}>|\[{_TIME}\]", re.ASCII)
_HEADER = re.compile(r"\[\s*([a-zA-Z#][\w ]{0,20}?)\s*:(.*)\]\s*$", re.ASCII)
_SPACES = re.compile(r"[ \t]{2,}")
_LANGUAGE_HEADERS = ("la", "lang", "language")


def looks_like_lrc(text: str) -> bool:
    """Whether any line begins with a stamp."""
    return any(_STAMP.match(line.strip()) for line in text.lstrip("\ufeff").splitlines())


def parse_lrc(text: str) -> Lyrics:
    """The lines of an LRC text by time, equal times in the order written. Invalid only beyond the model's bounds.

    A line with several stamps is sung several times, its words each time. `[offset:+250]` makes everything come 250 ms
    earlier, as players have it. Times never go below zero. `[la:de]` names the language; other headers are not sung.
    Lines without a stamp are part of the plain text only.
    """
    check_size(text)
    offset_ms = 0
    sung = 0
    language: str | None = None
    timed: list[tuple[int, list[Piece]]] = []
    plain: list[str] = []
    for raw in text.replace("\r\n", "\n").replace("\r", "\n").lstrip("\ufeff").split("\n"):
        line = raw.strip()
        stamps, rest = _stamps(line)
        if stamps:
            if len(timed) + len(stamps) > LINES_LIMIT:
                raise Invalid(f"Lyrics can have at most {LINES_LIMIT:,} timed lines.")
            pieces = _pieces(rest)
            sung += len(stamps) * len(pieces)
            if sung > 2 * WORDS_LIMIT + LINES_LIMIT:
                # Before each time it is sung is put together; a word may have a second stamp, for its end.
                raise Invalid(f"Lyrics can have at most {WORDS_LIMIT:,} timed words.")
            plain.append(sung_line(0, [Piece(piece.text) for piece in pieces]).text)
            timed.extend((at_ms, _moved(pieces, at_ms - stamps[0])) for at_ms in stamps)
            continue
        header = _HEADER.match(line)
        if header is None:
            plain.append(_SPACES.sub(" ", _WORD_STAMP.sub("", line)).strip())
        elif (name := header[1].strip().lower()) == "offset":
            offset_ms = _whole_number(header[2])
        elif name in _LANGUAGE_HEADERS:
            language = language or language_code(header[2])
    lines = [sung_line(at_ms - offset_ms, _moved(pieces, -offset_ms)) for at_ms, pieces in timed]
    return put_together(lines, "\n".join(plain), language=language)


def write_lrc(lines: Sequence[SheetLine], headers: Mapping[str, str] | None = None) -> str:
    """LRC text that `parse_lrc` reads back, to the hundredth of a second: headers, then a line each.

    Words are written as enhanced LRC, their ends too. What LRC cannot say is left out: voices, translations, and
    where a line without timed words ends.
    """
    head = [f"[{name}:{_harmless(value)}]" for name, value in (headers or {}).items() if value]
    return "\n".join(head + [f"[{_time(line.at_ms)}]{_sung(line)}" for line in lines])


def _sung(line: SheetLine) -> str:
    if not line.words:
        return _unstamped(line.text)
    words = line.words
    begins = [*(word.at_ms for word in words[1:]), TIME_LIMIT_MS + 1]
    ends = [*(word.end_ms for word in words[:-1]), words[-1].end_ms or line.end_ms]
    written: list[str] = []
    for word, end_ms, next_ms in zip(words, ends, begins, strict=True):
        written.append(f"<{_time(word.at_ms)}>{_unstamped(word.text)}")
        if end_ms is not None and end_ms < next_ms:
            written.append(f"<{_time(end_ms)}>")
    return "".join(written)


def _time(at_ms: int) -> str:
    return f"{at_ms // 60_000:02}:{at_ms // 1000 % 60:02}.{at_ms % 1000 // 10:02}"


def _unstamped(text: str) -> str:
    """Text whose own brackets nobody takes for a stamp."""
    return _WORD_STAMP.sub(lambda found: f"({found[0][1:]}", text)


def _harmless(value: str) -> str:
    return " ".join(value.replace("]", ")").replace("[", "(").split())


def _stamps(line: str) -> tuple[list[int], str]:
    """The times at the head of a line, in milliseconds, and what is sung."""
    found: list[int] = []
    at = 0
    while (stamp := _STAMP.match(line, at)) is not None:
        found.append(_milliseconds(stamp.groups()))
        at = stamp.end()
        while at < len(line) and line[at] in " \t":
            at += 1
    return found, line[at:]


def _pieces(rest: str) -> list[Piece]:
    """What is sung, cut at its word stamps."""
    pieces: list[Piece] = []
    at_ms: int | None = None
    begin = 0
    for stamp in _WORD_STAMP.finditer(rest):
        if at_ms is not None or stamp.start() > begin:
            pieces.append(Piece(rest[begin : stamp.start()], at_ms))
        groups = stamp.groups()
        at_ms = _milliseconds(groups[:3] if groups[0] is not None else groups[3:])
        begin = stamp.end()
    return [*pieces, Piece(rest[begin:], at_ms)]


def _moved(pieces: list[Piece], by_ms: int) -> list[Piece]:
    return [piece if piece.at_ms is None else piece._replace(at_ms=piece.at_ms + by_ms) for piece in pieces]


def _milliseconds(parts: Sequence[str | None]) -> int:
    minutes, seconds, fraction = parts
    return (int(minutes or 0) * 60 + int(seconds or 0)) * 1000 + int((fraction or "0").ljust(3, "0"))


def _whole_number(text: str) -> int:
    try:
        return max(-OFFSET_LIMIT_MS, min(OFFSET_LIMIT_MS, int(text.strip()))) if len(text) < 30 else 0
    except ValueError:
        return 0
