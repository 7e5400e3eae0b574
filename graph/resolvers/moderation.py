"""Reporting, and what comes of it for those whom it concerns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from graph.bind import resolves
from graph.context import Info
from graph.resolvers.paging import asks_for
from services.moderation.policy import (
    POLICY,
    Action,
    AppealState,
    CaseState,
    Origin,
    Outcome,
    Reason,
    ReasonCode,
    ReportedKind,
)
from services.moderation.reports import Reported
from services.paging import Page, slice_of
from storage.records.moderation import ModerationDecision


@dataclass(slots=True)
class ReportMade:
    """What reporting gives."""

    report: Reported
    success: bool = True


@dataclass(slots=True)
class DecisionGiven:
    """What an appeal gives."""

    decision: ModerationDecision


RECORDS = {
    "Report": Reported,
    "ReportReason": Reason,
    "ReportContent": ReportMade,
    "ModerationDecision": ModerationDecision,
    "AppealDecision": DecisionGiven,
}
ENUMS = {
    "ReportedKind": ReportedKind,
    "ReasonCode": ReasonCode,
    "ModerationAction": Action,
    "CaseState": CaseState,
    "CaseOrigin": Origin,
    "ReportOutcome": Outcome,
    "AppealState": AppealState,
}


@resolves("Query.reportReasons")
def report_reasons(_: None, _info: Info) -> list[Reason]:
    """The policy."""
    return list(POLICY)


@resolves("ReportReason.kinds")
def kinds(reason: Reason, _info: Info) -> list[ReportedKind]:
    """What it may be said about, in the order of the list."""
    return [kind for kind in ReportedKind if kind in reason.kinds]


@resolves("Query.myReports")
async def my_reports(_: None, info: Info, **part: Any) -> Page[Reported]:
    """A page of the viewer's reports."""
    counted = asks_for(info, "totalCount")
    return await info.context.house.reports.own(info.context.viewer, slice_of(**part), counted=counted)


@resolves("Query.myModeration")
async def my_moderation(_: None, info: Info, **part: Any) -> Page[ModerationDecision]:
    """A page of what was decided about the viewer."""
    counted = asks_for(info, "totalCount")
    return await info.context.house.appeals.own(info.context.viewer, slice_of(**part), counted=counted)


@resolves("Mutation.reportContent")
async def report_content(
    _: None,
    info: Info,
    kind: ReportedKind,
    id: str,
    reason: ReasonCode,
    note: str,
    room_id: str | None = None,
) -> ReportMade:
    """The report."""
    report = info.context.house.reports.report
    return ReportMade(await report(info.context.viewer, kind, id, reason, note=note, room_id=room_id))


@resolves("Mutation.appealDecision")
async def appeal_decision(_: None, info: Info, decision_id: str, text: str) -> DecisionGiven:
    """The decision with the appeal."""
    return DecisionGiven(await info.context.house.appeals.appeal(info.context.viewer, decision_id, text))


@resolves("Report.id", "Report.kind", "Report.targetId", "Report.reason", "Report.note", "Report.createdAt")
def of_report(reported: Reported, info: Info) -> Any:
    """What the report itself says."""
    name = {"targetId": "target_id", "createdAt": "created_at"}.get(info.field_name, info.field_name)
    return getattr(reported.report, name)


@resolves("Report.isResolved")
def is_resolved(reported: Reported, _info: Info) -> bool:
    """Whether it is decided."""
    return reported.case.outcome is not None


@resolves("Report.outcome")
def outcome(reported: Reported, _info: Info) -> str | None:
    """What came of it."""
    return reported.case.outcome


@resolves("ModerationDecision.canAppeal")
def can_appeal(decision: ModerationDecision, info: Info) -> bool:
    """Whether its owner may still appeal."""
    return info.context.house.appeals.may_appeal(decision)
