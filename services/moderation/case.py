"""The steps of a case: open, claimed, resolved, appealed. Pure: the same case, step and moment give the same case.

Owns which step may follow which, and who may take it. Refuses to know stores, and what a decision does.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from services.errors import Conflict
from services.moderation.policy import (
    CLAIM,
    EVIDENCE_LIMIT,
    NOTES_LIMIT,
    CaseState,
    Origin,
    Outcome,
)
from storage.records.moderation import CaseNote, Evidence, ModerationCase

TAKES_REPORTS = frozenset({CaseState.OPEN, CaseState.CLAIMED})


def queue_key(severity: int, opened_at: datetime) -> str:
    """Sorts the worst first, then the oldest."""
    return f"{9 - severity}:{opened_at:%Y-%m-%dT%H:%M:%S}"


def takes_reports(case: ModerationCase) -> bool:
    """Whether reports still join it."""
    return case.state in TAKES_REPORTS


def holder_of(case: ModerationCase, now: datetime) -> str | None:
    """Who has claimed it and still holds the claim."""
    return case.claimed_by if case.claimed_until is not None and case.claimed_until > now else None


def lapsed(case: ModerationCase, now: datetime) -> ModerationCase:
    """Without a claim that has run out."""
    if case.claimed_by is None or holder_of(case, now) is not None:
        return case
    return _unclaimed(case)


def joined(
    case: ModerationCase,
    now: datetime,
    *,
    reason: str,
    severity: int,
    facts: Mapping[str, str],
    report_count: int = 0,
) -> ModerationCase:
    """With one more report, or finding of the house; what the thing is now is kept where it is news.

    Conflict (CASE_RESOLVED) once it is decided.
    """
    if not takes_reports(case):
        raise Conflict("This case is decided.", code="CASE_RESOLVED")
    worst = max(case.severity, severity)
    evidence = case.evidence
    if len(evidence) < EVIDENCE_LIMIT and (not evidence or evidence[-1].facts != dict(facts)):
        evidence = [*evidence, Evidence(now, dict(facts))]
    return replace(
        case,
        updated_at=now,
        reasons=case.reasons if reason in case.reasons else [*case.reasons, reason],
        severity=worst,
        queue_key=queue_key(worst, case.opened_at),
        # Never less: whoever counted earlier may come later.
        report_count=max(case.report_count, report_count),
        evidence=evidence,
    )


def claimed(case: ModerationCase, now: datetime, by_id: str) -> ModerationCase:
    """Held by one moderator for half an hour. Conflict for a decided one and one that somebody else holds."""
    case = lapsed(case, now)
    if case.state == CaseState.RESOLVED:
        raise Conflict("This case is decided.", code="CASE_RESOLVED")
    _refuse_others(case, now, by_id)
    state = case.state if case.state == CaseState.APPEALED else CaseState.CLAIMED.value
    return replace(case, state=state, claimed_by=by_id, claimed_until=now + CLAIM, updated_at=now)


def released(case: ModerationCase, now: datetime, by_id: str, *, by_admin: bool = False) -> ModerationCase:
    """Nobody's again; as it is when it was nobody's. Conflict where somebody else holds it, save for admins."""
    case = lapsed(case, now)
    if case.claimed_by is None:
        return case
    if not by_admin:
        _refuse_others(case, now, by_id)
    return replace(_unclaimed(case), updated_at=now)


def noted(case: ModerationCase, now: datetime, note_id: str, by_id: str | None, text: str) -> ModerationCase:
    """With a note, in any state; the oldest makes room for the hundred and first. A claim of its writer goes on."""
    notes = [*case.notes, CaseNote(note_id, now, text, by_id)][-NOTES_LIMIT:]
    if by_id is not None and holder_of(case, now) == by_id:
        return replace(case, notes=notes, updated_at=now, claimed_until=now + CLAIM)
    return replace(case, notes=notes, updated_at=now)


def decided(
    case: ModerationCase, now: datetime, by_id: str, outcome: Outcome, decision_ids: Sequence[str] = ()
) -> ModerationCase:
    """Resolved. Conflict where somebody else holds it, where it is resolved already, and where an appeal waits."""
    case = lapsed(case, now)
    if case.state == CaseState.RESOLVED:
        raise Conflict("This case is decided.", code="CASE_RESOLVED")
    if case.state == CaseState.APPEALED:
        raise Conflict("Answer the appeal.", code="CASE_APPEALED")
    _refuse_others(case, now, by_id)
    return replace(
        _unclaimed(case),
        state=CaseState.RESOLVED.value,
        open_key=case.id,
        resolved_at=now,
        resolved_by=by_id,
        outcome=outcome.value,
        decision_ids=[*case.decision_ids, *decision_ids],
        updated_at=now,
    )


def appealed(case: ModerationCase, now: datetime, decision_id: str) -> ModerationCase:
    """Back in the queue for an answer. Conflict unless it is resolved: one appeal is answered at a time."""
    if case.state != CaseState.RESOLVED:
        raise Conflict("Another appeal of this case waits for its answer.", code="CASE_APPEALED")
    return replace(case, state=CaseState.APPEALED.value, appealed_id=decision_id, updated_at=now)


def answered(case: ModerationCase, now: datetime, by_id: str, decision_id: str) -> ModerationCase:
    """Resolved again. Conflict without that appeal, and where somebody else holds the case."""
    case = lapsed(case, now)
    if case.state != CaseState.APPEALED or case.appealed_id != decision_id:
        raise Conflict("No appeal waits here.", code="NO_APPEAL")
    _refuse_others(case, now, by_id)
    return replace(_unclaimed(case), state=CaseState.RESOLVED.value, appealed_id=None, updated_at=now)


def is_sound(case: ModerationCase) -> bool:
    """What holds after each step: a claim has a holder, a decision an outcome, an open case its key."""
    return (
        (case.claimed_by is None) == (case.claimed_until is None)
        and (case.state == CaseState.CLAIMED) <= (case.claimed_by is not None)
        and (case.state == CaseState.OPEN) <= (case.claimed_by is None)
        and (case.state == CaseState.RESOLVED) <= (case.claimed_by is None)
        and (case.open_key == case.target_key) == takes_reports(case)
        and (case.outcome is None) == takes_reports(case)
        and (case.appealed_id is not None) == (case.state == CaseState.APPEALED)
        and case.queue_key == queue_key(case.severity, case.opened_at)
        and case.origin in set(Origin)
        and len(case.notes) <= NOTES_LIMIT
        and len(case.evidence) <= EVIDENCE_LIMIT
    )


def _unclaimed(case: ModerationCase) -> ModerationCase:
    state = CaseState.OPEN.value if case.state == CaseState.CLAIMED else case.state
    return replace(case, state=state, claimed_by=None, claimed_until=None)


def _refuse_others(case: ModerationCase, now: datetime, by_id: str) -> None:
    if holder_of(case, now) not in (None, by_id):
        raise Conflict("Somebody else works on this case.", code="CASE_CLAIMED")
