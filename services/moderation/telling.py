"""Tells owners and reporters what was decided, each once: in their list, and owners by mail, for they may be shut out.

Owns who is told. Refuses to know what is said (`letters.py`).
"""

from __future__ import annotations

from services.mail.outbox import Outbox
from services.moderation import letters
from services.moderation.appeal_links import AppealLinks
from services.moderation.policy import REPORTS_LIMIT, Outcome
from services.notifications.kinds import News
from services.notifications.notifications import Notifications
from storage.collections.store import Store
from storage.records.moderation import ModerationCase, ModerationDecision

_AT_ONCE = 250


class ModerationNews:
    """Safe to repeat: what was told is not told again."""

    def __init__(self, store: Store, notifications: Notifications, outbox: Outbox, links: AppealLinks) -> None:
        self._store = store
        self._notifications = notifications
        self._outbox = outbox
        self._links = links

    async def of_decision(self, decision: ModerationDecision) -> None:
        """What was done, why, and how to appeal."""
        url = self._links.url(decision.id)
        await self._to_owner(decision, letters.decided(decision), appeal_url=url, words=decision.words)

    async def of_undoing(self, decision: ModerationDecision) -> None:
        """That it was taken back."""
        await self._to_owner(decision, letters.undone(decision))

    async def of_answer(self, decision: ModerationDecision, *, granted: bool) -> None:
        """What came of an appeal."""
        await self._to_owner(decision, letters.answered(decision, granted=granted), words=decision.answer)

    async def of_outcome(self, case: ModerationCase) -> None:
        """To each who reported: whether anything was done."""
        if case.outcome is None:
            return
        reports = await self._store.reports.find({"case_id": case.id}, sort=[("created_at", 1)], limit=REPORTS_LIMIT)
        ids = [report.reporter_id for report in reports]
        for start in range(0, len(ids), _AT_ONCE):
            some = ids[start : start + _AT_ONCE]
            # Each leads to its own reader; the key keeps it one.
            for reporter_id in some:
                news = letters.report_resolved(case.id, reporter_id, Outcome(case.outcome))
                await self._notifications.tell(news, [reporter_id])

    async def _to_owner(
        self, decision: ModerationDecision, news: News, *, appeal_url: str | None = None, words: str = ""
    ) -> None:
        user = None if decision.owner_id is None else await self._store.users.get(decision.owner_id)
        if user is None:
            return
        await self._notifications.tell(news, [user.id])
        if user.email and not user.is_demo:
            wording = letters.as_mail(
                news, user.username, home=f"{self._links.home}/", appeal_url=appeal_url, words=words
            )
            await self._outbox.put(news.key, user.email, wording)
