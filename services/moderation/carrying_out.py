"""Does what was decided, and takes it back: through the service of each noun's owner, then tells whom it concerns.

Owns that a decision is carried out in the end, whatever a crash left half done; every part is safe to repeat. Refuses
to know who may decide.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import timedelta

from services.audit.audit import Audit
from services.clock import Clock
from services.moderation.policy import ACCOUNT_ACTIONS, BY_CODE, Action, ReasonCode, ReportedKind
from services.moderation.subjects.subject import SubjectShelf
from services.moderation.suspensions import Suspensions
from services.moderation.telling import ModerationNews
from services.viewer import Role, Viewer
from storage.collections.store import Store
from storage.records.moderation import ModerationDecision

log = logging.getLogger("tutti.moderation")

LEFT_BEHIND = timedelta(minutes=1)
"""A decision that is not carried out after so long was left behind by a crash."""
_AT_ONCE = 100
_SAME_TARGET = 200


class CarryingOut:
    """Decisions into deeds."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        shelves: Mapping[ReportedKind, SubjectShelf],
        suspensions: Suspensions,
        news: ModerationNews,
        audit: Audit,
    ) -> None:
        self._store = store
        self._clock = clock
        self._shelves = shelves
        self._suspensions = suspensions
        self._news = news
        self._audit = audit

    async def do(self, decision: ModerationDecision) -> None:
        """Do what a decision says, or take it back where it was undone; then it is pending no more."""
        action, by = Action(decision.action), _actor(decision.by_id)
        if decision.undone_at is not None:
            await self._undo(decision)
        elif action == Action.DISMISS:
            await self._audit.note(by, "case.dismiss", decision.kind, decision.target_id, case=decision.case_id)
        else:
            shelf = self._shelves[ReportedKind(decision.kind)]
            why = BY_CODE[ReasonCode(decision.reason)].title
            if action == Action.HIDE:
                await shelf.hide(by, decision.target_id, decision.place_id, why)
            elif action == Action.REMOVE:
                await shelf.remove(by, decision.target_id, decision.place_id, why)
            elif decision.owner_id is not None and action != Action.WARN:
                await self._suspensions.settle(decision.owner_id)
            await self._note(decision, by, "")
            await self._news.of_decision(decision)
        case = await self._store.moderation_cases.get(decision.case_id)
        if case is not None and decision.undone_at is None:
            await self._news.of_outcome(case)
        await self._store.moderation_decisions.update({"_id": decision.id}, {"$unset": {"pending_at": ""}})

    async def do_left_behind(self) -> int:
        """Carry out what a crash left pending, forget what was never made; how many. A job's work."""
        before = self._clock.now() - LEFT_BEHIND
        due = await self._store.moderation_decisions.find(
            {"pending_at": {"$lte": before}}, sort=[("pending_at", 1)], limit=_AT_ONCE
        )
        for decision in due:
            case = await self._store.moderation_cases.get(decision.case_id)
            if case is not None and decision.id in case.decision_ids:
                await self.do(decision)
            else:
                await self._store.moderation_decisions.delete({"_id": decision.id, "pending_at": {"$lte": before}})
        return len(due)

    async def _undo(self, decision: ModerationDecision) -> None:
        by = _actor(decision.undone_by or decision.by_id)
        if decision.action == Action.HIDE and not await self._is_hidden_otherwise(decision):
            shelf = self._shelves[ReportedKind(decision.kind)]
            await shelf.restore(by, decision.target_id, decision.place_id, decision.undo)
        elif decision.action in (Action.SUSPEND, Action.BAN) and decision.owner_id is not None:
            await self._suspensions.settle(decision.owner_id)
        await self._note(decision, by, ".undo")
        if decision.appeal_state in ("granted", "refused"):
            await self._news.of_answer(decision, granted=decision.appeal_state == "granted")
        else:
            await self._news.of_undoing(decision)

    async def _is_hidden_otherwise(self, decision: ModerationDecision) -> bool:
        """Whether another decision keeps the same thing out of sight."""
        found = await self._store.moderation_decisions.find(
            {"target_id": decision.target_id, "kind": decision.kind}, sort=[("at", -1)], limit=_SAME_TARGET
        )
        return any(
            each.id != decision.id and each.undone_at is None and each.action in (Action.HIDE, Action.REMOVE)
            for each in found
        )

    async def _note(self, decision: ModerationDecision, by: Viewer, ending: str) -> None:
        on_account = Action(decision.action) in ACCOUNT_ACTIONS
        kind = "user" if on_account else decision.kind
        id = (decision.owner_id or "") if on_account else decision.target_id
        await self._audit.note(
            by, f"{kind}.{decision.action}{ending}", kind, id,
            case=decision.case_id, decision=decision.id, reason=decision.reason, until=decision.until,
            about=f"{decision.kind}:{decision.target_id}" if on_account else None,
        )  # fmt: skip


def _actor(user_id: str) -> Viewer:
    """Who decided, as a viewer that may carry it out; the decision was checked when it was made."""
    return Viewer(user_id=user_id, roles=frozenset({Role.MODERATOR}))
