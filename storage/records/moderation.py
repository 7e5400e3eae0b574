"""Moderation: what was reported, the cases it is gathered in, and what was decided."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(slots=True)
class Report:
    """One person's report. `id` is the case's and the reporter's with a colon between: one of each for each case."""

    id: str
    case_id: str
    reporter_id: str
    kind: str
    target_id: str
    reason: str
    created_at: datetime
    note: str = ""


@dataclass(slots=True)
class Evidence:
    """What a thing was when it was reported: short texts by name. The thing may have changed since."""

    at: datetime
    facts: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class CaseNote:
    """What a moderator wrote for the others. `by_id` is None for the house's own findings."""

    id: str
    at: datetime
    text: str
    by_id: str | None = None


@dataclass(slots=True)
class ModerationCase:
    """All that was said about one thing until it was decided.

    `target_key` is kind and id; `open_key` is unique: the same while the case takes reports, then the case's id.
    `place_id` is the room of a message. `owner_id` is who answers for the thing, None for the house and guests.
    `state` is open, claimed, resolved or appealed; `queue_key` sorts by severity (3 is the worst), then by age.
    `rev` counts its steps; `decision_ids` are those that hold: one that a case does not name was never made.
    """

    id: str
    kind: str
    target_id: str
    target_key: str
    opened_at: datetime
    updated_at: datetime
    queue_key: str
    origin: str
    open_key: str
    state: str = "open"
    place_id: str | None = None
    owner_id: str | None = None
    name: str = ""
    severity: int = 1
    reasons: list[str] = field(default_factory=list)
    report_count: int = 0
    claimed_by: str | None = None
    claimed_until: datetime | None = None
    resolved_at: datetime | None = None
    resolved_by: str | None = None
    outcome: str | None = None
    appealed_id: str | None = None
    decision_ids: list[str] = field(default_factory=list)
    notes: list[CaseNote] = field(default_factory=list)
    evidence: list[Evidence] = field(default_factory=list)
    rev: int = 0


@dataclass(slots=True)
class ModerationDecision:
    """What was done about a case. `words` are for the owner, who may appeal once.

    `pending_at` is when it was decided, while it is not carried out; `undo` is what restoring needs. `until` ends a
    suspension, `undone_at` is when it was taken back. `appeal_state` is none, open, granted or refused.
    """

    id: str
    case_id: str
    kind: str
    target_id: str
    action: str
    reason: str
    at: datetime
    by_id: str
    name: str = ""
    place_id: str | None = None
    owner_id: str | None = None
    words: str = ""
    until: datetime | None = None
    pending_at: datetime | None = None
    undo: dict[str, Any] = field(default_factory=dict)
    undone_at: datetime | None = None
    undone_by: str | None = None
    appeal_state: str = "none"
    appeal_text: str = ""
    appealed_at: datetime | None = None
    answered_at: datetime | None = None
    answered_by: str | None = None
    answer: str = ""


@dataclass(slots=True)
class ModerationMark:
    """How far one of the house's own looks has come; `id` names it."""

    id: str
    at: datetime
