"""Token buckets that all processes of a house share, and the slowing down of guesses at one thing.

Owns the cells both are kept in. While the live state is away each process counts for itself. Refuses to know what is
tried.
"""

from __future__ import annotations

import contextlib
import math
from collections.abc import Awaitable, Callable

import orjson

from services.clock import Clock
from services.errors import TooMany
from storage.live.interface import LiveState, LiveStateAway
from storage.live.memory import MemoryLiveState

_SWAPS = 12
"""How often a cell that others write is tried; who loses so often is one of a crowd, and may wait a moment."""
_OWN_CELLS = 20_000

Counted = Callable[[list[float] | None, float], tuple[list[float], float]]
"""From what a cell holds, None for nothing, and the time in seconds to what it is to hold and for how long. May raise
TooMany."""


class SharedCounts:
    """Cells of numbers, changed by one process at a time.

    A live state that is this process's memory is not used: whoever guesses a lot could push out what others keep there.
    """

    def __init__(self, clock: Clock, live: LiveState | None) -> None:
        self._clock = clock
        self._own = MemoryLiveState(clock.monotonic, limit=_OWN_CELLS)
        self._live: LiveState = self._own if live is None or isinstance(live, MemoryLiveState) else live

    async def change(self, key: str, step: Counted) -> None:
        """Put `step` of what is there in its place."""
        try:
            await self._change(self._live, key, step)
        except LiveStateAway:
            await self._change(self._own, key, step)

    async def read(self, key: str) -> list[float] | None:
        """What is there now."""
        try:
            cell = await self._live.get(key)
        except LiveStateAway:
            cell = await self._own.get(key)
        return None if cell is None else orjson.loads(cell.value)

    def now_s(self) -> float:
        """The time that the cells speak of: all processes' own clocks, which agree well enough for seconds."""
        return self._clock.epoch_ms() / 1000

    async def _change(self, live: LiveState, key: str, step: Counted) -> None:
        for _ in range(_SWAPS):
            cell = await live.get(key)
            held: list[float] | None = None if cell is None else orjson.loads(cell.value)
            fresh, ttl_s = step(held, self.now_s())
            if await live.swap(key, 0 if cell is None else cell.rev, orjson.dumps(fresh), ttl_s=ttl_s):
                return
        raise TooMany("Too many attempts; try again later.", retry_after=1.0)


class SharedBuckets:
    """As `TokenBuckets`, for all processes: `capacity` tries at once, one more every `seconds_per_token`."""

    def __init__(self, counts: SharedCounts, name: str, *, capacity: int, seconds_per_token: float) -> None:
        self._counts = counts
        self._name = name
        self._capacity = float(capacity)
        self._seconds_per_token = seconds_per_token

    async def take(self, key: str) -> None:
        """Spend one. TooMany with the seconds until there is one; that costs nothing."""
        await self._counts.change(f"{self._name}:{key}", self._taken)

    async def give_back(self, key: str) -> None:
        """Undo one `take`; in a crowd that is not worth a refusal it may be lost."""
        with contextlib.suppress(TooMany):
            await self._counts.change(
                f"{self._name}:{key}", lambda held, now: self._kept(self._left(held, now) + 1, now)
            )

    def _taken(self, held: list[float] | None, now: float) -> tuple[list[float], float]:
        left = self._left(held, now)
        if left < 1 - 1e-9:
            wait = math.ceil((1 - left) * self._seconds_per_token * 1000) / 1000
            raise TooMany("Too many attempts; try again later.", retry_after=wait)
        return self._kept(left - 1, now)

    def _left(self, held: list[float] | None, now: float) -> float:
        if held is None:
            return self._capacity
        tokens, counted_at = held
        return min(self._capacity, tokens + max(0.0, now - counted_at) / self._seconds_per_token)

    def _kept(self, tokens: float, now: float) -> tuple[list[float], float]:
        bounded = max(0.0, min(self._capacity, tokens))
        # Full again by then, which is what a cell that is gone means.
        return [bounded, now], max(1.0, (self._capacity - bounded) * self._seconds_per_token)


class SharedSlowing:
    """Tries at one thing by strangers from anywhere: `free` at any speed, then ever further apart up to `longest_s`.

    Never a lock: there is always a next try, and who is known is not asked at all. Forgotten after `kept_s` of quiet.
    """

    def __init__(
        self, counts: SharedCounts, name: str, *, free: int, longest_s: float = 60.0, kept_s: float = 3600.0
    ) -> None:
        self._counts = counts
        self._name = name
        self._free = free
        self._longest_s = longest_s
        self._kept_s = kept_s

    async def take(self, key: str, is_known: Callable[[], Awaitable[bool]]) -> Callable[[], Awaitable[None]]:
        """Count one try; the function returned takes it back. TooMany when it comes too soon after the one before,
        unless `is_known`, which is asked only then."""
        cell = f"{self._name}:{key}"
        try:
            await self._counts.change(cell, self._counted)
        except TooMany:
            if await is_known():
                return _nothing
            raise

        async def give_back() -> None:
            with contextlib.suppress(TooMany):
                await self._counts.change(cell, self._uncounted)

        return give_back

    def _counted(self, held: list[float] | None, now: float) -> tuple[list[float], float]:
        tries, last = held or [0.0, 0.0]
        wait = last + self.pause_s(int(tries)) - now
        if wait > 0:
            raise TooMany("Too many attempts; try again later.", retry_after=math.ceil(wait * 1000) / 1000)
        return [tries + 1, now], self._kept_s

    def _uncounted(self, held: list[float] | None, now: float) -> tuple[list[float], float]:
        tries, last = held or [0.0, now]
        return [max(0.0, tries - 1), last], self._kept_s

    def pause_s(self, tries: int) -> float:
        """How long after so many tries the next may come."""
        beyond = tries - self._free
        return 0.0 if beyond < 0 else float(min(2 ** min(beyond, 30), self._longest_s))


async def _nothing() -> None:
    """Nothing was counted."""
