"""What the house looks out for by itself, from the settings. Owns values alone."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from services.moderation.flags.words import WordList


@dataclass(frozen=True, slots=True)
class FlagRules:
    """A rate is how many an hour; 0 looks at none. New accounts are allowed a quarter. `most_links` in one text."""

    words: WordList = field(default_factory=WordList)
    most_links: int = 3
    new_account: timedelta = timedelta(days=7)
    hourly: dict[str, int] = field(
        default_factory=lambda: {"review": 30, "room_message": 600, "playlist": 60, "follow": 200, "report": 30}
    )
    duplicates: bool = True
