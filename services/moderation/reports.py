"""Reporting: what people and the house itself say is wrong, gathered in one open case for each thing.

Owns who may report what, how often, and that a second report of the same by the same person changes nothing. Who is
reported never learns by whom. Refuses to know what becomes of cases.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace

from services.attention import Attention, Posted
from services.catalogue.listing import BY_ARRIVAL, page_of
from services.clock import Clock
from services.errors import Conflict, Invalid
from services.moderation.case import joined, noted, queue_key
from services.moderation.case_desk import CaseDesk
from services.moderation.policy import (
    BY_CODE,
    NOTE_CHARACTERS,
    REPORTS_LIMIT,
    Origin,
    Reason,
    ReasonCode,
    ReportedKind,
)
from services.moderation.subjects.subject import Subject, SubjectShelf
from services.paging import Page, Slice
from services.throttle import TokenBuckets
from services.typed_text import read_prose
from services.viewer import Role, Viewer
from storage.collections.store import Store
from storage.engine import DuplicateKey
from storage.records.moderation import ModerationCase, Report

log = logging.getLogger("tutti.moderation")

AT_ONCE = 20
SECONDS_PER_REPORT = 180.0
TRIES = 10
EARLIER = 20
"""In so many cases of a thing is looked whether the house found the same before."""


@dataclass(frozen=True, slots=True)
class Reported:
    """A report and the case it is in."""

    report: Report
    case: ModerationCase


class Reports:
    """Takes reports. At most twenty at once of one person, then one each three minutes."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        desk: CaseDesk,
        shelves: Mapping[ReportedKind, SubjectShelf],
        attention: Attention,
    ) -> None:
        self._store = store
        self._clock = clock
        self._desk = desk
        self._shelves = shelves
        self._attention = attention
        self._pace = TokenBuckets(clock, capacity=AT_ONCE, seconds_per_token=SECONDS_PER_REPORT)

    async def report(
        self,
        viewer: Viewer,
        kind: ReportedKind,
        id: str,
        reason: ReasonCode,
        *,
        note: str = "",
        room_id: str | None = None,
    ) -> Reported:
        """The viewer's report, in the thing's open case; the earlier one where they reported it already.

        Invalid for a reason that the policy does not know for this kind, a note over 1,000 characters, one's own
        things, and OTHER without a note; NotFound for what the viewer does not see; TooMany.
        """
        user_id = viewer.require(Role.LISTENER)
        line = _line(kind, reason)
        words = read_prose(note, "note", "A note", NOTE_CHARACTERS)
        if reason == ReasonCode.OTHER and not words:
            raise Invalid("Say in the note what is wrong.", field="note")
        place_id = room_id if kind == ReportedKind.ROOM_MESSAGE else None
        self._pace.take(user_id)
        # Who blocks somebody may have every reason to report them, and the other way round.
        sight = replace(viewer, unseen=frozenset(), muted=frozenset())
        subject = await self._shelves[kind].seen(sight, id, place_id)
        if subject.owner_id == user_id:
            raise Invalid("This is your own.", field="id")
        for _ in range(TRIES):
            case = await self._open_case(kind, id, place_id, subject, line, Origin.REPORTED)
            report = Report(f"{case.id}:{user_id}", case.id, user_id, kind.value, id, reason.value, self._clock.now())
            report.note = words
            kept = await self._keep(case, report)
            if kept is not report and kept is not None:
                return Reported(kept, case)
            count = await self._store.reports.count({"case_id": case.id}, limit=REPORTS_LIMIT)
            after = await self._join(case, line, subject, count)
            if after is not None:
                self._attention.note(Posted("report", report.id, user_id))
                log.info("reported", extra={"case_id": case.id, "kind": kind.value, "reason": reason.value})
                return Reported(report, after)
        raise Conflict("Others work on this case just now; try again.", code="BUSY")

    async def flag(
        self, kind: ReportedKind, id: str, place_id: str | None, subject: Subject, reason: ReasonCode, finding: str
    ) -> ModerationCase:
        """The case of a thing that the house itself noticed, with what it found as a note; said once for each thing."""
        line, note_id = BY_CODE[reason], self._clock.new_id()
        earlier = await self._store.moderation_cases.find(
            {"target_key": f"{kind.value}:{id}"}, sort=[("opened_at", -1)], limit=EARLIER
        )
        for case in earlier:
            # Found before and decided: whoever found it right need not say so again.
            if any(note.by_id is None and note.text == finding for note in case.notes):
                return case
        for _ in range(TRIES):
            case = await self._open_case(kind, id, place_id, subject, line, Origin.AUTOMATIC)
            if await self._join(case, line, subject, 0) is not None:
                return await self._desk.step(
                    case.id, lambda found: noted(found, self._clock.now(), note_id, None, finding)
                )
        raise Conflict("Others work on this case just now; try again.", code="BUSY")

    async def own(self, viewer: Viewer, part: Slice, *, counted: bool = True) -> Page[Reported]:
        """What the viewer reported, the newest first, and what became of it."""
        mine = [{"reporter_id": viewer.require(Role.LISTENER)}]
        page = await page_of(self._store.reports, mine, BY_ARRIVAL, part, counted=counted)
        cases = await self._store.moderation_cases.get_many([report.case_id for report in page.items])
        rows = zip(page.items, page.cursors, strict=True)
        kept = [(Reported(report, cases[report.case_id]), cursor) for report, cursor in rows if report.case_id in cases]
        return Page(
            [reported for reported, _ in kept],
            [cursor for _, cursor in kept],
            total=page.total,
            has_next=page.has_next,
            has_previous=page.has_previous,
        )

    async def _open_case(
        self, kind: ReportedKind, id: str, place_id: str | None, subject: Subject, line: Reason, origin: Origin
    ) -> ModerationCase:
        key = f"{kind.value}:{id}"
        found = await self._store.moderation_cases.first({"open_key": key})
        if found is not None:
            return found
        now = self._clock.now()
        case = ModerationCase(
            id=self._clock.new_id(),
            kind=kind.value,
            target_id=id,
            target_key=key,
            opened_at=now,
            updated_at=now,
            queue_key=queue_key(line.severity, now),
            origin=origin.value,
            open_key=key,
            place_id=place_id,
            owner_id=subject.owner_id,
            name=subject.name[:200],
            severity=line.severity,
        )
        try:
            await self._store.moderation_cases.insert(case)
            return case
        except DuplicateKey:
            # Somebody opened one meanwhile.
            return await self._store.moderation_cases.first({"open_key": key}) or case

    async def _keep(self, case: ModerationCase, report: Report) -> Report | None:
        """The report as it is kept: the earlier one of the same person; None beyond the case's bound."""
        earlier = await self._store.reports.get(report.id)
        if earlier is not None:
            return earlier
        if await self._store.reports.count({"case_id": case.id}, limit=REPORTS_LIMIT) >= REPORTS_LIMIT:
            return None
        try:
            await self._store.reports.insert(report)
        except DuplicateKey:
            return await self._store.reports.get(report.id)
        return report

    async def _join(self, case: ModerationCase, line: Reason, subject: Subject, count: int) -> ModerationCase | None:
        """The case with the report; None where it was decided meanwhile, and a new one has to be opened."""
        try:
            return await self._desk.step(
                case.id,
                lambda found: joined(
                    found,
                    self._clock.now(),
                    reason=line.code.value,
                    severity=line.severity,
                    facts=subject.facts,
                    report_count=count,
                ),
            )
        except Conflict as refusal:
            if refusal.reason != "CASE_RESOLVED":
                raise
            return None


def _line(kind: ReportedKind, reason: ReasonCode) -> Reason:
    line = BY_CODE[reason]
    if kind not in line.kinds:
        raise Invalid("The policy does not know this reason for this kind of thing.", field="reason")
    return line
