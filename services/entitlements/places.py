"""How many devices of one person stream at the same time: so many places as their tier gives, each a lease.

A device is a signed-in session. Who has a place keeps it while it streams; one more is refused until a place is free,
or its owner says where to play (`make_way`). Owns the places, shared by all processes. Where the shared state is away
nobody is refused. Refuses to know sockets and what is streamed.
"""

from __future__ import annotations

import contextlib
from collections import OrderedDict
from collections.abc import Callable, Collection
from dataclasses import dataclass

from services.clock import Clock
from services.entitlements.table import TierTable
from services.errors import PaymentRequired
from services.viewer import Viewer
from storage.live.interface import LiveState, LiveStateAway

LASTS_S = 45.0
"""How long a place outlives the last sound that was asked for in it, or the end of the answer that was under way."""
FRESH_S = 10.0
"""For so long nobody asks again whether a place is still had."""
REMEMBERED = 20_000


@dataclass(slots=True)
class _Place:
    user_id: str
    taken_ms: int
    good_until: float


class PlayingPlaces:
    """The places of everybody whose tier counts them. `streaming`: the sessions that this process sends sound to."""

    def __init__(self, live: LiveState, clock: Clock, tiers: TierTable) -> None:
        self._live = live
        self._clock = clock
        self._tiers = tiers
        self._places: OrderedDict[str, _Place] = OrderedDict()
        self.streaming: Callable[[], Collection[str]] = tuple

    async def take(self, viewer: Viewer) -> None:
        """Have a place for the viewer's session. PaymentRequired (PLAYING_ELSEWHERE) when others have all of them."""
        most = self._tiers.of_viewer(viewer).playing_devices
        if most is None or viewer.user_id is None or viewer.session_id is None:
            return
        there = self._places.get(viewer.session_id)
        if there is not None and self._clock.monotonic() < there.good_until:
            return
        with contextlib.suppress(LiveStateAway):
            await self._take(viewer.user_id, viewer.session_id, most)

    async def in_use(self, viewer: Viewer) -> int:
        """How many devices of the viewer's stream now, as far as they are counted."""
        try:
            return len(await self._live.held(_group(viewer.user_id or "")))
        except LiveStateAway:
            return 0

    async def make_way(self, viewer: Viewer) -> None:
        """The viewer said where to play: what asks for sound first has a place now, the rest when one is free."""
        user_id = viewer.user_id or ""
        if self._tiers.of_viewer(viewer).playing_devices is None:
            return
        with contextlib.suppress(LiveStateAway):
            for session_id in await self._live.held(_group(user_id)):
                self._places.pop(session_id, None)
                await self._live.leave(_group(user_id), session_id)

    async def keep(self) -> int:
        """Keep the places of sessions that are being sent sound; how many. A job's work, in each process."""
        streaming, now = frozenset(self.streaming()), self._clock.monotonic()
        kept = 0
        for session_id, place in list(self._places.items()):
            if session_id in streaming:
                with contextlib.suppress(LiveStateAway):
                    await self._hold(place.user_id, session_id, place.taken_ms)
                    kept += 1
            elif place.good_until + LASTS_S < now:
                self._places.pop(session_id, None)
        return kept

    async def _take(self, user_id: str, session_id: str, most: int) -> None:
        held = await self._live.held(_group(user_id))
        if session_id not in held and len(held) >= most:
            raise _elsewhere(most)
        taken_ms = int(held[session_id]) if session_id in held else self._clock.epoch_ms()
        await self._hold(user_id, session_id, taken_ms)
        # Two may have found the last place at once: the one who was there first has it.
        held = await self._live.held(_group(user_id))
        first = sorted((int(value), member) for member, value in held.items())[:most]
        if held and (taken_ms, session_id) not in first:
            await self._live.leave(_group(user_id), session_id)
            self._places.pop(session_id, None)
            raise _elsewhere(most)
        self._places[session_id] = _Place(user_id, taken_ms, self._clock.monotonic() + FRESH_S)
        self._places.move_to_end(session_id)
        while len(self._places) > REMEMBERED:
            self._places.popitem(last=False)

    async def _hold(self, user_id: str, session_id: str, taken_ms: int) -> None:
        await self._live.hold(_group(user_id), session_id, str(taken_ms).encode(), ttl_s=LASTS_S)


def _group(user_id: str) -> str:
    return f"playing:{user_id}"


def _elsewhere(most: int) -> PaymentRequired:
    devices = "another device" if most == 1 else f"{most} other devices"
    return PaymentRequired(f"You are listening on {devices}.", code="PLAYING_ELSEWHERE", retry_after=LASTS_S)
