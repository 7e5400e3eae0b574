"""Carries news of notifications from the bus, through the broker, to whom they belong.

Owns the topics `notifications:{user_id}` in the hub and the source behind the notifications subscription. Only ids
travel: each source reads its notifications with its own viewer (`services/notifications/`), so nobody gets another's.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Callable
from typing import Any

from realtime.broker import Broker
from realtime.hub import Hub, Subscription
from services.events import BroadcastMade, Bus, Event, Notified
from services.notifications.notifications import Notifications, place_of
from services.viewer import Role, Viewer
from storage.records import Notification

KIND = "notifications"
NOTIFIED = "notified"
BROADCAST = "broadcast_made"
LOOK = ""
"""In place of an id: there is a broadcast, look whether it concerns you."""
_IDS_IN_A_NOTE = 100
_TOLD_REMEMBERED = 2000


class NotificationNews:
    """Between `start` and `stop`, what one process wrote every process delivers; called, it opens a source."""

    def __init__(self, *, notifications: Notifications, bus: Bus, broker: Broker, hub: Hub) -> None:
        self._notifications = notifications
        self._bus = bus
        self._broker = broker
        self._hub = hub
        self._undo: list[Callable[[], None]] = []

    def start(self) -> None:
        """Begin to carry."""
        self._undo = [
            self._broker.listen(self._heard),
            self._bus.hear(Notified, self._told),
            self._bus.hear(BroadcastMade, self._told),
        ]

    def stop(self) -> None:
        """Carry no more."""
        while self._undo:
            self._undo.pop()()

    async def __call__(self, viewer: Viewer, after: str | None) -> NotificationSource:
        """Keeps `services.notifications.notifications.NotificationFeed`: what was missed, then each new one, once."""
        user_id = viewer.require(Role.LISTENER)
        place = None if after is None else place_of(after)
        # Listening first, then reading, so that what is written between the two is not lost.
        subscription = self._hub.subscribe(f"{KIND}:{user_id}")
        subscription.offer(LOOK)
        return NotificationSource(self._notifications, subscription, viewer, place)

    def _told(self, event: Event) -> None:
        if isinstance(event, BroadcastMade):
            self._broker.publish(BROADCAST, {"broadcast_id": event.broadcast_id})
        elif isinstance(event, Notified):
            # An album's thousand followers are ten notes, not a thousand: the way to the other processes is narrow.
            for start in range(0, len(event.notices), _IDS_IN_A_NOTE):
                some = event.notices[start : start + _IDS_IN_A_NOTE]
                ids = {"user_ids": [user_id for user_id, _ in some], "ids": [id for _, id in some]}
                self._broker.publish(NOTIFIED, ids)

    def _heard(self, topic: str, ids: dict[str, Any]) -> None:
        if topic == NOTIFIED:
            for user_id, id in zip(ids["user_ids"], ids["ids"], strict=True):
                self._hub.publish(f"{KIND}:{user_id}", id)
        elif topic == BROADCAST:
            for listened in self._hub.topics:
                if listened.startswith(f"{KIND}:"):
                    self._hub.publish(listened, LOOK)


class NotificationSource:
    """One viewer listening to their own notifications. Not a generator, as `realtime/now_playing.py` says."""

    def __init__(
        self, notifications: Notifications, subscription: Subscription, viewer: Viewer, place: str | None
    ) -> None:
        self._notifications = notifications
        self._subscription = subscription
        self._viewer = viewer
        self._place = place
        self._ready: deque[Notification] = deque()
        self._told: OrderedDict[str, None] = OrderedDict()

    def __aiter__(self) -> NotificationSource:
        return self

    async def __anext__(self) -> Notification:
        """The next notification, none twice; one that was removed meanwhile is passed over."""
        while not self._ready:
            if self._place is not None:
                self._take(await self._catch_up(self._place))
                continue
            id = await anext(self._subscription)
            if id == LOOK:
                await self._notifications.collect(self._viewer.require(Role.LISTENER))
            elif id not in self._told:
                self._take(await self._notifications.get_many(self._viewer, [id]))
        return self._ready.popleft()

    async def aclose(self) -> None:
        """Stop listening."""
        self._subscription.close()

    async def _catch_up(self, place: str) -> list[Notification]:
        missed = await self._notifications.missed(self._viewer, place)
        self._place = missed[-1].id if missed else None
        return missed

    def _take(self, found: list[Notification]) -> None:
        for one in found:
            if one.id not in self._told:
                self._told[one.id] = None
                self._ready.append(one)
        while len(self._told) > _TOLD_REMEMBERED:
            self._told.popitem(last=False)
