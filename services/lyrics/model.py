"""The one model of lyrics that every notation is read into and written from, and its bounds.

Owns what a line and its words are: spaces, order, ends. Refuses to know notations, songs and files.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import NamedTuple

from services.errors import Invalid
from storage.records import LyricLine
from storage.records.lyric_sheet import SheetAgent, SheetLine, SheetTranslation, SheetWord

TEXT_LIMIT = 1_000_000
"""Characters of a text that is read, whatever its notation."""
LINES_LIMIT = 5_000
LINE_LIMIT = 1_000
WORDS_LIMIT = 20_000
SUNG_LIMIT = 200_000
"""Characters of all lines together: a line with many stamps counts as often as it is sung."""
TRANSLATED_LIMIT = 400_000
LANGUAGES_LIMIT = 20
AGENTS_LIMIT = 100
AGENT_LIMIT = 100
TIME_LIMIT_MS = 1_000 * 60_000 - 1
"""The last moment that LRC can write: 999 minutes and 59.999 seconds."""

_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}", re.ASCII)
_SPACES = re.compile(r"\s+")


class LyricsKind(IntEnum):
    """How precisely lyrics are timed; more is better."""

    PLAIN = 1
    LINES = 2
    WORDS = 3


@dataclass(slots=True)
class Lyrics:
    """Lyrics read from somewhere: timed lines in order, and the whole as plain text, which may hold more."""

    lines: list[SheetLine] = field(default_factory=list)
    plain: str = ""
    language: str | None = None
    agents: list[SheetAgent] = field(default_factory=list)

    @property
    def is_synced(self) -> bool:
        """Whether at least one line has a time."""
        return bool(self.lines)

    @property
    def kind(self) -> LyricsKind:
        """Words when any line has them timed, lines when there are times at all, else plain."""
        if any(line.words for line in self.lines):
            return LyricsKind.WORDS
        return LyricsKind.LINES if self.lines else LyricsKind.PLAIN

    @property
    def worth(self) -> int:
        """0 for nothing at all, else the kind: of several sources the one worth most is taken."""
        return int(self.kind) if self.lines or self.plain else 0

    @property
    def is_rich(self) -> bool:
        """Whether it says more than a song's row can: anything but the beginnings and texts of lines."""
        return bool(self.agents) or any(
            line.words or line.translations or line.end_ms is not None or line.agent or line.is_background
            for line in self.lines
        )

    def line_level(self) -> list[LyricLine]:
        """The lines alone, without those sung in the background, as a song's row holds them."""
        return [LyricLine(line.at_ms, line.text) for line in self.lines if not line.is_background]


class Piece(NamedTuple):
    """A stretch of a line; without a time it belongs to the word before it."""

    text: str
    at_ms: int | None = None
    end_ms: int | None = None


def sung_line(
    at_ms: int,
    pieces: Iterable[Piece],
    *,
    end_ms: int | None = None,
    agent: str | None = None,
    is_background: bool = False,
) -> SheetLine:
    """A line of these pieces, brought into form; Invalid when it is too long.

    Runs of white space are one space, which belongs to the word before it. Times never run back and lie between 0 and
    `TIME_LIMIT_MS`. A timed piece without text ends the word before it. An end that is no later than what it ends is
    dropped; without one, the line ends where its last word does.
    """
    at_ms = bounded(at_ms)
    words: list[SheetWord] = []
    is_timed = False
    length = 0
    for piece in pieces:
        text = _spaced(piece.text)
        length += len(text)
        if length > 2 * LINE_LIMIT:
            # Before more of it is put together: spaces that go may still make it fit, but not so many.
            raise _too_long()
        if text.startswith(" "):
            if words and not words[-1].text.endswith(" "):
                words[-1].text += " "
            text = text[1:]
        if piece.at_ms is None:
            if words:
                words[-1].text += text
            elif text:
                words.append(SheetWord(at_ms, text))
            continue
        begins = max(bounded(piece.at_ms), words[-1].at_ms if words else at_ms)
        if not text:
            if words and words[-1].end_ms is None and begins > words[-1].at_ms:
                words[-1].end_ms = begins
            continue
        is_timed = True
        words.append(SheetWord(begins, text, _after(piece.end_ms, begins)))
    if words:
        words[-1].text = words[-1].text.rstrip(" ")
    text = "".join(word.text for word in words)
    if len(text) > LINE_LIMIT:
        raise _too_long()
    words = [word for word in words if word.text] if is_timed else []
    line = SheetLine(at_ms, text, _after(end_ms, at_ms), agent, is_background, words)
    if words:
        last = words[-1]
        line.end_ms = _after(line.end_ms, last.at_ms) or last.end_ms
    return line


def put_together(
    lines: list[SheetLine],
    plain: str,
    *,
    language: str | None = None,
    agents: Sequence[SheetAgent] = (),
) -> Lyrics:
    """Lyrics of these lines in the order of their times (equal ones as written); Invalid when there is too much."""
    if len(lines) > LINES_LIMIT:
        raise Invalid(f"Lyrics can have at most {LINES_LIMIT:,} timed lines.")
    if sum(len(line.words) for line in lines) > WORDS_LIMIT:
        raise Invalid(f"Lyrics can have at most {WORDS_LIMIT:,} timed words.")
    if sum(len(line.text) for line in lines) > SUNG_LIMIT:
        raise Invalid(f"Timed lines can have at most {SUNG_LIMIT:,} characters together.")
    if sum(len(each.text) for line in lines for each in line.translations) > TRANSLATED_LIMIT:
        raise Invalid(f"Translations can have at most {TRANSLATED_LIMIT:,} characters together.")
    if len(agents) > AGENTS_LIMIT:
        raise Invalid(f"Lyrics can name at most {AGENTS_LIMIT} voices.")
    ordered = sorted(lines, key=lambda line: line.at_ms)
    return Lyrics(ordered, plain.strip("\n"), language, list(agents))


def check_size(text: str) -> None:
    """Invalid when a text is longer than anything that is read."""
    if len(text) > TEXT_LIMIT:
        raise Invalid(f"Lyrics can have at most {TEXT_LIMIT:,} characters.")


def translation(language: str, text: str) -> SheetTranslation | None:
    """A line in another language; None when it says nothing or the language is no code. Invalid when too long."""
    words, code = one_line(text), language_code(language)
    if not words or code is None:
        return None
    if len(words) > LINE_LIMIT:
        raise Invalid(f"A translated line can have at most {LINE_LIMIT:,} characters.")
    return SheetTranslation(code, words)


def language_code(text: str | None) -> str | None:
    """An ISO 639 code as it is written, None for anything else."""
    code = (text or "").strip()[:40].replace("_", "-")
    return code if _LANGUAGE.fullmatch(code) and code.lower() != "und" else None


def one_line(text: str) -> str:
    """Text with single spaces and no control characters."""
    return _spaced(text).strip(" ")


def several_lines(text: str) -> str:
    """Plain lyrics: lines with single spaces, empty ones between them as they were, none at the ends."""
    return "\n".join(one_line(line) for line in text.split("\n")).strip("\n")


def bounded(at_ms: int) -> int:
    """A time between the song's beginning and the last moment there is."""
    return max(0, min(TIME_LIMIT_MS, at_ms))


def _too_long() -> Invalid:
    return Invalid(f"A line of lyrics can have at most {LINE_LIMIT:,} characters.")


def _after(end_ms: int | None, at_ms: int) -> int | None:
    return bounded(end_ms) if end_ms is not None and bounded(end_ms) > at_ms else None


def _spaced(text: str) -> str:
    spaced = _SPACES.sub(" ", text)
    # Half of a surrogate pair cannot be written as UTF-8, and no store would take it.
    return "".join(c for c in spaced if c >= " " and c != "\x7f" and not "\ud800" <= c <= "\udfff" and c != "\ufeff")
