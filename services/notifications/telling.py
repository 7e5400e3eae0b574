"""Tells people news in the ways each of them chose: in their list, by push, by mail.

Owns what is written where, and the words on the bus that carry it on. Refuses to know why there is news
(`announcer.py`) and how it travels.
"""

from __future__ import annotations

from collections.abc import Sequence

from services.clock import Clock
from services.events import Bus, Notified, PushDue
from services.notifications.channels import Channel, opens
from services.notifications.kinds import Kind, News
from services.notifications.turns import Turns
from storage.collections.store import Store
from storage.records import Notification


class Telling:
    """Writes news to people, each at most once by its key."""

    def __init__(self, store: Store, clock: Clock, bus: Bus, turns: Turns) -> None:
        self._store = store
        self._clock = clock
        self._bus = bus
        self._turns = turns

    def made(self, news: News, user_id: str) -> Notification:
        """News as somebody's notification, not written yet."""
        return Notification(
            id=self._clock.new_id(),
            user_id=user_id,
            key=news.key,
            kind=news.kind,
            title=news.title,
            message=news.message,
            created_at=self._clock.now(),
            actor_id=news.actor_id,
            target_kind=news.target_kind,
            target_id=news.target_id,
        )

    async def tell(self, made: Sequence[Notification]) -> int:
        """Write these and publish those that were new; how many. Four store commands, five when some want none of it
        in their list; as many again as there are more than one for a person."""
        if not made:
            return 0
        choices = await self._store.notification_choices.get_many(list(dict.fromkeys(one.user_id for one in made)))

        def goes(one: Notification, channel: Channel) -> bool:
            return opens(choices.get(one.user_id), Kind(one.kind), channel)

        added = await self._turns.write([one for one in made if goes(one, Channel.IN_APP)])
        if added:
            self._bus.publish(Notified(tuple((one.user_id, one.id) for one in added)))
        self._push([one for one in added if goes(one, Channel.PUSH)], unlisted=False)
        others = [
            one for one in made
            if not goes(one, Channel.IN_APP) and (goes(one, Channel.PUSH) or goes(one, Channel.EMAIL))
        ]  # fmt: skip
        refused = await self._store.unlisted_notifications.add(others)
        unlisted = [one for position, one in enumerate(others) if position not in refused]
        self._push([one for one in unlisted if goes(one, Channel.PUSH)], unlisted=True)
        return len(added) + len(unlisted)

    def _push(self, due: Sequence[Notification], *, unlisted: bool) -> None:
        if due:
            self._bus.publish(PushDue(tuple((one.user_id, one.id) for one in due), unlisted))
