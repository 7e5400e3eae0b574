"""Carries news of notifications from the bus, through the broker, to whom they belong.

Owns the topics `notifications:{user_id}` in the hub and the sources behind the notifications subscription and `/ws`.
Only ids travel: each source reads its notifications with its own viewer (`services/notifications/`), so nobody gets
another's; and each reads on from its own place, so a word that is lost or comes twice costs nothing.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from realtime.broker import Broker
from realtime.hub import Hub, Subscription
from services.events import BroadcastMade, Bus, Event, NotificationsRead, Notified
from services.notifications.notifications import Notifications
from services.notifications.places import Place, read_place
from services.viewer import Role, Viewer
from storage.records import Notification

KIND = "notifications"
NOTIFIED = "notified"
BROADCAST = "broadcast_made"
READ = "notifications_read"
LOOK = ""
"""In place of an id: there may be something for you, a broadcast perhaps."""
TRAIL_PAGE = 50
_IDS_IN_A_NOTE = 100
_REMEMBERED = 100


@dataclass(frozen=True, slots=True)
class ReadElsewhere:
    """In place of an id: these were read or removed; without ids, all were read."""

    ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TrailPage:
    """What a device is told at once: new ones (`more` follow), or what was read elsewhere. `place` is its place then.

    `read` names what was read or removed; empty and `all_read`: everything. `unread` counts what is not read now.
    """

    items: Sequence[Notification]
    place: Place
    more: bool
    unread: int
    read: tuple[str, ...] = ()
    all_read: bool = False


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
            self._broker.on_return(self._look_again),
            self._bus.hear(Notified, self._told),
            self._bus.hear(BroadcastMade, self._told),
            self._bus.hear(NotificationsRead, self._told),
        ]

    def stop(self) -> None:
        """Carry no more."""
        while self._undo:
            self._undo.pop()()

    async def __call__(self, viewer: Viewer, after: str | None) -> NotificationSource:
        """Keeps `services.notifications.notifications.NotificationFeed`: what was missed, then each new one, once."""
        place = None if after is None else read_place(after)
        return NotificationSource(await self.trail(viewer, place))

    async def trail(self, viewer: Viewer, place: Place | None) -> NotificationTrail:
        """Follow the viewer's notifications from a place on; None begins with what comes from now on."""
        user_id = viewer.require(Role.LISTENER)
        # Listening first, then reading, so that what is written between the two is not lost.
        subscription = self._hub.subscribe(f"{KIND}:{user_id}")
        try:
            start = await self._notifications.place_now(viewer) if place is None else place
        except BaseException:
            subscription.close()
            raise
        subscription.offer(LOOK)
        return NotificationTrail(self._notifications, subscription, viewer, start)

    def _told(self, event: Event) -> None:
        if isinstance(event, BroadcastMade):
            self._broker.publish(BROADCAST, {"broadcast_id": event.broadcast_id})
        elif isinstance(event, NotificationsRead):
            self._broker.publish(READ, {"user_id": event.user_id, "ids": list(event.ids)})
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
        elif topic == READ:
            self._hub.publish(f"{KIND}:{ids['user_id']}", ReadElsewhere(tuple(ids["ids"])))
        elif topic == BROADCAST:
            self._look_again()

    def _look_again(self) -> None:
        """Let everybody who listens here look: another process may have written what we did not hear of."""
        for listened in self._hub.topics:
            if listened.startswith(f"{KIND}:"):
                self._hub.publish(listened, LOOK)


class NotificationTrail:
    """One device on its way through somebody's notifications, a page at a time. Not a generator, as
    `realtime/now_playing.py` says. The first page comes at once, even an empty one: it tells where the device stands.
    """

    def __init__(self, notifications: Notifications, subscription: Subscription, viewer: Viewer, place: Place) -> None:
        self._notifications = notifications
        self._subscription = subscription
        self._viewer = viewer
        self._place = place
        self._told: deque[str] = deque(maxlen=_REMEMBERED)
        self._more = False
        self._begun = False

    def __aiter__(self) -> NotificationTrail:
        return self

    async def __anext__(self) -> TrailPage:
        """The next page, with none told twice; one that was removed meanwhile is passed over."""
        while True:
            if not self._more:
                word = await anext(self._subscription)
                if isinstance(word, ReadElsewhere):
                    unread = await self._notifications.unread(self._viewer)
                    return TrailPage((), self._place, False, unread, word.ids, not word.ids)
                if word == LOOK:
                    await self._notifications.collect(self._viewer.require(Role.LISTENER))
                elif word in self._told:
                    continue
            rows, self._place, self._more = await self._notifications.since(self._viewer, self._place, limit=TRAIL_PAGE)
            self._told.extend(one.id for one in rows)
            if rows or not self._begun:
                self._begun = True
                return TrailPage(rows, self._place, self._more, await self._notifications.unread(self._viewer))

    async def aclose(self) -> None:
        """Stop listening."""
        self._subscription.close()


class NotificationSource:
    """A trail, notification by notification, as the GraphQL subscription tells it."""

    def __init__(self, trail: NotificationTrail) -> None:
        self._trail = trail
        self._ready: deque[Notification] = deque()

    def __aiter__(self) -> NotificationSource:
        return self

    async def __anext__(self) -> Notification:
        """The next notification, none twice."""
        while not self._ready:
            self._ready.extend((await anext(self._trail)).items)
        return self._ready.popleft()

    async def aclose(self) -> None:
        """Stop listening."""
        await self._trail.aclose()
