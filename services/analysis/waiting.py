"""Which sounds are still to be measured: the present files that lack the mark of the analyser's version.

Owns the search for them and the claims by which several processes share the work. There is no other queue, so a
restart loses nothing. Refuses to measure.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager
from typing import Any

from services.analysis.measuring import VERSION
from services.leases import Leases
from storage.collections.store import Store
from storage.records import AudioFile, FileState, Song

CLAIM_S = 12.0
"""How long a sound stays claimed by a process that was killed while it measured; the living renew their claims."""

_PAGE = 64
_PRESENT = {"state": FileState.PRESENT.value}


def claim_of(payload: str) -> str:
    """The name of the lease of whoever measures a sound."""
    return f"measure sound {payload}"


class Waiting:
    """The sounds that wait."""

    def __init__(self, store: Store, leases: Leases) -> None:
        self._store = store
        self._leases = leases

    async def files(self) -> AsyncGenerator[AudioFile]:
        """Each present file without the mark, a page at a time; those of no version come first."""
        after: list[Any] | None = None
        while True:
            page = await self._store.audio_files.find(
                _PRESENT, sort=[("analysed_version", 1)], limit=_PAGE, after=after
            )
            for file in page:
                if (file.analysed_version or 0) >= VERSION:
                    return
                yield file
            if len(page) < _PAGE:
                return
            after = [page[-1].analysed_version, page[-1].id]

    async def count(self) -> int:
        """How many wait."""
        return max(0, await self._store.audio_files.count(_PRESENT) - await self.marked())

    async def marked(self) -> int:
        """How many are done, in one way or the other."""
        return await self._store.audio_files.count({**_PRESENT, "analysed_version": VERSION})

    async def refused(self) -> int:
        """How many sounds could not be measured."""
        return await self._store.sound_analyses.count({"failure": {"$gte": ""}})

    def claimed(self, payload: str) -> AbstractAsyncContextManager[bool]:
        """Whether the sound is ours to measure while the context lasts; the claim of a dead process soon ends."""
        return self._leases.held(claim_of(payload), CLAIM_S)

    async def again(self, song: Song) -> None:
        """Let the sounds of one song wait once more, whatever is known of them."""
        files = await self._store.audio_files.find({"song_id": song.id}, limit=_PAGE)
        payloads = [file.payload_hash for file in files if file.payload_hash is not None]
        if payloads:
            await self._store.sound_analyses.update({"_id": {"$in": payloads}}, {"$set": {"version": 0}}, many=True)
            unmarked = {"$unset": {"analysed_version": ""}}
            await self._store.audio_files.update({"payload_hash": {"$in": payloads}}, unmarked, many=True)

    async def all_again(self) -> None:
        """Let every sound wait once more."""
        await self._store.sound_analyses.update({}, {"$set": {"version": 0}}, many=True)
        await self._store.audio_files.update({}, {"$unset": {"analysed_version": ""}}, many=True)
