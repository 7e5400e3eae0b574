"""What each person was told: kept newest first, read, marked, removed, and swept beyond the newest 1,000.

Owns the rule that notifications are their receiver's alone, and the handing over of broadcasts (news for more followers
than are written to each) when somebody looks. Refuses to know why there is news (`announcer.py`), how it is written
(`telling.py`, `turns.py`) and how it travels.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from typing import Protocol

from services.clock import Clock
from services.errors import NotFound
from services.events import BroadcastMade, Bus, NotificationsRead
from services.notifications.kinds import News
from services.notifications.places import Place, place_in, read_place
from services.notifications.telling import Telling
from services.notifications.turns import Turns
from services.paging import Page, Slice, write_cursor
from services.typed_text import is_id
from services.viewer import Role, Viewer
from storage.collections.store import Store
from storage.records import Broadcast, Notification

KEPT = 1000
"""How many notifications somebody keeps; the oldest beyond go at the next sweep."""
BROADCASTS_KEPT_FOR = timedelta(days=30)
PLACES_KEPT_FOR = timedelta(days=400)
_BATCH = 100


class NotificationFeed(Protocol):
    """How a resolver listens; built in `realtime/`, handed to the graph by the composition root."""

    async def __call__(self, viewer: Viewer, after: str | None) -> AsyncIterator[Notification]:
        """What came after the place `after` (if one is given), then each new notification, once."""


class Notifications:
    """The viewer's own notifications; nobody else's can be asked for."""

    def __init__(self, store: Store, clock: Clock, bus: Bus) -> None:
        self._store = store
        self._clock = clock
        self._bus = bus
        self._turns = Turns(store)
        self._telling = Telling(store, clock, bus, self._turns)

    async def listing(
        self, viewer: Viewer, part: Slice, *, unread_only: bool = False, counted: bool = True
    ) -> Page[Notification]:
        """One page of the viewer's notifications, newest first. `total` is 0 unless `counted`."""
        user_id = viewer.require(Role.LISTENER)
        before = None if part.cursor is None else await self._turn(user_id, place_in(part.cursor))
        await self.collect(user_id)
        shelf = self._store.notifications
        found = await shelf.page(
            user_id, unread_only=unread_only, before=before, limit=part.limit + 1, skip=part.offset
        )
        rows = found[: part.limit]
        return Page(
            items=rows,
            cursors=[write_cursor([row.turn]) for row in rows],
            total=await shelf.number(user_id, unread_only=unread_only) if counted else 0,
            has_next=len(found) > part.limit,
            has_previous=before is not None or part.offset > 0,
        )

    async def unread(self, viewer: Viewer) -> int:
        """How many the viewer has not read."""
        user_id = viewer.require(Role.LISTENER)
        await self.collect(user_id)
        return await self._store.notifications.number(user_id, unread_only=True)

    async def get_many(self, viewer: Viewer, ids: Sequence[str]) -> list[Notification]:
        """Those of `ids` that are the viewer's, oldest first; the others are left out."""
        user_id = viewer.require(Role.LISTENER)
        found = await self._store.notifications.get_many([id for id in ids if is_id(id)])
        return sorted((one for one in found.values() if one.user_id == user_id), key=lambda one: one.turn)

    async def since(
        self, viewer: Viewer, place: Place, *, limit: int = _BATCH
    ) -> tuple[list[Notification], Place, bool]:
        """The first of the viewer's notifications that a device at that place was not told, oldest first; the place
        after them, and whether there are more. One store command, two or three for a place by an id."""
        user_id = viewer.require(Role.LISTENER)
        turn = await self._turn(user_id, place)
        found = await self._store.notifications.since(user_id, turn, limit=limit + 1)
        rows = found[:limit]
        return rows, Place(rows[-1].turn if rows else turn), len(found) > limit

    async def place_now(self, viewer: Viewer) -> Place:
        """The place of a device that is told nothing of what is there already. One store command."""
        return Place(await self._turns.newest(viewer.require(Role.LISTENER)))

    async def place_of_device(self, viewer: Viewer, device_id: str) -> Place | None:
        """The last place that a device of the viewer's said it holds; None for one that never said."""
        kept = await self._store.notification_places.get(f"{viewer.require(Role.LISTENER)}:{device_id}")
        return None if kept is None else read_place(kept.place)

    async def keep_place(self, viewer: Viewer, device_id: str, place: Place) -> None:
        """Keep what a device of the viewer's holds, for when it comes back without knowing."""
        user_id = viewer.require(Role.LISTENER)
        await self._store.notification_places.update(
            {"_id": f"{user_id}:{device_id}"},
            {"$set": {"user_id": user_id, "place": place.written(), "seen_at": self._clock.now()}},
            upsert=True,
        )

    async def mark_read(self, viewer: Viewer, id: str) -> Notification:
        """One of the viewer's as read; repeating it changes nothing. NotFound for absent and others' alike."""
        user_id = viewer.require(Role.LISTENER)
        found = await self._store.notifications.mark_read(id, user_id, self._clock.now()) if is_id(id) else None
        if found is None:
            raise NotFound("There is no such notification.")
        self._bus.publish(NotificationsRead(user_id, (id,)))
        return found

    async def mark_all_read(self, viewer: Viewer) -> int:
        """All of the viewer's as read; how many were not before."""
        user_id = viewer.require(Role.LISTENER)
        await self.collect(user_id)
        marked = await self._store.notifications.mark_all_read(user_id, self._clock.now())
        if marked:
            self._bus.publish(NotificationsRead(user_id))
        return marked

    async def delete(self, viewer: Viewer, id: str) -> None:
        """Remove one of the viewer's. NotFound for absent and others' alike."""
        user_id = viewer.require(Role.LISTENER)
        if not is_id(id) or not await self._turns.remove(user_id, id, self._clock.now()):
            raise NotFound("There is no such notification.")
        self._bus.publish(NotificationsRead(user_id, (id,)))

    async def tell(self, news: News, user_ids: Sequence[str]) -> int:
        """Write news to each of these people, in the ways they chose; how many had not been told before."""
        return await self._telling.tell([self._telling.made(news, user_id) for user_id in user_ids])

    async def news_of(self, user_id: str, ids: Sequence[str], *, unlisted: bool = False) -> list[Notification]:
        """Somebody's notifications of these ids, listed or not; for what carries them to that person."""
        shelf = self._store.unlisted_notifications if unlisted else self._store.notifications
        return [one for one in (await shelf.get_many(ids)).values() if one.user_id == user_id]

    async def broadcast(self, news: News, artist_id: str) -> None:
        """Keep news for all followers of an artist; each gets it when they look, or at once while they listen."""
        made = Broadcast(
            id=self._clock.new_id(),
            artist_id=artist_id,
            key=news.key,
            kind=news.kind,
            title=news.title,
            message=news.message,
            created_at=self._clock.now(),
            target_kind=news.target_kind,
            target_id=news.target_id,
        )
        if await self._turns.write_broadcast(made):
            self._bus.publish(BroadcastMade(made.id))

    async def collect(self, user_id: str) -> int:
        """Hand over the broadcasts that came since somebody last looked, of artists they followed then; how many.

        One store command while there is no broadcast in the house, two when there is none that is new to them.
        """
        newest = await self._broadcasts(None)
        if not newest:
            return 0
        mark = await self._store.notification_marks.get(user_id)
        seen = 0 if mark is None else mark.seen_turn
        if newest[0].turn <= seen:
            return 0
        fresh = [one for one in newest if one.turn > seen]
        while len(newest) == _BATCH and newest[-1].turn > seen:
            newest = await self._broadcasts(newest[-1].turn)
            fresh += [one for one in newest if one.turn > seen]
        added = await self._hand_over(user_id, fresh)
        # Last: whoever falls over before has the same broadcasts again, and their keys keep them single.
        await self._store.notification_marks.update(
            {"_id": user_id}, {"$max": {"seen_turn": fresh[0].turn}}, upsert=True
        )
        return added

    async def sweep(self) -> int:
        """Remove what is over anybody's newest 1,000, and broadcasts over 30 days old; how many went. A job's work."""
        shelf = self._store.notifications
        gone = await self._store.broadcasts.delete(
            {"created_at": {"$lt": self._clock.now() - BROADCASTS_KEPT_FOR}}, many=True
        )
        gone += await self._turns.forget_removed(self._clock.now())
        gone += await self._store.unlisted_notifications.delete(
            {"created_at": {"$lt": self._clock.now() - BROADCASTS_KEPT_FOR}}, many=True
        )
        gone += await self._store.notification_places.delete(
            {"seen_at": {"$lt": self._clock.now() - PLACES_KEPT_FOR}}, many=True
        )
        while overfull := await shelf.overfull(KEPT):
            for user_id in overfull:
                gone += await shelf.keep_newest(user_id, KEPT)
        return gone

    async def _turn(self, user_id: str, place: Place) -> int:
        return await self._turns.of(user_id, place.id) if place.id else place.turn

    async def _broadcasts(self, before: int | None) -> list[Broadcast]:
        wanted = {} if before is None else {"turn": {"$lt": before}}
        return await self._store.broadcasts.find(wanted, sort=[("turn", -1), ("_id", -1)], limit=_BATCH)

    async def _hand_over(self, user_id: str, broadcasts: Sequence[Broadcast]) -> int:
        edges = await self._store.followed_artists.get_many([f"{user_id}:{one.artist_id}" for one in broadcasts])
        since = {edge.target_id: edge.created_at for edge in edges.values()}
        return await self._telling.tell(
            [
                Notification(
                    id=self._clock.new_id(),
                    user_id=user_id,
                    key=one.key,
                    kind=one.kind,
                    title=one.title,
                    message=one.message,
                    created_at=one.created_at,
                    target_kind=one.target_kind,
                    target_id=one.target_id,
                )
                for one in reversed(broadcasts)
                if one.artist_id in since and since[one.artist_id] <= one.created_at
            ]
        )
