"""What each person was told: kept newest first, read, marked, removed, and swept beyond the newest 1,000.

Owns the rule that notifications are their receiver's alone, and the handing over of broadcasts (news for more followers
than are written to each) when somebody looks. Refuses to know why there is news (`announcer.py`) and how it travels: it
publishes `Notified`.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from typing import Protocol

from services.clock import Clock
from services.errors import Invalid, NotFound
from services.events import BroadcastMade, Bus, NotificationsRead, Notified
from services.notifications.kinds import News
from services.notifications.places import NAMED, START, Place, read_place
from services.paging import Page, Slice, read_cursor, write_cursor
from services.typed_text import is_id
from services.viewer import Role, Viewer
from storage.collections.store import Store
from storage.engine import DuplicateKey
from storage.records import Broadcast, Notification

KEPT = 1000
"""How many notifications somebody keeps; the oldest beyond go at the next sweep."""
BROADCASTS_KEPT_FOR = timedelta(days=30)
PLACES_KEPT_FOR = timedelta(days=400)
_BATCH = 100
_ID = re.compile(r"[0-9A-HJKMNP-TV-Z]{26}")


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

    async def listing(
        self, viewer: Viewer, part: Slice, *, unread_only: bool = False, counted: bool = True
    ) -> Page[Notification]:
        """One page of the viewer's notifications, newest first. `total` is 0 unless `counted`."""
        user_id = viewer.require(Role.LISTENER)
        before = None if part.cursor is None else _id_in(part.cursor)
        await self.collect(user_id)
        shelf = self._store.notifications
        found = await shelf.page(
            user_id, unread_only=unread_only, before=before, limit=part.limit + 1, skip=part.offset
        )
        rows = found[: part.limit]
        return Page(
            items=rows,
            cursors=[write_cursor([row.id]) for row in rows],
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
        return sorted((one for one in found.values() if one.user_id == user_id), key=lambda one: one.id)

    async def missed(self, viewer: Viewer, after: str) -> list[Notification]:
        """The first 100 of the viewer's notifications after that id, oldest first."""
        return await self._store.notifications.since(viewer.require(Role.LISTENER), after, limit=_BATCH)

    async def since(
        self, viewer: Viewer, place: Place, *, limit: int = _BATCH
    ) -> tuple[list[Notification], Place, bool]:
        """The first of the viewer's notifications that a device at that place was not told, oldest first; the place
        after them, and whether there are more. One store command."""
        user_id = viewer.require(Role.LISTENER)
        most = limit + len(place.told) + 1
        found = await self._store.notifications.since(user_id, place.floor, limit=most)
        told = set(place.told)
        fresh = [one for one in found if one.id not in told]
        rows = fresh[:limit]
        return rows, place.after(one.id for one in rows), len(fresh) > limit

    async def place_now(self, viewer: Viewer) -> Place:
        """The place of a device that is told nothing of what is there already. One store command."""
        user_id = viewer.require(Role.LISTENER)
        newest = await self._store.notifications.page(user_id, unread_only=False, before=None, limit=NAMED + 1)
        return START.after(one.id for one in newest)

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
        if not is_id(id) or not await self._store.notifications.delete({"_id": id, "user_id": user_id}):
            raise NotFound("There is no such notification.")
        self._bus.publish(NotificationsRead(user_id, (id,)))

    async def tell(self, news: News, user_ids: Sequence[str]) -> int:
        """Write news to each of these people; how many had not been told before. One store command."""
        return await self._add([self._made(news, user_id) for user_id in user_ids])

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
        try:
            await self._store.broadcasts.insert(made)
        except DuplicateKey:
            return
        self._bus.publish(BroadcastMade(made.id))

    async def collect(self, user_id: str) -> int:
        """Hand over the broadcasts that came since somebody last looked, of artists they followed then; how many.

        One store command while there is no broadcast in the house, two when there is none that is new to them.
        """
        newest = await self._broadcasts(None)
        if not newest:
            return 0
        mark = await self._store.notification_marks.get(user_id)
        seen_id = "" if mark is None else mark.seen_id
        if newest[0].id <= seen_id:
            return 0
        fresh = [one for one in newest if one.id > seen_id]
        while len(newest) == _BATCH and newest[-1].id > seen_id:
            newest = await self._broadcasts(newest[-1].id)
            fresh += [one for one in newest if one.id > seen_id]
        added = await self._hand_over(user_id, fresh)
        # Last: whoever falls over before has the same broadcasts again, and their keys keep them single.
        await self._store.notification_marks.update({"_id": user_id}, {"$max": {"seen_id": fresh[0].id}}, upsert=True)
        return added

    async def sweep(self) -> int:
        """Remove what is over anybody's newest 1,000, and broadcasts over 30 days old; how many went. A job's work."""
        shelf = self._store.notifications
        gone = await self._store.broadcasts.delete(
            {"created_at": {"$lt": self._clock.now() - BROADCASTS_KEPT_FOR}}, many=True
        )
        gone += await self._store.notification_places.delete(
            {"seen_at": {"$lt": self._clock.now() - PLACES_KEPT_FOR}}, many=True
        )
        while overfull := await shelf.overfull(KEPT):
            for user_id in overfull:
                gone += await shelf.keep_newest(user_id, KEPT)
        return gone

    async def _broadcasts(self, before: str | None) -> list[Broadcast]:
        after = None if before is None else [before]
        return await self._store.broadcasts.find({}, sort=[("_id", -1)], limit=_BATCH, after=after)

    async def _hand_over(self, user_id: str, broadcasts: Sequence[Broadcast]) -> int:
        edges = await self._store.followed_artists.get_many([f"{user_id}:{one.artist_id}" for one in broadcasts])
        since = {edge.target_id: edge.created_at for edge in edges.values()}
        return await self._add(
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

    def _made(self, news: News, user_id: str) -> Notification:
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

    async def _add(self, made: Sequence[Notification]) -> int:
        added = await self._store.notifications.add(made)
        if added:
            self._bus.publish(Notified(tuple((one.user_id, one.id) for one in added)))
        return len(added)


def place_of(after: str) -> str:
    """The id that `after` stands for: a notification's id, or the cursor of an edge. Invalid for anything else."""
    return after if _ID.fullmatch(after) else _id_in(read_cursor(after))


def _id_in(cursor: Sequence[object]) -> str:
    id = cursor[0] if len(cursor) == 1 else None
    if not isinstance(id, str) or not _ID.fullmatch(id):
        raise Invalid("This cursor belongs to another list.", field="after")
    return id
