"""Token buckets: how often something may be tried, by key, in bounded memory. Knows no request and no person."""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Hashable

from services.clock import Clock
from services.errors import TooMany

_SLACK = 1e-9


class TokenBuckets:
    """One bucket a key: `capacity` tries at once, one more every `seconds_per_token`.

    At most `limit` keys are remembered; the one unused for longest is forgotten first, which makes it full again.
    """

    def __init__(self, clock: Clock, *, capacity: int, seconds_per_token: float, limit: int = 20_000) -> None:
        if capacity < 1 or seconds_per_token <= 0 or limit < 1:
            raise ValueError("capacity, seconds_per_token and limit must be positive")
        self._clock = clock
        self._capacity = float(capacity)
        self._seconds_per_token = seconds_per_token
        self._limit = limit
        # key → tokens left and when that was counted; the order is that of use.
        self._buckets: OrderedDict[Hashable, tuple[float, float]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._buckets)

    @property
    def capacity(self) -> int:
        """How many tokens a full bucket holds."""
        return int(self._capacity)

    def take(self, key: Hashable, amount: int = 1) -> None:
        """Spend tokens. TooMany with the seconds until there are enough when there are not; that costs nothing."""
        now = self._clock.monotonic()
        self._keep(key, max(0.0, self._enough(key, amount, now) - amount), now)

    def require(self, key: Hashable, amount: int = 1) -> None:
        """As `take`, and takes nothing."""
        self._enough(key, amount, self._clock.monotonic())

    def left(self, key: Hashable) -> float:
        """How many tokens there are now."""
        return self._tokens(key, self._clock.monotonic())

    def give_back(self, key: Hashable) -> None:
        """Undo one `take`. A bucket never holds more than its capacity."""
        now = self._clock.monotonic()
        tokens = self._tokens(key, now) + 1
        if tokens >= self._capacity - _SLACK:
            self._buckets.pop(key, None)
        else:
            self._keep(key, tokens, now)

    def _enough(self, key: Hashable, amount: int, now: float) -> float:
        tokens = self._tokens(key, now)
        # Sums of fractions: who waited to the millisecond as told must find whole tokens.
        if tokens < amount - _SLACK:
            wait = math.ceil((amount - _SLACK - tokens) * self._seconds_per_token * 1000) / 1000
            raise TooMany("Too many attempts; try again later.", retry_after=wait)
        return tokens

    def _tokens(self, key: Hashable, now: float) -> float:
        kept = self._buckets.get(key)
        if kept is None:
            return self._capacity
        tokens, counted_at = kept
        return min(self._capacity, tokens + (now - counted_at) / self._seconds_per_token)

    def _keep(self, key: Hashable, tokens: float, now: float) -> None:
        self._buckets[key] = (tokens, now)
        self._buckets.move_to_end(key)
        while len(self._buckets) > self._limit:
            self._buckets.popitem(last=False)
