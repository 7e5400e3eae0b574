"""How many different people listened to each artist in the last 28 days: counted anew from the roll-ups.

Refuses to know when it runs.
"""

from __future__ import annotations

import logging
from datetime import timedelta

from services.clock import Clock
from storage.collections.store import Store

log = logging.getLogger("tutti.plays")

LISTENER_DAYS = 28
_BATCH = 500


class Listeners:
    """Keeps `Artist.monthly_listeners`."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def recount(self) -> int:
        """How many artists have another number of listeners now. One count for each 500 artists; safe to run twice."""
        since = self._clock.now() - timedelta(days=LISTENER_DAYS)
        artists, changed = self._store.artists, 0
        async for batch in artists.engine.scan(artists.name, {}, batch=_BATCH, fields=["monthly_listeners"]):
            shown = {document["_id"]: document.get("monthly_listeners", 0) for document in batch}
            rows = await artists.engine.group(
                self._store.artist_listeners.name,
                {"artist_id": {"$in": list(shown)}, "last_at": {"$gte": since}},
                by=["artist_id"],
                sums={"listeners": 1},
                limit=_BATCH,
            )
            true = {row["artist_id"]: row["listeners"] for row in rows}
            for id, count in shown.items():
                if count != true.get(id, 0):
                    done = await artists.update({"_id": id}, {"$set": {"monthly_listeners": true.get(id, 0)}})
                    changed += done.modified
        return changed
