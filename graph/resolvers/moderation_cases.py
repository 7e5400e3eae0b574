"""The queue of cases, for moderators."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from graph.bind import resolves
from graph.context import Info
from graph.resolvers.paging import asks_for
from services.errors import NotFound
from services.moderation.deciding import Verdict
from services.moderation.policy import Action, CaseState, Origin, ReasonCode, ReportedKind
from services.moderation.queue import Wanted
from services.paging import Page, slice_of
from storage.records.moderation import CaseNote, Evidence, ModerationCase, ModerationDecision, Report


@dataclass(slots=True)
class CaseGiven:
    """What working on a case gives."""

    case: ModerationCase


@dataclass(slots=True)
class CaseFact:
    """One fact about a reported thing."""

    name: str
    value: str


RECORDS = {
    "ModerationCase": ModerationCase,
    "CaseReport": Report,
    "CaseNote": CaseNote,
    "CaseEvidence": Evidence,
    "CaseFact": CaseFact,
    "CaseDecision": ModerationDecision,
    "ClaimCase": CaseGiven,
    "ReleaseCase": CaseGiven,
    "NoteOnCase": CaseGiven,
    "DecideCase": CaseGiven,
    "AnswerAppeal": CaseGiven,
}


@resolves("Query.moderationQueue")
async def moderation_queue(
    _: None,
    info: Info,
    mine: bool,
    state: CaseState | None = None,
    kind: ReportedKind | None = None,
    origin: Origin | None = None,
    **part: Any,
) -> Page[ModerationCase]:
    """A page of the queue."""
    wanted, counted = Wanted(state, kind, origin, mine), asks_for(info, "totalCount")
    listing = info.context.house.moderation_queue.listing
    return await listing(info.context.viewer, slice_of(**part), wanted, counted=counted)


@resolves("Query.moderationCase")
async def moderation_case(_: None, info: Info, id: str) -> ModerationCase | None:
    """One case, None when there is none to be seen."""
    try:
        return await info.context.house.moderation_queue.get(info.context.viewer, id)
    except NotFound:
        return None


@resolves("Mutation.claimCase")
async def claim_case(_: None, info: Info, case_id: str) -> CaseGiven:
    """The case, held."""
    return CaseGiven(await info.context.house.moderation_queue.claim(info.context.viewer, case_id))


@resolves("Mutation.releaseCase")
async def release_case(_: None, info: Info, case_id: str) -> CaseGiven:
    """The case, nobody's."""
    return CaseGiven(await info.context.house.moderation_queue.release(info.context.viewer, case_id))


@resolves("Mutation.noteOnCase")
async def note_on_case(_: None, info: Info, case_id: str, text: str) -> CaseGiven:
    """The case with the note."""
    return CaseGiven(await info.context.house.moderation_queue.note(info.context.viewer, case_id, text))


@resolves("Mutation.decideCase")
async def decide_case(
    _: None,
    info: Info,
    case_id: str,
    actions: list[Action],
    words: str,
    reason: ReasonCode | None = None,
    until: datetime | None = None,
) -> CaseGiven:
    """The case, resolved."""
    verdict = Verdict(actions, reason, words, until)
    return CaseGiven(await info.context.house.deciding.decide(info.context.viewer, case_id, verdict))


@resolves("Mutation.answerAppeal")
async def answer_appeal(_: None, info: Info, decision_id: str, granted: bool, words: str) -> CaseGiven:
    """The case, resolved again."""
    return CaseGiven(await info.context.house.appeals.answer(info.context.viewer, decision_id, granted, words))


@resolves("ModerationCase.owner")
def owner(case: ModerationCase, info: Info) -> Any:
    """Who answers for the thing."""
    return None if case.owner_id is None else info.context.loaders.users.load(case.owner_id)


@resolves("ModerationCase.claimedBy")
def claimed_by(case: ModerationCase, info: Info) -> Any:
    """Who works on it."""
    return None if case.claimed_by is None else info.context.loaders.users.load(case.claimed_by)


@resolves("ModerationCase.reports")
def reports(case: ModerationCase, info: Info) -> Any:
    """What people said."""
    return info.context.loaders.case_reports.ask(case.id, lambda found: found or [])


@resolves("ModerationCase.decisions")
def decisions(case: ModerationCase, info: Info) -> Any:
    """What was decided."""
    return info.context.loaders.decisions.load_many(case.decision_ids)


@resolves("CaseReport.reporter")
def reporter(report: Report, info: Info) -> Any:
    """Who said it."""
    return info.context.loaders.users.load(report.reporter_id)


@resolves("CaseNote.by")
def by(note: CaseNote, info: Info) -> Any:
    """Who wrote it."""
    return None if note.by_id is None else info.context.loaders.users.load(note.by_id)


@resolves("CaseEvidence.facts")
def facts(evidence: Evidence, _info: Info) -> list[CaseFact]:
    """What the thing was, by name."""
    return [CaseFact(name, value) for name, value in sorted(evidence.facts.items())]


@resolves("CaseDecision.decision")
def decision(made: ModerationDecision, _info: Info) -> ModerationDecision:
    """What was decided."""
    return made


@resolves("CaseDecision.decidedBy")
def decided_by(made: ModerationDecision, info: Info) -> Any:
    """Who decided."""
    return info.context.loaders.users.load(made.by_id)


@resolves("CaseDecision.answeredBy")
def answered_by(made: ModerationDecision, info: Info) -> Any:
    """Who answered the appeal."""
    return None if made.answered_by is None else info.context.loaders.users.load(made.answered_by)
