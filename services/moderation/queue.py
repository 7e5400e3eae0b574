"""The queue of cases as moderators work through it: looking, claiming, releasing, noting.

Owns what a moderator is shown: nothing about themselves. Refuses to know decisions and appeals.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from services.catalogue.access import Condition
from services.catalogue.listing import BY_ARRIVAL, Order, page_of
from services.clock import Clock
from services.errors import Invalid
from services.interactions.windows import windows
from services.moderation import case as steps
from services.moderation.case_desk import CaseDesk
from services.moderation.policy import NOTE_CHARACTERS, CaseState, Origin, ReportedKind
from services.paging import Page, Slice
from services.typed_text import read_prose
from services.viewer import Role, Viewer
from storage.collections.store import Store
from storage.records.moderation import ModerationCase, ModerationDecision, Report

WORST_FIRST = Order("queue_key", 1, str)
SHOWN_REPORTS = 100
_LAPSED_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which cases are wanted; None is any. `mine`: those that the viewer has claimed."""

    state: CaseState | None = CaseState.OPEN
    kind: ReportedKind | None = None
    origin: Origin | None = None
    mine: bool = False


class ModerationQueue:
    """The cases of the house, for moderators."""

    def __init__(self, store: Store, clock: Clock, desk: CaseDesk) -> None:
        self._store = store
        self._clock = clock
        self._desk = desk

    async def listing(
        self, viewer: Viewer, part: Slice, wanted: Wanted, *, counted: bool = True
    ) -> Page[ModerationCase]:
        """One page of the queue, the worst first and then the oldest; cases about the viewer are left out."""
        user_id = viewer.require(Role.MODERATOR)
        conditions: list[Condition] = [{"owner_id": {"$ne": user_id}}]
        for name in ("state", "kind", "origin"):
            value = getattr(wanted, name)
            if value is not None:
                conditions.append({name: value.value})
        if wanted.mine:
            conditions.append({"claimed_by": user_id})
        return await page_of(self._store.moderation_cases, conditions, WORST_FIRST, part, counted=counted)

    async def get(self, viewer: Viewer, case_id: str) -> ModerationCase:
        """One case. NotFound when absent or about the viewer."""
        return await self._desk.read(viewer, case_id)

    async def reports_of(self, viewer: Viewer, case_ids: Sequence[str]) -> dict[str, list[Report]]:
        """The newest hundred reports of each case that the viewer was given; one store command while they are few."""
        viewer.require(Role.MODERATOR)
        asked = [(id, Slice(SHOWN_REPORTS)) for id in case_ids]
        pages = await windows(self._store.reports, "case_id", asked, BY_ARRIVAL)
        return {id: page.items for (id, _), page in pages.items()}

    async def decisions(self, viewer: Viewer, ids: Sequence[str]) -> dict[str, ModerationDecision]:
        """Decisions of cases that the viewer was given; one store command."""
        viewer.require(Role.MODERATOR)
        return await self._store.moderation_decisions.get_many(ids)

    async def claim(self, viewer: Viewer, case_id: str) -> ModerationCase:
        """The case, held by the viewer for half an hour. Conflict (CASE_CLAIMED, CASE_RESOLVED)."""
        user_id = viewer.require(Role.MODERATOR)
        await self._desk.read(viewer, case_id)
        return await self._desk.step(case_id, lambda case: steps.claimed(case, self._clock.now(), user_id))

    async def release(self, viewer: Viewer, case_id: str) -> ModerationCase:
        """The case, held by nobody. Conflict where somebody else holds it, save for admins."""
        user_id, is_admin = viewer.require(Role.MODERATOR), viewer.has(Role.ADMIN)
        await self._desk.read(viewer, case_id)
        return await self._desk.step(
            case_id, lambda case: steps.released(case, self._clock.now(), user_id, by_admin=is_admin)
        )

    async def note(self, viewer: Viewer, case_id: str, text: str) -> ModerationCase:
        """The case with a note that only moderators read. Invalid for nothing, and over 1,000 characters."""
        user_id = viewer.require(Role.MODERATOR)
        words = read_prose(text, "text", "A note", NOTE_CHARACTERS)
        if not words:
            raise Invalid("A note needs words.", field="text")
        await self._desk.read(viewer, case_id)
        note_id = self._clock.new_id()
        return await self._desk.step(
            case_id, lambda case: steps.noted(case, self._clock.now(), note_id, user_id, words)
        )

    async def lapse(self) -> int:
        """Give claims back that have run out; how many. A job's work, safe to repeat."""
        now = self._clock.now()
        due = await self._store.moderation_cases.find(
            {"claimed_until": {"$lte": now}}, sort=[("claimed_until", 1)], limit=_LAPSED_AT_ONCE
        )
        for case in due:
            await self._desk.step(case.id, lambda found: steps.lapsed(found, now))
        return len(due)
