"""Who plays what at present.

Owns a bounded, expiring memory of the present; the past is `services/listening/plays.py`'s, and who may hear whom the
rule of `services/accounts/people_access.py`. Refuses to know how the news travels: it publishes `NowPlayingChanged`
and serves whoever asks.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from services.clock import Clock
from services.errors import NotFound
from services.events import Bus, NowPlayingChanged
from services.viewer import Role, Viewer
from storage.records.user import User


@dataclass(frozen=True, slots=True)
class NowPlayingMoment:
    """`user_id` plays `song_id` since `at`; None for a song means that they stopped."""

    user_id: str
    song_id: str | None
    at: datetime


class NowPlayingFeed(Protocol):
    """How a resolver listens; built in `realtime/`, handed to the graph by the composition root."""

    async def __call__(self, viewer: Viewer, user_id: str) -> AsyncIterator[NowPlayingMoment]:
        """The present first (if there is one), then each change. NotFound when the viewer may not hear that user."""


FindUser = Callable[[str], Awaitable[User | None]]
MayHear = Callable[[Viewer, str], Awaitable[bool]]


@dataclass(frozen=True, slots=True)
class _Playing:
    moment: NowPlayingMoment
    expires_s: float


class NowPlaying:
    """The present of at most `limit` listeners, the longest silent forgotten first, each for `lasts_s` seconds."""

    def __init__(
        self,
        *,
        users: FindUser,
        may_hear: MayHear,
        bus: Bus,
        clock: Clock,
        lasts_s: float = 1200.0,
        limit: int = 100_000,
    ) -> None:
        self._users = users
        self._may_hear = may_hear
        self._bus = bus
        self._clock = clock
        self._lasts_s = lasts_s
        self._limit = limit
        self._playing: OrderedDict[str, _Playing] = OrderedDict()

    async def may_hear(self, viewer: Viewer, user_id: str) -> bool:
        """Whether `viewer` may know what `user_id` plays, now: asked again for each moment, never remembered."""
        return await self._may_hear(viewer, user_id)

    async def current(self, viewer: Viewer, user_id: str) -> NowPlayingMoment | None:
        """What `user_id` plays now, None for nothing. NotFound for somebody unknown or invisible, both alike."""
        viewer.require(Role.LISTENER)
        if not await self.may_hear(viewer, user_id):
            raise NotFound("No such listener.")
        return self.playing(user_id)

    def playing(self, user_id: str) -> NowPlayingMoment | None:
        """The same for those who asked the rule already."""
        playing = self._playing.get(user_id)
        if playing is None or playing.expires_s <= self._clock.monotonic():
            return None
        return playing.moment

    def everybody(self) -> list[NowPlayingMoment]:
        """All who play something now, the longest silent first: for the house itself, which may only count them."""
        now_s = self._clock.monotonic()
        return [playing.moment for playing in self._playing.values() if playing.expires_s > now_s]

    def silence(self, user_id: str) -> NowPlayingMoment:
        """That somebody plays nothing, as far as a viewer may know."""
        return NowPlayingMoment(user_id, None, self._clock.now())

    async def report(self, viewer: Viewer, song_id: str) -> None:
        """The viewer plays this song now. A private session tells nobody and leaves nothing to find."""
        user_id = viewer.require(Role.LISTENER)
        user = await self._users(user_id)
        if user is None or user.preferences.private_session:
            self._playing.pop(user_id, None)
            return
        self._tell(NowPlayingMoment(user_id, song_id, self._clock.now()))

    async def clear(self, viewer: Viewer) -> None:
        """The viewer stopped. Says so only if something was playing."""
        user_id = viewer.require(Role.LISTENER)
        if user_id not in self._playing:
            return
        user = await self._users(user_id)
        if user is None or user.preferences.private_session:
            self._playing.pop(user_id, None)
            return
        self._tell(NowPlayingMoment(user_id, None, self._clock.now()))

    def note(self, moment: NowPlayingMoment) -> None:
        """Remember what another process, or this one, was told; an older moment never replaces a newer one."""
        known = self._playing.get(moment.user_id)
        if known is not None and known.moment.at > moment.at:
            return
        if moment.song_id is None:
            self._playing.pop(moment.user_id, None)
            return
        self._playing[moment.user_id] = _Playing(moment, self._clock.monotonic() + self._lasts_s)
        self._playing.move_to_end(moment.user_id)
        while len(self._playing) > self._limit:
            self._playing.popitem(last=False)

    async def expire(self) -> int:
        """Forget who has been silent too long and tell their listeners; how many. A periodic job's work."""
        now_s = self._clock.monotonic()
        silent = [user_id for user_id, playing in self._playing.items() if playing.expires_s <= now_s]
        for user_id in silent:
            self._tell(NowPlayingMoment(user_id, None, self._clock.now()))
        return len(silent)

    def _tell(self, moment: NowPlayingMoment) -> None:
        self.note(moment)
        self._bus.publish(NowPlayingChanged(moment.user_id, moment.song_id, moment.at))
