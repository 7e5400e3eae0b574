"""Hears what happens on the bus and tells whom it concerns.

Owns the choice of receivers for each event, and the one task that works through a bounded queue. Never about oneself,
never from somebody who is not there. Refuses to know how notifications are kept and how they travel.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from services.accounts.people_access import PeopleAccess
from services.clock import Clock
from services.errors import Unavailable
from services.events import (
    AlbumReleased,
    Bus,
    ContentModerated,
    Event,
    PlaylistChanged,
    PlaylistFollowed,
    PlaylistInvited,
    ReviewFoundHelpful,
    ReviewHidden,
    RoomInvited,
    SubscriptionChanged,
    SubscriptionStep,
    UserFollowed,
)
from services.notifications import kinds
from services.notifications.notifications import Notifications
from storage.collections.store import Store
from storage.engine import Document
from storage.records import User

log = logging.getLogger("tutti.notifications")

HEARD = (
    UserFollowed,
    PlaylistInvited,
    PlaylistFollowed,
    PlaylistChanged,
    ReviewFoundHelpful,
    ReviewHidden,
    AlbumReleased,
    SubscriptionChanged,
    ContentModerated,
    RoomInvited,
)
FAN_OUT = 1000
"""Up to so many followers are written to each; news for more is kept once, and handed over when they look."""
_WRITTEN_AT_ONCE = 250
_STOP_S = 5.0
_RETRIES_S = (0.5, 1.0, 2.0, 4.0, 8.0)
_EDITS_REMEMBERED = 10_000


class Announcer:
    """Between `start` and `stop`, what happens is told. At most `queue_limit` events wait; beyond they are dropped.

    A burst is collected for `lingers_s`, so that a hundred edits of a playlist are looked at once.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        bus: Bus,
        people: PeopleAccess,
        notifications: Notifications,
        *,
        queue_limit: int = 10_000,
        lingers_s: float = 0.05,
    ) -> None:
        self._store = store
        self._clock = clock
        self._bus = bus
        self._people = people
        self._notifications = notifications
        self._queue: asyncio.Queue[Event] = asyncio.Queue(queue_limit)
        self._lingers_s = lingers_s
        self._dropped = 0
        self._task: asyncio.Task[None] | None = None
        self._undo: list[Callable[[], None]] = []
        self._edits: OrderedDict[tuple[str, str], datetime] = OrderedDict()

    async def start(self) -> None:
        """Begin to hear and to tell."""
        if self._task is None:
            self._undo = [self._bus.hear(kind, self._note) for kind in HEARD]
            self._task = asyncio.create_task(self._work(), name="notifications announcer")

    async def stop(self) -> None:
        """Hear no more, tell what waits for at most five seconds, and end. Safe in any state."""
        while self._undo:
            self._undo.pop()()
        task, self._task = self._task, None
        if task is None:
            return
        self._lingers_s = 0
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._queue.join(), _STOP_S)
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task

    async def settled(self) -> None:
        """Return once everything heard so far has been told."""
        await self._queue.join()

    def _note(self, event: Event) -> None:
        try:
            self._queue.put_nowait(event)
        except asyncio.QueueFull:
            if not self._dropped:
                log.warning("notifications are falling behind, events are dropped")
            self._dropped += 1

    async def _work(self) -> None:
        while True:
            burst = [await self._queue.get()]
            await asyncio.sleep(self._lingers_s)
            while not self._queue.empty():
                burst.append(self._queue.get_nowait())
            if self._dropped:
                log.warning("events were dropped without being told", extra={"events": self._dropped})
                self._dropped = 0
            try:
                for event in _once_each(burst):
                    await self._try_to_tell(event)
            finally:
                for _ in burst:
                    self._queue.task_done()

    async def _try_to_tell(self, event: Event) -> None:
        for wait_s in (*_RETRIES_S, None):
            try:
                await self._tell(event)
                return
            except Unavailable:
                if wait_s is None:
                    log.warning("an event was not told, the store is away", extra={"event": type(event).__name__})
                    return
                await asyncio.sleep(wait_s)
            except Exception:
                # One event's bug is not the others'.
                log.exception("an event could not be told", extra={"event": type(event).__name__})
                return

    async def _tell(self, event: Event) -> None:
        match event:
            case UserFollowed():
                await self._tell_of(event.user_id, [event.target_id], kinds.followed)
            case PlaylistInvited():
                await self._tell_of_playlist(event.by_id, event.playlist_id, kinds.playlist_invited, [event.user_id])
            case RoomInvited():
                await self._tell_of_room(event)
            case PlaylistFollowed():
                await self._tell_of_playlist(
                    event.user_id, event.playlist_id, kinds.playlist_followed, [event.owner_id]
                )
            case PlaylistChanged():
                await self._tell_of_edit(event)
            case ReviewFoundHelpful():
                if event.by_id != event.author_id:
                    news = kinds.review_helpful(event.review_id, self._clock.now())
                    await self._notifications.tell(news, await self._there([event.author_id]))
            case ReviewHidden():
                news = kinds.review_hidden(event.review_id)
                await self._notifications.tell(news, await self._there([event.author_id]))
            case SubscriptionChanged():
                await self._notifications.tell(_of_subscription(event), await self._there([event.user_id]))
            case ContentModerated():
                kind = kinds.TargetKind(event.kind)
                news = kinds.content_decided(kind, event.target_id, event.name, hidden=event.hidden, at=event.at)
                await self._notifications.tell(news, await self._there([event.owner_id]))
            case AlbumReleased():
                await self._tell_of_album(event)

    async def _tell_of(self, actor_id: str, receiver_ids: Sequence[str], worded: Callable[[User], kinds.News]) -> None:
        others = [id for id in dict.fromkeys(receiver_ids) if id != actor_id]
        if not others:
            return
        found = await self._people.standing_many([actor_id, *others])
        if actor_id in found:
            hear = [id for id in others if id in found and not _deaf(found[id], actor_id)]
            await self._notifications.tell(worded(found[actor_id]), hear)

    async def _tell_of_playlist(
        self,
        actor_id: str,
        playlist_id: str,
        worded: Callable[[User, kinds.PlaylistTitle], kinds.News],
        receiver_ids: Sequence[str],
    ) -> None:
        playlist = await self._playlist(playlist_id)
        if playlist is not None:
            title = kinds.PlaylistTitle(playlist_id, playlist["name"])
            await self._tell_of(actor_id, receiver_ids, lambda actor: worded(actor, title))

    async def _tell_of_room(self, event: RoomInvited) -> None:
        rooms, fields = self._store.rooms, ["name", "closed", "invited"]
        found = await rooms.engine.find(rooms.name, {"_id": event.room_id, "closed": False}, limit=1, fields=fields)
        # Taken back meanwhile, or they came already.
        if found and any(each["user_id"] == event.user_id for each in found[0].get("invited", ())):
            name = found[0]["name"]
            await self._tell_of(
                event.by_id, [event.user_id], lambda actor: kinds.room_invited(actor, event.room_id, name)
            )

    async def _tell_of_edit(self, event: PlaylistChanged) -> None:
        now = self._clock.now()
        if event.gone or self._edits.get((event.playlist_id, event.by_id)) == _hour(now):
            return
        playlist = await self._playlist(event.playlist_id)
        if playlist is None:
            return
        shared_by = [playlist["user_id"], *playlist.get("collaborator_ids", ())]
        title = kinds.PlaylistTitle(event.playlist_id, playlist["name"])

        def worded(actor: User) -> kinds.News:
            return kinds.playlist_changed(actor, title, now, event.songs, event.edit)

        await self._tell_of(event.by_id, shared_by, worded)
        self._edits[(event.playlist_id, event.by_id)] = _hour(now)
        while len(self._edits) > _EDITS_REMEMBERED:
            self._edits.popitem(last=False)

    async def _tell_of_album(self, event: AlbumReleased) -> None:
        album, artist = await asyncio.gather(
            self._store.albums.get(event.album_id), self._store.artists.get(event.artist_id)
        )
        if album is None or artist is None or album.is_hidden or artist.is_hidden:
            return
        news = kinds.album_released(album)
        edges = await self._store.followed_artists.find(
            {"target_id": event.artist_id}, sort=[("created_at", -1)], limit=FAN_OUT + 1
        )
        if len(edges) > FAN_OUT:
            await self._notifications.broadcast(news, event.artist_id)
            return
        followers = [edge.user_id for edge in edges if edge.user_id != artist.owner_id]
        for start in range(0, len(followers), _WRITTEN_AT_ONCE):
            await self._notifications.tell(news, followers[start : start + _WRITTEN_AT_ONCE])

    async def _playlist(self, id: str) -> Document | None:
        """A playlist without its entries, of which there may be ten thousand; None when absent or moderated away."""
        playlists = self._store.playlists
        fields = ["name", "user_id", "collaborator_ids", "is_hidden"]
        found = await playlists.engine.find(playlists.name, {"_id": id}, limit=1, fields=fields)
        return found[0] if found and not found[0].get("is_hidden") else None

    async def _there(self, user_ids: Sequence[str]) -> list[str]:
        return list(await self._people.standing_many(user_ids))


def _deaf(receiver: User, actor_id: str) -> bool:
    """Whether somebody will not hear of somebody else, or is not to."""
    return any(actor_id in ids for ids in (receiver.blocked_ids, receiver.blocked_by_ids, receiver.muted_ids))


def _once_each(burst: Sequence[Event]) -> list[Event]:
    """The events of a burst, a playlist's edits by one person once (the last, which says whether it is gone)."""
    last: dict[object, Event] = {}
    for event in burst:
        if isinstance(event, PlaylistChanged):
            key = (event.playlist_id, event.by_id)
            before = last.get(key)
            if isinstance(before, PlaylistChanged):
                edit = event.edit if event.edit == before.edit else ""
                event = replace(event, songs=event.songs + before.songs, edit=edit)
            last[key] = event
        else:
            last[event] = event
    return list(last.values())


def _of_subscription(event: SubscriptionChanged) -> kinds.News:
    match event.step:
        case SubscriptionStep.BEGAN:
            return kinds.subscription_began(event.user_id, event.tier, event.at, event.until)
        case SubscriptionStep.RENEWAL_FAILED:
            return kinds.subscription_renewal_failed(
                event.user_id, event.tier, event.at.date().isoformat(), event.until
            )
        case SubscriptionStep.ENDS_SOON:
            return kinds.subscription_ends_soon(event.user_id, event.tier, event.until or event.at)
        case SubscriptionStep.ENDED:
            return kinds.subscription_ended(event.user_id, event.tier, event.until or event.at)
        case SubscriptionStep.TRIAL_ENDS:
            return kinds.trial_ends_soon(event.user_id, event.tier, event.until or event.at)


def _hour(moment: datetime) -> datetime:
    return moment.replace(minute=0, second=0, microsecond=0)
