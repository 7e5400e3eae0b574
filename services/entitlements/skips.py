"""How many songs somebody skipped within the last hour, and whether one more is theirs.

Owns the count, shared by all processes of a house. Refuses to know queues: who moves on for a person says so here
first, and takes it back if nothing came of it. Where the shared state is away nobody is refused.
"""

from __future__ import annotations

import contextlib
import json
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from services.clock import Clock
from services.entitlements.table import TierTable
from services.errors import PaymentRequired
from services.viewer import Viewer
from storage.live.interface import LiveState, LiveStateAway

log = logging.getLogger("tutti.entitlements")

HOUR_MS = 3_600_000
ATTEMPTS = 20
"""How often a count is tried anew; only other skips of the same person can be in the way."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class SkipsUsed:
    """Skips of the last hour, and when the first of them is over an hour ago."""

    used: int = 0
    frees_at: datetime | None = None


class SkipAct:
    """One thing that somebody does: it costs one skip at most, and none if it fails."""

    def __init__(self, skips: Skips, viewer: Viewer) -> None:
        self._skips = skips
        self._viewer = viewer
        self._paid: int | None = None

    async def costs(self, skips: bool) -> None:
        """It is a skip, or (looked at anew) it is none. PaymentRequired (SKIPS_SPENT) tells when the next one is."""
        if skips and self._paid is None:
            self._paid = await self._skips.spend(self._viewer)
        elif not skips:
            await self.undo()

    async def undo(self) -> None:
        """Nothing came of it."""
        paid, self._paid = self._paid, None
        if paid is not None:
            await self._skips.give_back(self._viewer, paid)


class Skips:
    """The skips of everybody whose tier counts them."""

    def __init__(self, live: LiveState, clock: Clock, tiers: TierTable) -> None:
        self._live = live
        self._clock = clock
        self._tiers = tiers

    @asynccontextmanager
    async def act(self, viewer: Viewer) -> AsyncIterator[SkipAct]:
        """Something that may turn out to be a skip; one that raises costs nothing."""
        act = SkipAct(self, viewer)
        try:
            yield act
        except BaseException:
            await act.undo()
            raise

    def counts(self, viewer: Viewer) -> bool:
        """Whether this viewer's skips are counted at all."""
        return viewer.user_id is not None and self._tiers.of_viewer(viewer).skips_per_hour is not None

    async def spend(self, viewer: Viewer) -> int | None:
        """One skip more: when it was, for `give_back`; None where nobody counts.

        PaymentRequired (SKIPS_SPENT) with the seconds until the next one when all of the hour are spent.
        """
        most = self._tiers.of_viewer(viewer).skips_per_hour
        if most is None or viewer.user_id is None:
            return None
        now_ms = self._clock.epoch_ms()
        try:
            for _ in range(ATTEMPTS):
                rev, times = await self._read(viewer.user_id, now_ms)
                if len(times) >= most:
                    raise _spent(most, times, now_ms)
                if await self._write(viewer.user_id, rev, [*times, now_ms]):
                    return now_ms
        except LiveStateAway:
            log.info("a skip is not counted: the shared state is away", extra={"user_id": viewer.user_id})
        return None

    async def give_back(self, viewer: Viewer, paid: int) -> None:
        """The skip of that moment was none."""
        user_id = viewer.user_id or ""
        with contextlib.suppress(LiveStateAway):
            for _ in range(ATTEMPTS):
                rev, times = await self._read(user_id, self._clock.epoch_ms())
                if paid not in times:
                    return
                times.remove(paid)
                if await self._write(user_id, rev, times):
                    return

    async def used(self, viewer: Viewer) -> SkipsUsed:
        """What the viewer skipped within the last hour, as far as it was counted."""
        try:
            _, times = await self._read(viewer.user_id or "", self._clock.epoch_ms())
        except LiveStateAway:
            return SkipsUsed()
        return SkipsUsed(len(times), _EPOCH + timedelta(milliseconds=times[0] + HOUR_MS) if times else None)

    async def _read(self, user_id: str, now_ms: int) -> tuple[int, list[int]]:
        cell = await self._live.get(_key(user_id))
        if cell is None:
            return 0, []
        return cell.rev, [at for at in json.loads(cell.value) if now_ms - HOUR_MS < at <= now_ms + HOUR_MS]

    async def _write(self, user_id: str, rev: int, times: list[int]) -> bool:
        value = json.dumps(times, separators=(",", ":")).encode()
        return await self._live.swap(_key(user_id), rev, value, ttl_s=HOUR_MS / 1000)


def _key(user_id: str) -> str:
    return f"skips:{user_id}"


def _spent(most: int, times: list[int], now_ms: int) -> PaymentRequired:
    wait_s = (times[0] + HOUR_MS - now_ms) / 1000 if times else HOUR_MS / 1000
    words = f"Your {most} skips of this hour are spent." if most else "Skipping is part of a subscription."
    return PaymentRequired(words, code="SKIPS_SPENT", retry_after=max(1.0, wait_s))
