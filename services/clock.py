"""The only source of time and of ids.

Owns: UTC-aware times cut to milliseconds (what both engines store), a monotonic clock for intervals, and sortable
string ids. Refuses to know what they are for. Tests hand in a `Clock` of their own and turn its hands.
"""

from __future__ import annotations

import secrets
import threading
import time
from datetime import UTC, datetime, timedelta

# Crockford's base 32 leaves out I, L, O and U; in ASCII order, so ids sort as their numbers do.
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_RANDOM_BITS = 80


def encode_id(number: int) -> str:
    """A 128-bit number as 26 characters whose order as text is the numbers' order (the ULID layout)."""
    return "".join(_ALPHABET[(number >> shift) & 31] for shift in range(125, -1, -5))


class Clock:
    """Real time. Subclass it to turn the hands in a test; ids follow `now`."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._last = 0

    def now(self) -> datetime:
        """The present moment, UTC-aware, cut to whole milliseconds."""
        moment = self._utc()
        return moment.replace(microsecond=moment.microsecond // 1000 * 1000)

    def epoch_ms(self) -> int:
        """Milliseconds since 1970-01-01 UTC."""
        return to_epoch_ms(self.now())

    def worked_s(self) -> float:
        """Seconds of processor that this thread has used: what others did meanwhile does not count."""
        return time.thread_time()

    def monotonic(self) -> float:
        """Seconds that never run backwards; only differences mean anything."""
        return time.monotonic()

    def new_id(self) -> str:
        """A fresh 26-character id: 48 bits of milliseconds, then 80 random bits; strictly increasing in a process."""
        with self._lock:
            fresh = self.epoch_ms() << _RANDOM_BITS | secrets.randbits(_RANDOM_BITS)
            # Two ids within one millisecond, or a clock set back: step on from the last one instead.
            self._last = fresh if fresh > self._last else self._last + 1 + secrets.randbits(32)
            return encode_id(self._last)

    def _utc(self) -> datetime:
        return datetime.now(UTC)


class SetClock(Clock):
    """A clock that stands still until it is turned: for tests and for replaying a day."""

    def __init__(self, start: datetime) -> None:
        super().__init__()
        self._start = start
        self._elapsed = 0.0

    def turn(self, seconds: float) -> None:
        """Let `seconds` pass at once."""
        self._elapsed += seconds

    def monotonic(self) -> float:
        """Seconds turned so far."""
        return self._elapsed

    def _utc(self) -> datetime:
        return self._start + timedelta(seconds=self._elapsed)


def to_epoch_ms(moment: datetime) -> int:
    """An aware time as whole milliseconds since 1970-01-01 UTC."""
    return int(moment.timestamp() * 1000 + 0.5)
