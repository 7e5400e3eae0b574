"""What writes that broke off have left in the store of files, removed when nobody can be at it any more.

Refuses to judge files that are whole.
"""

from __future__ import annotations

from datetime import timedelta

from services.clock import Clock
from storage.files import Files

YOUNG = timedelta(days=1)


class FileSweep:
    """A periodic job's work."""

    def __init__(self, files: Files, clock: Clock) -> None:
        self._files = files
        self._clock = clock

    async def sweep(self) -> int:
        """Remove leftovers older than a day; how many there were."""
        return await self._files.sweep(self._clock.now() - YOUNG)
