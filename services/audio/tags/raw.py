"""Tags as every format's reader hands them on: upper-case names with lists of text, lyrics and pictures apart.

The names are those of Vorbis comments, the one scheme that has a word for everything. Refuses to know what they mean.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from services.lyrics.model import Lyrics

TEXT_LIMIT = 200_000
VALUES_LIMIT = 200
NAMES_LIMIT = 2_000


@dataclass(slots=True)
class Picture:
    """One embedded picture. `kind` is ID3's number for it: 3 is the front cover."""

    kind: int
    data: bytes


@dataclass(slots=True)
class RawTags:
    """What one file says of itself. Values keep their order; nothing is split that the file did not split."""

    values: dict[str, list[str]] = field(default_factory=dict)
    synced: Lyrics = field(default_factory=Lyrics)
    pictures: list[Picture] = field(default_factory=list)

    def add(self, name: str, values: Iterable[str]) -> None:
        """Append the values that hold anything; control characters go, at most 200 values of 200,000 characters.

        Of names there are at most 2,000.
        """
        if name.upper() not in self.values and len(self.values) >= NAMES_LIMIT:
            return
        kept = self.values.setdefault(name.upper(), [])
        for value in values:
            clean = value.replace("\r\n", "\n").replace("\r", "\n")
            clean = "".join(c for c in clean if c >= " " or c in "\n\t")
            # Half of a surrogate pair cannot be written as UTF-8, and no store would take it.
            clean = clean.encode("utf-8", "replace").decode()[:TEXT_LIMIT].strip()
            if clean and clean not in kept and len(kept) < VALUES_LIMIT:
                kept.append(clean)

    def first(self, *names: str) -> str | None:
        """The first value of the first name that has one."""
        for name in names:
            if self.values.get(name):
                return self.values[name][0]
        return None

    def all(self, *names: str) -> list[str]:
        """All values of the first name that has any."""
        for name in names:
            if self.values.get(name):
                return self.values[name]
        return []

    def fill(self, other: RawTags) -> None:
        """Take from `other` what is missing here."""
        for name, values in other.values.items():
            if not self.values.get(name):
                self.values[name] = values
        self.synced = self.synced if self.synced.is_synced else other.synced
        self.pictures = self.pictures or other.pictures
