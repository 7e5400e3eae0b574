"""What a look through all files found: each fault in a sentence, and the sum of it.

Owns the words. Refuses to look and to mend.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum

TOLD_LIMIT = 1_000
"""Faults that are told one by one; more of them are counted."""


class Fault(StrEnum):
    """What can be wrong with a file."""

    MISSING = "missing"
    ROT = "rot"
    CHANGED = "changed"
    ORPHAN = "orphan"


MEANING = {
    Fault.MISSING: "recorded, but not there",
    Fault.ROT: "there, but with other bytes than were kept",
    Fault.CHANGED: "changed since it was imported: import its folder again",
    Fault.ORPHAN: "there, but nothing is recorded of it",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault: a file by its key or path, in a few words, and whether it has been dealt with."""

    fault: Fault
    name: str
    detail: str = ""
    is_mended: bool = False


@dataclass(slots=True)
class Findings:
    """Everything found. `looked_at` counts files and pictures, `unproven` those of which no hash is known."""

    looked_at: int = 0
    read_bytes: int = 0
    unproven: int = 0
    too_new: int = 0
    swept: int = 0
    told: list[Finding] = field(default_factory=list)
    counts: Counter[Fault] = field(default_factory=Counter)
    mended: Counter[Fault] = field(default_factory=Counter)

    def add(self, fault: Fault, name: str, detail: str = "", *, is_mended: bool = False) -> None:
        """Note one fault."""
        self.counts[fault] += 1
        self.mended[fault] += is_mended
        if len(self.told) < TOLD_LIMIT:
            self.told.append(Finding(fault, name, detail, is_mended))

    @property
    def are_well(self) -> bool:
        """Whether nothing is wrong that was not mended."""
        return self.counts == self.mended

    def lines(self) -> list[str]:
        """The report, for people."""
        lines = []
        for fault in Fault:
            if not self.counts[fault]:
                continue
            lines.append(f"{fault.upper()} ({self.counts[fault]}): {MEANING[fault]}")
            told = [each for each in self.told if each.fault == fault]
            for each in told:
                detail = f" ({each.detail})" if each.detail else ""
                lines.append(f"  {each.name}{detail}{' - mended' if each.is_mended else ''}")
            if len(told) < self.counts[fault]:
                lines.append(f"  … and {self.counts[fault] - len(told)} more")
        proven = f", {self.read_bytes / 1e6:.0f} MB read" if self.read_bytes else ""
        lines.append(f"{self.looked_at} files looked at{proven}.")
        if self.unproven:
            lines.append(f"{self.unproven} were kept before hashes were: only opened and decoded.")
        if self.too_new:
            lines.append(f"{self.too_new} without a record are younger than a day: perhaps just being written.")
        if self.swept:
            lines.append(f"{self.swept} leftovers of broken writes removed.")
        wrong, mended = self.counts.total(), self.mended.total()
        lines.append(
            "All files are well." if not wrong else f"{wrong} fault{'s' if wrong > 1 else ''}, {mended} mended."
        )
        return lines
