"""Lyric sheets: what timed lyrics say beyond line times (words, ends, voices, translations), kept apart from songs.

A song's row holds its plain and line-timed lyrics, and `lyrics_id` where there is a sheet. A sheet's id is made of its
content, so it never changes once it is written, and songs with the same words share one.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(slots=True)
class SheetWord:
    """One sung word or syllable, in milliseconds from the song's beginning. A space after it is part of `text`."""

    at_ms: int
    text: str
    end_ms: int | None = None


@dataclass(slots=True)
class SheetTranslation:
    """A line in another language (an ISO 639 code, with its region where one is given)."""

    language: str
    text: str


@dataclass(slots=True)
class SheetLine:
    """One sung line. `words` is empty, or its texts joined are `text`. `agent` is the id of who sings."""

    at_ms: int
    text: str
    end_ms: int | None = None
    agent: str | None = None
    is_background: bool = False
    words: list[SheetWord] = field(default_factory=list)
    translations: list[SheetTranslation] = field(default_factory=list)


@dataclass(slots=True)
class SheetAgent:
    """Somebody who sings: `kind` is person, group, character, organization or other."""

    id: str
    name: str | None = None
    kind: str = "person"


@dataclass(slots=True)
class LyricSheet:
    """One set of lyrics with everything that is known of their times. `kept_at` is when they were last taken in."""

    id: str
    kept_at: datetime
    language: str | None = None
    agents: list[SheetAgent] = field(default_factory=list)
    lines: list[SheetLine] = field(default_factory=list)
