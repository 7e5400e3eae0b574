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
from services.clock import to_epoch_ms
from services.events import Bus, Event, NowPlayingChanged
from services.now_playing import NowPlaying, NowPlayingMoment
from services.viewer import Viewer

KIND = "now_playing"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class NowPlayingNews:
    """Between `start` and `stop`, what one process is told every process knows; called, it opens a source."""

    def __init__(self, *, now_playing: NowPlaying, bus: Bus, broker: Broker, hub: Hub) -> None:
        self._now_playing = now_playing
        self._bus = bus
        self._broker = broker
        self._hub = hub
        self._undo: list[Callable[[], None]] = []

    def start(self) -> None:
        """Begin to carry."""
        self._undo = [self._broker.listen(self._heard), self._bus.hear(NowPlayingChanged, self._told)]

    def stop(self) -> None:
        """Carry no more."""
        while self._undo:
            self._undo.pop()()

    async def __call__(self, viewer: Viewer, user_id: str) -> NowPlayingSource:
        """Keeps `services.now_playing.NowPlayingFeed`: the present, then each change, as this viewer may hear it."""
        # Listening first, then reading, so that a change between the two is not lost.
        subscription = self._hub.subscribe(f"{KIND}:{user_id}")
        try:
            present = await self._now_playing.current(viewer, user_id)
        except BaseException:
            subscription.close()
            raise
        return NowPlayingSource(self._now_playing, subscription, viewer, user_id, present)

    def _told(self, event: Event) -> None:
        if isinstance(event, NowPlayingChanged):
            ids = {"user_id": event.user_id, "song_id": event.song_id, "at_ms": to_epoch_ms(event.at)}
            self._broker.publish(f"{KIND}:{event.user_id}", ids)

    def _heard(self, topic: str, ids: dict[str, Any]) -> None:
        if topic.startswith(f"{KIND}:"):
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
        present: NowPlayingMoment | None,
    ) -> None:
        self._now_playing = now_playing
        self._subscription = subscription
        self._viewer = viewer
        self._user_id = user_id
        self._present = present
        self._last: NowPlayingMoment | None = None

    def __aiter__(self) -> NowPlayingSource:
        return self

    async def __anext__(self) -> NowPlayingMoment:
        """The next moment this viewer may hear.

        The first that they may not any more (they unfollowed, a private session began) reaches them as silence, the
        following ones not at all, until they may hear again.
        """
        if self._present is not None:
            self._last, self._present = self._present, None
            return self._last
        while True:
            moment: NowPlayingMoment = await anext(self._subscription)
            known = self._last is not None and (moment == self._last or moment.at < self._last.at)
            if known:
                continue
            if await self._now_playing.may_hear(self._viewer, self._user_id):
                self._last = moment
                return moment
            if self._last is not None and self._last.song_id is not None:
                # Otherwise the song they heard last would seem to play on for ever.
                self._last = NowPlayingMoment(moment.user_id, None, moment.at)
                return self._last

    async def aclose(self) -> None:
        """Stop listening."""
        self._subscription.close()
