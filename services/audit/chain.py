"""How the lines of the audit log hang together, and how a missing or altered one is found. Pure."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import UTC

import orjson

from storage.records.audit_entry import AuditEntry, AuditMark

FAULTS_NAMED = 20


def id_of(number: int) -> str:
    """A line's id: its number in twelve digits, so that ids sort as numbers do."""
    return f"{number:012}"


def hash_of(entry: AuditEntry) -> str:
    """SHA-256 over all of a line but its hash, as canonical JSON."""
    words = [
        entry.number,
        entry.at.astimezone(UTC).isoformat(timespec="milliseconds"),
        entry.actor_id,
        entry.action,
        entry.kind,
        entry.target_id,
        entry.details,
        entry.previous,
    ]
    return hashlib.sha256(orjson.dumps(words, option=orjson.OPT_SORT_KEYS)).hexdigest()


@dataclass(slots=True)
class Proof:
    """What reading the log from its beginning found. `faults` names at most twenty; `fault_count` counts all."""

    lines: int = 0
    head: str = ""
    fault_count: int = 0
    faults: list[str] = field(default_factory=list)

    @property
    def is_whole(self) -> bool:
        """Whether no line is missing or altered."""
        return self.fault_count == 0


class Chain:
    """Takes the lines one by one; `mark` is how far the log was whole before, which finds a cut-off end."""

    def __init__(self, mark: AuditMark | None = None) -> None:
        self.proof = Proof()
        self._mark = mark
        self._next = 1
        self._marked_hash: str | None = None

    def take(self, entry: AuditEntry) -> None:
        """Look at the next line that is there."""
        if entry.number != self._next or entry.id != id_of(entry.number):
            self._fault(f"before line {entry.number}, {max(entry.number - self._next, 1)} are missing")
        elif entry.previous != self.proof.head:
            self._fault(f"line {entry.number} does not follow the one before it")
        if entry.hash != hash_of(entry):
            self._fault(f"line {entry.number} was altered")
        if self._mark is not None and entry.number == self._mark.number:
            self._marked_hash = entry.hash
        self._next = entry.number + 1
        self.proof.lines += 1
        self.proof.head = entry.hash

    def end(self) -> Proof:
        """No more lines: what was found."""
        if self._mark is not None and self._marked_hash is None:
            self._fault(f"line {self._mark.number} is missing, up to which the log was whole")
        elif self._mark is not None and self._marked_hash != self._mark.hash:
            self._fault(f"line {self._mark.number} is not the one that was proven")
        return self.proof

    def _fault(self, words: str) -> None:
        self.proof.fault_count += 1
        if len(self.proof.faults) < FAULTS_NAMED:
            self.proof.faults.append(words)
