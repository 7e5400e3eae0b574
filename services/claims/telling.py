"""Tells people about claims, each once: in their list, and by mail. Refuses to know what is said (`letters.py`)."""

from __future__ import annotations

from services.claims import letters
from services.mail.outbox import Outbox
from services.notifications.kinds import News
from services.notifications.notifications import Notifications
from storage.collections.store import Store


class ClaimNews:
    """Safe to repeat: what was told is not told again."""

    def __init__(self, store: Store, notifications: Notifications, outbox: Outbox, *, public_url: str) -> None:
        self._store = store
        self._notifications = notifications
        self._outbox = outbox
        self._home = f"{public_url.rstrip('/') or 'http://localhost'}/"

    async def tell(self, user_id: str, news: News) -> None:
        """One person, if they are still there."""
        user = await self._store.users.get(user_id)
        if user is None:
            return
        await self._notifications.tell(news, [user.id])
        if user.email and not user.is_demo:
            await self._outbox.put(
                f"{news.key}:{user.id}", user.email, letters.as_mail(news, user.username, self._home)
            )
