"""Timed syllables as an ID3v2 SYLT frame holds them, put together to lines.

Owns that notation's line ends: ID3v2.4 (native frames, 4.9) has a syllable that begins a line start with a newline.
Refuses to read tags.
"""

from __future__ import annotations

from collections.abc import Iterable

from services.lyrics.model import (
    LINE_LIMIT,
    LINES_LIMIT,
    SUNG_LIMIT,
    WORDS_LIMIT,
    Lyrics,
    Piece,
    put_together,
    sung_line,
)
from storage.records.lyric_sheet import SheetLine


def lyrics_of_syllables(syllables: Iterable[tuple[str, int]]) -> Lyrics:
    """Lyrics of (text, milliseconds) pairs; what lies beyond the bounds is cut off.

    Where some syllables begin lines and others do not, they are timed words; where all or none do, each is a line.
    """
    ordered = sorted(syllables, key=lambda pair: pair[1])[:WORDS_LIMIT]
    ordered = [(text.replace("\r\n", "\n").replace("\r", "\n"), at_ms) for text, at_ms in ordered]
    begins = [text.startswith("\n") for text, _ in ordered[1:]]
    is_by_word = any(begins) and not all(begins)
    groups: list[list[tuple[str, int]]] = []
    for text, at_ms in ordered:
        if not groups or not is_by_word or text.startswith("\n"):
            groups.append([])
        groups[-1].append((text, at_ms))
    lines: list[SheetLine] = []
    room = SUNG_LIMIT
    for group in groups[:LINES_LIMIT]:
        lines.append(_line(group, min(LINE_LIMIT, room), is_by_word=is_by_word))
        room -= len(lines[-1].text)
    return put_together(lines, "\n".join(line.text for line in lines))


def _line(group: list[tuple[str, int]], room: int, *, is_by_word: bool) -> SheetLine:
    pieces: list[Piece] = []
    for text, at_ms in group:
        pieces.append(Piece(text[:room], at_ms if is_by_word else None))
        room = max(0, room - len(text))
    return sung_line(group[0][1], pieces)
