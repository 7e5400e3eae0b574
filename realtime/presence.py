"""Carries "somebody is here, or plays something else" to whoever follows them, alone or as a friend among friends.

Owns the topic `presence:{user_id}` and the sources behind it. A change costs one message between processes, and here as
many as listen now, however many follow that person. Refuses to know who may see whom: each source asks for its viewer.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any
from weakref import WeakSet

from realtime.broker import Broker
from realtime.hub import Hub, Subscription
from realtime.people_news import FOLLOWS_KIND, SEEN_KIND, SourcesOf
from services.errors import TooMany, Unavailable
from services.events import Bus, Event, PresenceChanged
from services.presence.presences import FRIENDS_LIMIT, Presences, Seen, in_order
from services.viewer import Viewer

KIND = "presence"
LISTENERS_LIMIT = 20_000
"""So many may follow their friends at once; each is a set of at most 200 ids."""


class PresenceNews:
    """Between `start` and `stop`, what one process counted every process tells; called, it opens a person's source."""

    def __init__(self, *, presences: Presences, bus: Bus, broker: Broker, hub: Hub) -> None:
        self._presences = presences
        self._bus = bus
        self._broker = broker
        self._hub = hub
        self._undo: list[Callable[[], None]] = []
        self._listeners: WeakSet[FriendsSource] = WeakSet()
        self._sources = SourcesOf()
        self._by_friend: dict[str, WeakSet[FriendsSource]] = {}

    def start(self) -> None:
        """Begin to carry."""
        self._undo = [self._broker.listen(self._heard), self._bus.hear(PresenceChanged, self._told)]

    def stop(self) -> None:
        """Carry no more."""
        while self._undo:
            self._undo.pop()()

    def look_again(self) -> int:
        """Let everybody who follows somebody here read anew."""
        found = sum(self._hub.publish(topic, None) for topic in self._hub.topics if topic.startswith(f"{KIND}:"))
        for listener in list(self._listeners):
            listener.look_again()
        return found + len(self._listeners)

    async def __call__(self, viewer: Viewer, user_id: str) -> PersonSource:
        """Keeps `graph.feeds.StateFeed`: how somebody is now, then after each change. NotFound as for reading it."""
        # Listening first, then reading, so that a change between the two is not lost.
        subscription = self._hub.subscribe(f"{KIND}:{user_id}")
        source = PersonSource(self._presences, subscription, viewer, user_id, self._sources)
        try:
            await source.begin()
        except BaseException:
            await source.aclose()
            raise
        return source

    async def friends(self, viewer: Viewer) -> FriendsSource:
        """The viewer's friends who are here, now and after each change. TooMany when the house is full."""
        if len(self._listeners) >= LISTENERS_LIMIT:
            raise TooMany("Too many listeners just now.", retry_after=5.0)
        source = FriendsSource(self, self._presences, viewer)
        self._listeners.add(source)
        self._sources.add(viewer.user_id, source)
        await source.begin()
        return source

    def listen(self, source: FriendsSource, user_ids: frozenset[str]) -> None:
        """Let a source hear of these people and of no others; of nobody, and it has left."""
        for user_id in source.heard_of - user_ids:
            listeners = self._by_friend.get(user_id)
            if listeners is not None:
                listeners.discard(source)
                if not listeners:
                    del self._by_friend[user_id]
        for user_id in user_ids - source.heard_of:
            self._by_friend.setdefault(user_id, WeakSet()).add(source)
        source.heard_of = user_ids

    def leave(self, source: FriendsSource) -> None:
        """A source has ended."""
        self.listen(source, frozenset())
        self._listeners.discard(source)
        self._sources.discard(source.viewer.user_id, source)

    def _told(self, event: Event) -> None:
        if isinstance(event, PresenceChanged):
            self._broker.publish(f"{KIND}:{event.user_id}", {})

    def _heard(self, topic: str, ids: dict[str, Any]) -> None:
        kind, _, user_id = topic.partition(":")
        if kind in (KIND, "now_playing", SEEN_KIND):
            self._hub.publish(f"{KIND}:{user_id}", None)
            for listener in list(self._by_friend.get(user_id, ())):
                listener.read_anew(user_id)
        elif kind == FOLLOWS_KIND:
            self._sources.look_again(user_id)


class PersonSource:
    """One viewer following one person. Not a generator, as `realtime/now_playing.py` says."""

    def __init__(
        self, presences: Presences, subscription: Subscription, viewer: Viewer, user_id: str, sources: SourcesOf
    ) -> None:
        self._presences = presences
        self._sources = sources
        self._subscription = subscription
        self._viewer = viewer
        self._user_id = user_id
        self._present: Seen | None = None
        self._last: Seen | None = None

    def __aiter__(self) -> PersonSource:
        return self

    async def begin(self) -> None:
        """Hear of follows, and read the present. NotFound as for reading it."""
        self._sources.add(self._viewer.user_id, self)
        self._present = await self._presences.read(self._viewer, self._user_id)

    async def __anext__(self) -> Seen:
        """The next that differs from the last. Ends as reading ends: NotFound when the viewer may not see it any more;
        while nobody can tell, it waits."""
        while True:
            if self._present is None:
                await anext(self._subscription)
                try:
                    seen = await self._presences.read(self._viewer, self._user_id)
                except Unavailable:
                    continue
            else:
                seen, self._present = self._present, None
            if seen != self._last:
                self._last = seen
                return seen

    def look_again(self) -> None:
        """The viewer follows others than before, perhaps this person no more."""
        self._subscription.offer(None)

    async def aclose(self) -> None:
        """Stop listening."""
        self._sources.discard(self._viewer.user_id, self)
        self._subscription.close()


class FriendsSource:
    """One viewer following their friends: reads anew those of whom it heard, and whom the viewer follows by now."""

    def __init__(self, news: PresenceNews, presences: Presences, viewer: Viewer) -> None:
        self.viewer = viewer
        self.heard_of: frozenset[str] = frozenset()
        self._news = news
        self._presences = presences
        self._known: dict[str, Seen] = {}
        self._stale: set[str] = set()
        self._all = False
        self._woken = asyncio.Event()
        self._present: list[Seen] | None = None
        self._last: list[Seen] | None = None
        self._closed = False

    def __aiter__(self) -> FriendsSource:
        return self

    async def begin(self) -> None:
        """Listen, and read everybody for the first time."""
        self._all = True
        try:
            self._present = await self._read()
        except BaseException:
            self._close()
            raise

    def read_anew(self, user_id: str) -> None:
        """Somebody changed."""
        if len(self._stale) <= FRIENDS_LIMIT:
            self._stale.add(user_id)
        self._woken.set()

    def look_again(self) -> None:
        """The viewer follows others than before, or something may have been missed."""
        self._all = True
        self._woken.set()

    async def __anext__(self) -> list[Seen]:
        """The friends who are here, when they differ from the last time; while nobody can tell, it waits."""
        while True:
            if self._closed:
                raise StopAsyncIteration
            if self._present is None:
                await self._woken.wait()
                self._woken.clear()
                try:
                    found = await self._read()
                except Unavailable:
                    continue
            else:
                found, self._present = self._present, None
            if found != self._last:
                self._last = found
                return found

    async def aclose(self) -> None:
        """Stop listening."""
        self._close()

    async def _read(self) -> list[Seen]:
        ids = await self._presences.friend_ids(self.viewer)
        if not self._closed:
            self._news.listen(self, frozenset(ids))
        stale, everybody = self._stale, self._all
        self._stale, self._all = set(), False
        asked = [id for id in ids if everybody or id in stale or id not in self._known]
        try:
            read = await self._presences.read_many(self.viewer, asked) if asked else {}
        except BaseException:
            self._stale |= stale
            self._all |= everybody
            raise
        kept = {id: seen for id, seen in self._known.items() if id not in asked}
        merged = kept | read
        self._known = {id: merged.get(id, Seen(id)) for id in ids}
        return in_order(self._known.values())

    def _close(self) -> None:
        self._closed = True
        self._news.leave(self)
        self._woken.set()
