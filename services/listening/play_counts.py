"""Proof that play counts equal the ledger: recounts each song and album, and puts right what a crash left behind.

A song's count is its rows in the ledger; an album's is what its songs come to, so that the ledger is read once. Refuses
to know when it runs, and how a live play is told from a crash: that is `services/counter_proof.py`'s.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence

from services.counter_proof import SETTLE_S, CounterProof, Pause
from storage.collections.store import Store

log = logging.getLogger("tutti.plays")


class PlayCounts:
    """The counters on songs and albums, against the rows of the ledger. `pause` waits for that many seconds."""

    def __init__(self, store: Store, *, pause: Pause = asyncio.sleep) -> None:
        self._store = store
        self._songs = CounterProof(store.songs, "play_count", self._plays_of_songs, pause=pause)
        self._albums = CounterProof(store.albums, "play_count", self._plays_of_albums, pause=pause)

    async def recount(self, *, settle_s: float = SETTLE_S) -> int:
        """How many counters were wrong and are right now. Reads in batches; safe beside new plays and twice.

        Takes `settle_s` seconds longer where songs differ, and as much where albums do.
        """
        # Songs first: albums follow them.
        wrong = await self._songs.recount(settle_s=settle_s)
        wrong += await self._albums.recount(settle_s=settle_s)
        if wrong:
            log.info("play counts corrected", extra={"counters": wrong})
        return wrong

    async def _plays_of_songs(self, ids: Sequence[str]) -> dict[str, int]:
        plays = self._store.plays
        rows = await plays.engine.group(
            plays.name, {"song_id": {"$in": list(ids)}}, by=["song_id"], sums={"plays": 1}, limit=len(ids)
        )
        return {row["song_id"]: row["plays"] for row in rows}

    async def _plays_of_albums(self, ids: Sequence[str]) -> dict[str, int]:
        songs = self._store.songs
        rows = await songs.engine.group(
            songs.name, {"album_id": {"$in": list(ids)}}, by=["album_id"], sums={"plays": "play_count"}, limit=len(ids)
        )
        return {row["album_id"]: row["plays"] for row in rows}
