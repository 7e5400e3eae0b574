"""What broken-off writes have left in the store of files, removed when nobody can be at it any more.

Pieces that were never put in their place, and pictures that were, but whose process was killed before it recorded them.
Refuses to judge files that are whole and recorded.
"""

from __future__ import annotations

from datetime import timedelta

from services.clock import Clock, to_epoch_ms
from storage.collections.store import Store
from storage.files import FileFacts, Files

YOUNG = timedelta(days=1)
PICTURES = "images"
_AT_ONCE = 500
_MOST = 10_000
"""Unrecorded pictures that one sweep removes; the next goes on."""


class FileSweep:
    """A periodic job's work."""

    def __init__(self, store: Store, files: Files, clock: Clock) -> None:
        self._store = store
        self._files = files
        self._clock = clock

    async def sweep(self) -> int:
        """Remove leftovers older than a day; how many there were."""
        return await self.pieces() + await self._pictures()

    async def pieces(self) -> int:
        """Remove what was never put in its place; how many there were."""
        return await self._files.sweep(self._clock.now() - YOUNG)

    async def _pictures(self) -> int:
        """Remove pictures that nothing is recorded of, unless that is all of them: then these are another house's."""
        before_ns = to_epoch_ms(self._clock.now() - YOUNG) * 1_000_000
        unknown: list[FileFacts] = []
        waiting: list[FileFacts] = []
        recorded = 0

        async def judge() -> None:
            nonlocal recorded
            known = await self._store.images.get_many(list({image_id_of(facts.key) for facts in waiting}))
            lost = [facts for facts in waiting if image_id_of(facts.key) not in known]
            recorded += len(waiting) - len(lost)
            unknown.extend(facts for facts in lost if facts.modified_ns < before_ns)
            waiting.clear()

        async for facts in self._files.list(PICTURES):
            waiting.append(facts)
            if len(waiting) == _AT_ONCE:
                await judge()
            if len(unknown) >= _MOST:
                break
        await judge()
        return sum([await self._remove(facts) for facts in unknown]) if recorded else 0

    async def _remove(self, facts: FileFacts) -> bool:
        now = await self._files.look(facts.key)
        # The same picture may have come again meanwhile: its files are put there anew before it is recorded.
        return now is not None and now.modified_ns == facts.modified_ns and await self._files.delete(facts.key)


def image_id_of(key: str) -> str:
    """The picture that this key is a size or format of."""
    return key.rpartition("/")[2].rpartition("-")[0]
