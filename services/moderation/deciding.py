"""Deciding a case: what is done about a thing, about who answers for it, or that nothing is wrong; and taking it back.

Owns who may decide about whom, and what may be decided together. Refuses to know how it is done.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from services.clock import Clock
from services.errors import Conflict, Denied, Invalid
from services.moderation import case as steps
from services.moderation.carrying_out import CarryingOut
from services.moderation.case_desk import CaseDesk
from services.moderation.policy import (
    ACCOUNT_ACTIONS,
    BY_CODE,
    CONTENT_ACTIONS,
    LONGEST_SUSPENSION,
    NEVER_REMOVED,
    WORDS_CHARACTERS,
    Action,
    Outcome,
    ReasonCode,
    ReportedKind,
)
from services.moderation.subjects.subject import SubjectShelf, never_removed
from services.typed_text import read_prose
from services.viewer import Role, Viewer
from storage.collections.store import Store
from storage.engine import Insert
from storage.records.moderation import ModerationCase, ModerationDecision


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a moderator wants done. `words` go to who answers for the thing, `until` ends a suspension."""

    actions: Sequence[Action]
    reason: ReasonCode | None = None
    words: str = ""
    until: datetime | None = None


class Deciding:
    """The decisions of moderators."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        desk: CaseDesk,
        shelves: Mapping[ReportedKind, SubjectShelf],
        carrying_out: CarryingOut,
    ) -> None:
        self._store = store
        self._clock = clock
        self._desk = desk
        self._shelves = shelves
        self._carrying_out = carrying_out

    async def decide(self, viewer: Viewer, case_id: str, verdict: Verdict) -> ModerationCase:
        """The case, resolved, and what was decided done at once.

        One action about the thing and one about the account may go together; DISMISS and RESTORE stand alone, and
        RESTORE takes back what was decided in this case, also later. Invalid for other mixtures, a reason outside the
        policy, a suspension outside a year; Denied for oneself and for admins; Conflict (CASE_CLAIMED, CASE_RESOLVED,
        CASE_APPEALED, NOT_REMOVABLE, NOBODY_ANSWERS).
        """
        user_id = viewer.require(Role.MODERATOR)
        case = await self._desk.read(viewer, case_id)
        await self.refuse_peers(viewer, case.owner_id)
        words = read_prose(verdict.words, "words", "What you write", WORDS_CHARACTERS)
        actions = _read_actions(case, verdict, self._clock.now())
        if actions == [Action.RESTORE]:
            return await self._restore(viewer, case)
        reason = _read_reason(case, verdict, actions)
        decisions = [await self._draft(case, action, reason, words, verdict.until, user_id) for action in actions]
        # Drafts first: the case names them in the one write that resolves it, and only then they hold.
        await self._store.moderation_decisions.bulk(
            [Insert(self._store.moderation_decisions.codec.encode(each)) for each in decisions]
        )
        outcome = Outcome.NOTHING_FOUND if actions == [Action.DISMISS] else Outcome.ACTION_TAKEN
        ids = [each.id for each in decisions]
        try:
            resolved = await self._desk.step(
                case.id, lambda found: steps.decided(found, self._clock.now(), user_id, outcome, ids)
            )
        except Conflict:
            await self._store.moderation_decisions.delete({"_id": {"$in": ids}}, many=True)
            raise
        for decision in decisions:
            await self._carrying_out.do(decision)
        return resolved

    async def take_back(self, decision: ModerationDecision, by_id: str) -> None:
        """Undo one decision, once; nothing when it was undone already."""
        now = self._clock.now()
        undone = await self._store.moderation_decisions.update_and_get(
            {"_id": decision.id, "undone_at": {"$exists": False}},
            {"$set": {"undone_at": now, "undone_by": by_id, "pending_at": now}},
        )
        if undone is not None:
            await self._carrying_out.do(undone)

    async def refuse_peers(self, viewer: Viewer, owner_id: str | None) -> None:
        """Denied for oneself, and where somebody who is no admin acts on an admin."""
        if owner_id is None:
            return
        if owner_id == viewer.user_id:
            raise Denied("Nobody decides about themselves.", code="OWN_CASE")
        owner = await self._store.users.get(owner_id)
        if owner is not None and Role.ADMIN in owner.roles and not viewer.has(Role.ADMIN):
            raise Denied("Only admins decide about admins.", code="ADMIN_CASE")

    async def _restore(self, viewer: Viewer, case: ModerationCase) -> ModerationCase:
        user_id = viewer.require(Role.MODERATOR)
        if case.state != "resolved":
            raise Conflict("Decide this case, or answer its appeal.", code="NOT_RESOLVED")
        found = await self._store.moderation_decisions.get_many(case.decision_ids)
        standing = [each for each in found.values() if each.undone_at is None and each.action != Action.DISMISS]
        if not standing:
            raise Conflict("There is nothing to take back.", code="NOTHING_TO_RESTORE")
        if all(each.action == Action.REMOVE for each in standing):
            raise Conflict("What was removed cannot be brought back.", code="REMOVED")
        for decision in standing:
            if decision.action != Action.REMOVE:
                await self.take_back(decision, user_id)
        return await self._desk.read(viewer, case.id)

    async def _draft(
        self,
        case: ModerationCase,
        action: Action,
        reason: ReasonCode,
        words: str,
        until: datetime | None,
        by_id: str,
    ) -> ModerationDecision:
        undo = {}
        if action == Action.HIDE:
            undo = await self._shelves[ReportedKind(case.kind)].before_hiding(case.target_id, case.place_id)
        now = self._clock.now()
        return ModerationDecision(
            id=self._clock.new_id(),
            case_id=case.id,
            kind=case.kind,
            target_id=case.target_id,
            action=action.value,
            reason=reason.value,
            at=now,
            by_id=by_id,
            name=case.name,
            place_id=case.place_id,
            # That nothing was found is not told: they need not know that somebody complained.
            owner_id=None if action == Action.DISMISS else case.owner_id,
            words=words,
            until=until if action == Action.SUSPEND else None,
            pending_at=now,
            undo=undo,
        )


def _read_actions(case: ModerationCase, verdict: Verdict, now: datetime) -> list[Action]:
    actions = list(dict.fromkeys(verdict.actions))
    alone = {Action.DISMISS, Action.RESTORE} & set(actions)
    content, account = CONTENT_ACTIONS & set(actions), ACCOUNT_ACTIONS & set(actions)
    if not actions or (alone and len(actions) > 1) or len(content) > 1 or len(account) > 1:
        raise Invalid("Decide one thing about what was reported, one about the account, or both.", field="actions")
    if Action.REMOVE in actions and ReportedKind(case.kind) in NEVER_REMOVED:
        raise never_removed()
    if account and case.owner_id is None:
        raise Conflict("No account answers for this.", code="NOBODY_ANSWERS")
    if (Action.SUSPEND in actions) != (verdict.until is not None):
        raise Invalid("A suspension, and nothing else, has an end.", field="until")
    if verdict.until is not None and not now < verdict.until <= now + LONGEST_SUSPENSION:
        raise Invalid("A suspension ends within a year.", field="until")
    return actions


def _read_reason(case: ModerationCase, verdict: Verdict, actions: Sequence[Action]) -> ReasonCode:
    if verdict.reason is None:
        if list(actions) != [Action.DISMISS]:
            raise Invalid("Give the reason.", field="reason")
        return ReasonCode(case.reasons[0]) if case.reasons else ReasonCode.OTHER
    if ReportedKind(case.kind) not in BY_CODE[verdict.reason].kinds:
        raise Invalid("The policy does not know this reason for this kind of thing.", field="reason")
    return verdict.reason
