"""What is kept of renditions: segments, and whole ones joined of them under the head of the day.

Owns the names of parts and wholes in the cache, their check before use, and the joining in the background. Refuses to
know how segments are made and for whom.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from functools import partial
from typing import Any

from services.audio.codecs.geometry import BadFrames
from services.audio.segment_cache import SegmentCache
from services.audio.sound import Rendition

log = logging.getLogger("tutti.audio")


class KeptRenditions:
    """Renditions in `cache`. A whole that has an old head still gives its segments, and is given the new head."""

    def __init__(self, cache: SegmentCache) -> None:
        self._cache = cache
        self._joins: dict[str, asyncio.Task[None]] = {}

    async def stop(self) -> None:
        """End all joining. Safe to call twice."""
        joins = list(self._joins.values())
        for join in joins:
            join.cancel()
        await asyncio.gather(*joins, return_exceptions=True)

    async def segment(self, rendition: Rendition, index: int) -> bytes | None:
        """One segment's bytes, None when they are not kept, or not as they should be."""
        key, geometry = rendition.key, rendition.geometry
        place = geometry.segment_bytes(index)
        name = rendition.part(index)
        check = partial(geometry.check, index)
        try:
            data = await self._cache.read(key, name, check=check)
            if data is None:
                for name in self._wholes(rendition):
                    data = await self._cache.read(key, name, place.start, place.stop, check=check)
                    if data is not None:
                        break
        except BadFrames:
            # A power cut can leave a file of the right name with holes in it.
            log.warning("cached sound was damaged and is made again", extra={"key": key, "part": name})
            await self._cache.drop(key, name)
            return None
        return data

    async def keep(self, rendition: Rendition, index: int, data: bytes) -> None:
        """Keep one segment; when it was the last that was missing, they become one file in the background."""
        await self._cache.write(rendition.key, rendition.part(index), data)
        parts = [rendition.part(each) for each in range(rendition.geometry.segments)]
        if self._cache.names(rendition.key).issuperset(parts):
            self._join(rendition, parts, 0)

    def renew(self, rendition: Rendition) -> None:
        """Give a whole that has another head this one's, in the background; nothing is encoded for it."""
        if not self._cache.has(rendition.key, rendition.whole):
            for old in self._wholes(rendition)[:1]:
                self._join(rendition, [old], rendition.geometry.head_bytes)

    def _wholes(self, rendition: Rendition) -> list[str]:
        names = self._cache.names(rendition.key)
        if rendition.whole in names:
            return [rendition.whole]
        return sorted(name for name in names if name.startswith(rendition.any_whole))

    def _join(self, rendition: Rendition, parts: list[str], skipped_bytes: int) -> None:
        key = rendition.key
        if key in self._joins:
            return

        async def join() -> None:
            try:
                await self._cache.join(key, parts, rendition.whole, head=rendition.head, skipped_bytes=skipped_bytes)
            finally:
                self._joins.pop(key, None)

        self._joins[key] = asyncio.create_task(_logged(join()), name=f"join-{key}")


async def _logged(work: Coroutine[Any, Any, None]) -> None:
    try:
        await work
    except Exception:
        log.exception("segments could not be joined")
        raise
