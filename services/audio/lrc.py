"""Timed lyrics in LRC text: lines with one or several stamps, an offset, word stamps stripped.

Owns the notation alone. Refuses to know files, encodings on disk and songs.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from storage.records import LyricLine

LINES_LIMIT = 5_000
TEXT_LIMIT = 1_000

_STAMP = re.compile(r"\[\s*(\d{1,3}):(\d{1,2})(?:[.:](\d{1,3}))?\s*\]", re.ASCII)
_WORD_STAMP = re.compile(r"<\s*\d{1,3}:\d{1,2}(?:[.:]\d{1,3})?\s*>", re.ASCII)
_HEADER = re.compile(r"\[\s*([a-zA-Z#][\w ]{0,20}?)\s*:(.*)\]\s*$", re.ASCII)
_SPACES = re.compile(r"[ \t]{2,}")


@dataclass(frozen=True, slots=True)
class Lrc:
    """What an LRC text holds: timed lines in order, and the untimed ones as plain text."""

    lines: tuple[LyricLine, ...]
    plain: str

    @property
    def is_synced(self) -> bool:
        """Whether at least one line has a time."""
        return bool(self.lines)


def parse_lrc(text: str) -> Lrc:
    """The lines of an LRC text by time, equal times in the order written; at most 5,000 lines of 1,000 characters.

    A line with several stamps is sung several times. `[offset:+250]` makes every line come 250 ms earlier, as players
    have it. Times never go below zero. Word stamps (`<00:12.00>`) are dropped. Never raises.
    """
    offset_ms = 0
    timed: list[LyricLine] = []
    plain: list[str] = []
    for raw in text.replace("\r\n", "\n").replace("\r", "\n").lstrip("\ufeff").split("\n"):
        line = raw.strip()
        stamps, rest = _stamps(line)
        if stamps:
            words = _clean(rest)
            plain.append(words)
            timed.extend(LyricLine(at_ms, words) for at_ms in stamps[: LINES_LIMIT - len(timed)])
            continue
        header = _HEADER.match(line)
        if header is None:
            plain.append(_clean(line))
        elif header[1].strip().lower() == "offset":
            offset_ms = _whole_number(header[2])
    moved = [LyricLine(max(0, line.at_ms - offset_ms), line.text) for line in timed]
    moved.sort(key=lambda line: line.at_ms)
    return Lrc(tuple(moved), "\n".join(plain).strip("\n"))


def write_lrc(lines: list[LyricLine]) -> str:
    """LRC text that `parse_lrc` reads back, to the hundredth of a second below 1,000 minutes."""
    return "\n".join(
        f"[{line.at_ms // 60_000:02}:{line.at_ms // 1000 % 60:02}.{line.at_ms % 1000 // 10:02}]{line.text}"
        for line in lines
    )


def _stamps(line: str) -> tuple[list[int], str]:
    """The times at the head of a line, in milliseconds, and what is sung."""
    found: list[int] = []
    at = 0
    while (stamp := _STAMP.match(line, at)) is not None:
        minutes, seconds, fraction = stamp.groups()
        found.append((int(minutes) * 60 + int(seconds)) * 1000 + int((fraction or "0").ljust(3, "0")))
        at = stamp.end()
        while at < len(line) and line[at] in " \t":
            at += 1
    return found, line[at:]


def _clean(words: str) -> str:
    return _SPACES.sub(" ", _WORD_STAMP.sub("", words)).strip()[:TEXT_LIMIT]


def _whole_number(text: str) -> int:
    try:
        return max(-600_000, min(600_000, int(text.strip())))
    except ValueError:
        return 0
