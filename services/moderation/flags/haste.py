"""Who does too much of one thing in an hour, and the less the younger their account. Counts in bounded memory.

Owns the counts of this process. Refuses to know what follows.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from services.clock import Clock
from services.errors import TooMany
from services.throttle import TokenBuckets

HOUR_S = 3600.0
NEW_SHARE = 4

_NAMES = {
    "review": "reviews",
    "room_message": "messages",
    "playlist": "playlists",
    "follow": "follows",
    "report": "reports",
}


class Haste:
    """`joined` says when an account was made, None for nobody; it is asked only of those who are over a quarter."""

    def __init__(
        self,
        clock: Clock,
        hourly: dict[str, int],
        new_account: timedelta,
        joined: Callable[[str], Awaitable[datetime | None]],
    ) -> None:
        self._clock = clock
        self._hourly = {kind: most for kind, most in hourly.items() if most > 0 and kind in _NAMES}
        self._new_account = new_account
        self._joined = joined
        self._all = {kind: _buckets(clock, most) for kind, most in self._hourly.items()}
        self._new = {kind: _buckets(clock, max(1, most // NEW_SHARE)) for kind, most in self._hourly.items()}

    async def count(self, kind: str, user_id: str) -> str | None:
        """Count one; a sentence where it is too many, the same one for a whole day."""
        if kind not in self._hourly:
            return None
        most, day = self._hourly[kind], self._clock.now().date().isoformat()
        if _is_over(self._all[kind], user_id):
            return f"More than {most} {_NAMES[kind]} in an hour ({day})."
        if _is_over(self._new[kind], user_id):
            joined = await self._joined(user_id)
            if joined is not None and self._clock.now() - joined < self._new_account:
                fewer = max(1, most // NEW_SHARE)
                return f"More than {fewer} {_NAMES[kind]} in an hour by a new account ({day})."
        return None


def _buckets(clock: Clock, most: int) -> TokenBuckets:
    return TokenBuckets(clock, capacity=most, seconds_per_token=HOUR_S / most)


def _is_over(buckets: TokenBuckets, user_id: str) -> bool:
    try:
        buckets.take(user_id)
    except TooMany:
        return True
    return False
