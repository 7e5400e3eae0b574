"""What a song's bytes will be: opened as a stream opens it, read once to its end, summed, and remembered.

A rendition that was never asked for is encoded for it, behind everybody who listens. The sums are kept by the
rendition, so that a second listener or device costs no reading. Refuses to know downloads.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import os
from datetime import timedelta

from services.audio.admission import Urgency
from services.audio.delivery import Deliveries
from services.audio.sound import Sound
from services.clock import Clock
from services.downloads.rules import CHUNK_BYTES
from services.errors import Gone, TooMany
from services.viewer import Viewer
from storage.collections.store import Store
from storage.engine import DuplicateKey
from storage.records.download import RenditionSums

REMEMBERED = timedelta(days=180)
_PATIENCE_S = 10.0


class Sums:
    """Sums of renditions."""

    def __init__(self, store: Store, clock: Clock, deliveries: Deliveries) -> None:
        self._store = store
        self._clock = clock
        self._deliveries = deliveries

    async def of(self, viewer: Viewer, song_id: str, quality: str, form: str | None) -> RenditionSums:
        """The sums of what this viewer gets. Raises what opening and encoding raise; waits where a queue is full."""
        sound = await self._deliveries.open(viewer, song_id, quality, wished=form)
        try:
            id = tag_of(sound)
            known = await self._store.rendition_sums.update_and_get(
                {"_id": id}, {"$set": {"used_at": self._clock.now()}}
            )
            if known is not None:
                return known
            made = await self._make(id, sound)
            with contextlib.suppress(DuplicateKey):
                await self._store.rendition_sums.insert(made)
            return made
        finally:
            sound.close()

    async def _make(self, id: str, sound: Sound) -> RenditionSums:
        sound.urgency = Urgency.DOWNLOAD
        size, whole, chunks = sound.target.length, hashlib.sha256(), []
        for start in range(0, size, CHUNK_BYTES):
            data = await _read(sound, start, min(start + CHUNK_BYTES, size))
            chunks.append(await asyncio.to_thread(_add, data, whole))
        return RenditionSums(
            id=id,
            rendition=sound.rendition,
            content_type=sound.target.content_type,
            size=size,
            chunk_bytes=CHUNK_BYTES,
            sha256=whole.hexdigest(),
            chunks=chunks,
            used_at=self._clock.now(),
        )

    async def sweep(self) -> int:
        """Forget sums that no download has come by for half a year; how many. They can be made again."""
        old = {"used_at": {"$lt": self._clock.now() - REMEMBERED}}
        return await self._store.rendition_sums.delete(old, many=True)


def tag_of(sound: Sound) -> str:
    """The strong entity tag of a sound without its quotes: the name of exactly these bytes."""
    return sound.target.etag.strip('"')


async def _read(sound: Sound, start: int, end: int) -> bytes:
    if sound.file is not None:
        data = await asyncio.to_thread(os.pread, sound.file.fd, end - start, start)
        if len(data) != end - start or not sound.file.unchanged():
            raise Gone("The song's file is being changed.", code="SOURCE_CHANGED")
        return data
    while True:
        try:
            async with contextlib.aclosing(sound.read(start, end)) as pieces:
                return b"".join([piece async for piece in pieces])
        except TooMany as busy:
            await asyncio.sleep(min(busy.retry_after or 1.0, _PATIENCE_S))


def _add(data: bytes, whole: hashlib._Hash) -> str:
    whole.update(data)
    return hashlib.sha256(data).hexdigest()
