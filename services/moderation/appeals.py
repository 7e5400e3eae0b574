"""Appeals: once against each decision, answered by somebody else than who decided, where there is anybody else.

Owns who may appeal and who may answer. Refuses to know how a decision is undone.
"""

from __future__ import annotations

from datetime import datetime

from services.audit.audit import Audit
from services.catalogue.listing import Order, page_of
from services.clock import Clock
from services.errors import Conflict, Denied, Invalid, NotFound
from services.moderation import case as steps
from services.moderation.appeal_links import AppealLinks
from services.moderation.case_desk import CaseDesk
from services.moderation.deciding import Deciding
from services.moderation.letters import decided
from services.moderation.policy import APPEAL_WITHIN, WORDS_CHARACTERS, Action, AppealState
from services.moderation.telling import ModerationNews
from services.paging import Page, Slice
from services.typed_text import is_id, read_prose
from services.viewer import Role, Viewer
from storage.collections.store import Store
from storage.records.moderation import ModerationCase, ModerationDecision

NEWEST = Order("at", -1, datetime)


class Appeals:
    """What was done to somebody, and what they say against it."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        desk: CaseDesk,
        deciding: Deciding,
        news: ModerationNews,
        links: AppealLinks,
        audit: Audit,
    ) -> None:
        self._store = store
        self._clock = clock
        self._desk = desk
        self._deciding = deciding
        self._news = news
        self._links = links
        self._audit = audit

    async def own(self, viewer: Viewer, part: Slice, *, counted: bool = True) -> Page[ModerationDecision]:
        """What was decided about the viewer and what is theirs, the newest first."""
        mine = [{"owner_id": viewer.require(Role.LISTENER)}]
        return await page_of(self._store.moderation_decisions, mine, NEWEST, part, counted=counted)

    def may_appeal(self, decision: ModerationDecision) -> bool:
        """Whether its owner may still appeal."""
        return (
            decision.appeal_state == AppealState.NONE
            and decision.undone_at is None
            and decision.action != Action.DISMISS
            and self._clock.now() < decision.at + APPEAL_WITHIN
        )

    def worded(self, decision: ModerationDecision) -> str:
        """What was decided, in a sentence, for whoever has its link."""
        return decided(decision).message

    async def by_link(self, token: str) -> ModerationDecision:
        """The decision that the link in a mail is about. NotFound for no link of ours."""
        decision = await self._store.moderation_decisions.get(self._links.check(token))
        if decision is None:
            raise NotFound("This link is not good.")
        return decision

    async def appeal_by_link(self, token: str, text: str) -> ModerationDecision:
        """Appeal without being signed in, as somebody who is kept out must; refusals as for `appeal`."""
        return await self._appeal(await self.by_link(token), text)

    async def appeal(self, viewer: Viewer, decision_id: str, text: str) -> ModerationDecision:
        """Appeal a decision about the viewer, once, within thirty days.

        NotFound for others' decisions; Invalid for nothing and over 1,000 characters; Conflict (CANNOT_APPEAL), and
        (CASE_APPEALED) while another appeal of the same case waits.
        """
        user_id = viewer.require(Role.LISTENER)
        decision = await self._store.moderation_decisions.get(decision_id) if is_id(decision_id) else None
        if decision is None or decision.owner_id != user_id:
            raise _no_such_decision()
        return await self._appeal(decision, text)

    async def answer(self, viewer: Viewer, decision_id: str, granted: bool, words: str = "") -> ModerationCase:
        """Answer an appeal: a granted one undoes the decision at once.

        Denied (OTHER_MODERATOR) for who decided, while there is somebody else; as `Deciding.decide` otherwise.
        """
        user_id = viewer.require(Role.MODERATOR)
        decision = await self._store.moderation_decisions.get(decision_id) if is_id(decision_id) else None
        if decision is None or decision.owner_id == user_id:
            raise _no_such_decision()
        await self._deciding.refuse_peers(viewer, decision.owner_id)
        answer = read_prose(words, "words", "What you write", WORDS_CHARACTERS)
        if decision.by_id == user_id and await self._is_anybody_else(decision):
            raise Denied("Somebody else answers this appeal: the decision was yours.", code="OTHER_MODERATOR")
        case = await self._desk.read(viewer, decision.case_id)
        now = self._clock.now()
        steps.answered(case, now, user_id, decision.id)
        state = AppealState.GRANTED if granted else AppealState.REFUSED
        put = {"appeal_state": state.value, "answered_at": now, "answered_by": user_id, "answer": answer}
        written = await self._store.moderation_decisions.update_and_get(
            {"_id": decision.id, "appeal_state": AppealState.OPEN.value}, {"$set": put}
        )
        if written is None:
            raise Conflict("No appeal waits here.", code="NO_APPEAL")
        after = await self._desk.step(
            case.id, lambda found: steps.answered(found, self._clock.now(), user_id, decision.id)
        )
        action = "appeal.grant" if granted else "appeal.refuse"
        await self._audit.note(viewer, action, decision.kind, decision.target_id, decision=decision.id, case=case.id)
        if granted:
            await self._deciding.take_back(written, user_id)
        else:
            await self._news.of_answer(written, granted=False)
        return after

    async def _appeal(self, decision: ModerationDecision, text: str) -> ModerationDecision:
        words = read_prose(text, "text", "An appeal", WORDS_CHARACTERS)
        if not words:
            raise Invalid("Say why it is wrong.", field="text")
        if not self.may_appeal(decision):
            raise Conflict("This cannot be appealed, or not any more.", code="CANNOT_APPEAL")
        # The case takes one appeal at a time: whoever comes second is refused here.
        now = self._clock.now()
        await self._desk.step(decision.case_id, lambda found: steps.appealed(found, now, decision.id))
        put = {"appeal_state": AppealState.OPEN.value, "appeal_text": words, "appealed_at": now}
        written = await self._store.moderation_decisions.update_and_get(
            {"_id": decision.id, "appeal_state": AppealState.NONE.value}, {"$set": put}
        )
        return written or decision

    async def _is_anybody_else(self, decision: ModerationDecision) -> bool:
        """Whether somebody else could answer: a moderator or admin who may be signed in."""
        staff = await self._store.users.find({"roles": {"$in": [Role.MODERATOR.value, Role.ADMIN.value]}}, limit=100)
        return any(
            each.id not in (decision.by_id, decision.owner_id) and not each.is_suspended and not each.is_demo
            for each in staff
        )


def _no_such_decision() -> NotFound:
    return NotFound("There is no such decision.", field="decisionId")
