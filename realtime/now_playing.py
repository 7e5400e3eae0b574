"""Carries now-playing from the bus, through the broker, to everybody in the hub who may hear it.

Owns the topic `now_playing:{user_id}` and the source behind the nowPlaying subscription. Refuses to know the
visibility rule: it asks `services/now_playing.py` at the start and again for each moment.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from realtime.broker import Broker
from realtime.hub import Hub, Subscription
from realtime.people_news import FOLLOWS_KIND, SEEN_KIND, SourcesOf
from services.clock import to_epoch_ms
from services.events import Bus, Event, NowPlayingChanged
from services.now_playing import NowPlaying, NowPlayingMoment
from services.viewer import Viewer

KIND = "now_playing"
_AGAIN = object()
"""In place of a moment: whether the viewer may hear this person is to be asked again."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class NowPlayingNews:
    """Between `start` and `stop`, what one process is told every process knows; called, it opens a source."""

    def __init__(self, *, now_playing: NowPlaying, bus: Bus, broker: Broker, hub: Hub) -> None:
        self._now_playing = now_playing
        self._bus = bus
        self._broker = broker
        self._hub = hub
        self._sources = SourcesOf()
        self._undo: list[Callable[[], None]] = []

    def start(self) -> None:
        """Begin to carry."""
        self._undo = [self._broker.listen(self._heard), self._bus.hear(NowPlayingChanged, self._told)]

    def stop(self) -> None:
        """Carry no more."""
        while self._undo:
            self._undo.pop()()

    def look_again(self) -> int:
        """Let everybody who listens here ask anew whether they may, and what plays; how many."""
        topics = [topic for topic in self._hub.topics if topic.startswith(f"{KIND}:")]
        return sum(self._hub.publish(topic, _AGAIN) for topic in topics)

    async def __call__(self, viewer: Viewer, user_id: str) -> NowPlayingSource:
        """Keeps `services.now_playing.NowPlayingFeed`: the present, then each change, as this viewer may hear it."""
        # Listening first, then reading, so that a change between the two is not lost.
        subscription = self._hub.subscribe(f"{KIND}:{user_id}")
        source = NowPlayingSource(self._now_playing, subscription, viewer, user_id, self._sources)
        try:
            await source.begin()
        except BaseException:
            await source.aclose()
            raise
        return source

    def _told(self, event: Event) -> None:
        if isinstance(event, NowPlayingChanged):
            ids = {"user_id": event.user_id, "song_id": event.song_id, "at_ms": to_epoch_ms(event.at)}
            self._broker.publish(f"{KIND}:{event.user_id}", ids)

    def _heard(self, topic: str, ids: dict[str, Any]) -> None:
        kind, _, user_id = topic.partition(":")
        if kind == SEEN_KIND:
            self._hub.publish(f"{KIND}:{user_id}", _AGAIN)
        elif kind == FOLLOWS_KIND:
            self._sources.look_again(user_id)
        elif kind == KIND:
            at = _EPOCH + timedelta(milliseconds=ids["at_ms"])
            moment = NowPlayingMoment(ids["user_id"], ids["song_id"], at)
            self._now_playing.note(moment)
            self._hub.publish(topic, moment)


class NowPlayingSource:
    """One viewer listening to one user. Not a generator, because a generator closed before its start cleans nothing."""

    def __init__(
        self,
        now_playing: NowPlaying,
        subscription: Subscription,
        viewer: Viewer,
        user_id: str,
        sources: SourcesOf,
    ) -> None:
        self._now_playing = now_playing
        self._subscription = subscription
        self._viewer = viewer
        self._user_id = user_id
        self._present: NowPlayingMoment | None = None
        self._sources = sources
        self._last: NowPlayingMoment | None = None
        self._heard_until = _EPOCH

    def __aiter__(self) -> NowPlayingSource:
        return self

    async def begin(self) -> None:
        """Hear of follows, and read the present. NotFound for whom the viewer may not hear."""
        self._sources.add(self._viewer.user_id, self)
        self._present = await self._now_playing.current(self._viewer, self._user_id)

    async def __anext__(self) -> NowPlayingMoment:
        """The next moment this viewer may hear.

        Once they may not any more (they unfollowed, a private session began, a profile was closed) that reaches them as
        silence, at once and nothing after it, until they may hear again: then the present does.
        """
        if self._present is not None:
            present, self._present = self._present, None
            return self._told(present)
        while True:
            told = await anext(self._subscription)
            if told is not _AGAIN and told.at < self._heard_until:
                continue
            hears = await self._now_playing.may_hear(self._viewer, self._user_id)
            # Asked now, for a moment that was told meanwhile is forgotten where only the newest is kept.
            moment = self._now_playing.playing(self._user_id) if told is _AGAIN else told
            if not hears or moment is None:
                moment = self._now_playing.silence(self._user_id)
            if moment.song_id is None and (self._last is None or self._last.song_id is None):
                continue
            if self._last is None or not _same(moment, self._last):
                return self._told(moment, is_told=hears)

    def look_again(self) -> None:
        """The viewer follows others than before, perhaps this person no more."""
        self._subscription.offer(_AGAIN)

    async def aclose(self) -> None:
        """Stop listening."""
        self._sources.discard(self._viewer.user_id, self)
        self._subscription.close()

    def _told(self, moment: NowPlayingMoment, *, is_told: bool = True) -> NowPlayingMoment:
        self._last = moment
        if is_told:
            self._heard_until = moment.at
        return moment


def _same(one: NowPlayingMoment, other: NowPlayingMoment) -> bool:
    """Between processes, moments travel in whole milliseconds."""
    return one.song_id == other.song_id and abs(one.at - other.at) < timedelta(milliseconds=1)
