"""Digests: what somebody has not read, mailed in their morning, once a day or week.

Owns what is in one and that there is one a period. Refuses to know how mail leaves (`outbox.py`).
"""

from __future__ import annotations

from datetime import timedelta

from services.clock import Clock
from services.mail.outbox import Outbox
from services.mail.unsubscribing import Unsubscribing
from services.mail.wording import Line, digest
from services.notifications.channels import Channel, DigestPeriod, next_digest, opens
from services.notifications.kinds import Kind, path_to
from services.notifications.notifications import Notifications
from storage.collections.store import Store
from storage.records import Notification, User
from storage.records.notification import NotificationChoices

LINES = 20
"""Most lines of a digest; beyond, a number."""
SETTLES = timedelta(minutes=1)
"""What is younger waits for the next digest: something written in these very moments may not be seen yet."""
_LOOKED_AT = 200
_AT_ONCE = 100
_PERIODS = {DigestPeriod.DAILY: timedelta(days=1), DigestPeriod.WEEKLY: timedelta(days=7)}


class Digests:
    """Makes digests that are due."""

    def __init__(
        self, store: Store, clock: Clock, notifications: Notifications, outbox: Outbox, unsubscribing: Unsubscribing
    ) -> None:
        self._store = store
        self._clock = clock
        self._notifications = notifications
        self._outbox = outbox
        self._unsubscribing = unsubscribing

    async def make_due(self) -> int:
        """Put the digests that are due into the outbox; how many had something to say. A job's work."""
        made = 0
        while True:
            due = await self._store.notification_choices.find(
                {"digest_at": {"$lte": self._clock.now()}}, sort=[("digest_at", 1)], limit=_AT_ONCE
            )
            for choices in due:
                made += await self._make(choices)
            if len(due) < _AT_ONCE:
                return made

    async def _make(self, choices: NotificationChoices) -> bool:
        period, due_at, now = DigestPeriod(choices.digest), choices.digest_at, self._clock.now()
        if due_at is None:
            return False
        user = await self._store.users.get(choices.id)
        put = False
        if user is not None and not user.is_suspended and not user.is_demo and period is not DigestPeriod.OFF:
            put = await self._put(user, choices, period)
        # After the mail is in the outbox: who falls over between finds its key there and puts no second one.
        following = next_digest(now, None if user is None else user.country, period) if user is not None else None
        fields = {"digest_after": now - SETTLES} | ({} if following is None else {"digest_at": following})
        update = {"$set": fields} | ({"$unset": {"digest_at": ""}} if following is None else {})
        await self._store.notification_choices.update({"_id": choices.id, "digest_at": due_at}, update)
        return put

    async def _put(self, user: User, choices: NotificationChoices, period: DigestPeriod) -> bool:
        due_at = choices.digest_at or self._clock.now()
        until = self._clock.now() - SETTLES
        since = choices.digest_after or due_at - _PERIODS[period]
        await self._notifications.collect(user.id)
        listed = await self._store.notifications.page(user.id, unread_only=True, before=None, limit=_LOOKED_AT)
        others = await self._store.unlisted_notifications.latest(user.id, limit=_LOOKED_AT)

        def belongs(one: Notification) -> bool:
            return since < one.created_at <= until and opens(choices, Kind(one.kind), Channel.EMAIL)

        news = sorted((one for one in [*listed, *others] if belongs(one)), key=lambda one: one.id, reverse=True)
        if not news:
            return False
        url = self._unsubscribing.url(user.id)
        words = digest(
            user.first_name or user.username,
            [Line(one.message, f"{self._unsubscribing.home}{path_to(one)}") for one in news[:LINES]],
            more=max(0, len(news) - LINES),
            home=f"{self._unsubscribing.home}/",
            unsubscribe_url=url,
        )
        # The day alone: whatever happens to the hour meanwhile (a move, a changed mind), one morning has one digest.
        key = f"digest:{user.id}:{due_at:%Y-%m-%d}"
        return await self._outbox.put(key, user.email, words, unsubscribe_url=url)
