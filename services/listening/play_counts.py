"""Proof that play counts equal the ledger: recounts each song and album, and puts right what a crash left behind.

The ledger's row is written before the counter moves, so a process that dies between the two leaves a count one short.
Refuses to know when it runs.
"""

from __future__ import annotations

import logging
from typing import Any

from storage.collections.collection import Collection
from storage.collections.store import Store

log = logging.getLogger("tutti.plays")

_BATCH = 500


class PlayCounts:
    """The counters on songs and albums, against the rows of the ledger."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def recount(self) -> int:
        """How many counters were wrong and are right now. Reads in batches; safe to run beside new plays."""
        wrong = await self._recount(self._store.songs, "song_id")
        wrong += await self._recount(self._store.albums, "album_id")
        if wrong:
            log.info("play counts corrected", extra={"counters": wrong})
        return wrong

    async def _recount(self, counted: Collection[Any], field: str) -> int:
        wrong = 0
        async for batch in counted.engine.scan(counted.name, {}, batch=_BATCH, fields=["play_count"]):
            shown = {document["_id"]: document.get("play_count", 0) for document in batch}
            rows = await self._store.plays.engine.group(
                self._store.plays.name, {field: {"$in": list(shown)}}, by=[field], sums={"plays": 1}, limit=_BATCH
            )
            true = {row[field]: row["plays"] for row in rows}
            for id, count in shown.items():
                if count != true.get(id, 0):
                    # Only while nobody counted meanwhile; whoever did is looked at in the next round.
                    changed = await counted.update(
                        {"_id": id, "play_count": count}, {"$set": {"play_count": true.get(id, 0)}}
                    )
                    wrong += changed.modified
        return wrong
