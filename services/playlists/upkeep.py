"""Proof that playlists' counters equal their rows, and the sweeping up of what deleting left behind.

A follower's edge is written before the counter moves, and a playlist is deleted before its edges and invitations: a
process that dies in between leaves a count one off, or rows that lead nowhere. Refuses to know when it runs.
"""

from __future__ import annotations

import logging
from typing import Any

from services.clock import Clock
from services.playlists.entries import totals
from storage.collections.collection import Collection
from storage.collections.store import Store

log = logging.getLogger("tutti.playlists")

_BATCH = 500


class PlaylistUpkeep:
    """The nightly proof of playlists."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def recount(self) -> int:
        """How much was wrong and is right now: counters, and rows without a playlist. Safe to run beside edits."""
        wrong = await self._recount_followers()
        wrong += await self._recount_totals()
        wrong += await self._sweep(self._store.playlist_followers, "target_id")
        wrong += await self._sweep(self._store.playlist_invites, "playlist_id")
        wrong += await self._store.playlist_invites.delete({"expires_at": {"$lte": self._clock.now()}}, many=True)
        if wrong:
            log.info("playlists put right", extra={"corrections": wrong})
        return wrong

    async def _recount_followers(self) -> int:
        wrong = 0
        playlists = self._store.playlists
        edges = self._store.playlist_followers
        async for batch in playlists.engine.scan(playlists.name, {}, batch=_BATCH, fields=["follower_count"]):
            shown = {document["_id"]: document.get("follower_count", 0) for document in batch}
            rows = await edges.engine.group(
                edges.name, {"target_id": {"$in": list(shown)}}, by=["target_id"], sums={"n": 1}, limit=_BATCH
            )
            true = {row["target_id"]: row["n"] for row in rows}
            for id, count in shown.items():
                if count != true.get(id, 0):
                    # Only while nobody counted meanwhile; whoever did is looked at in the next round.
                    changed = await playlists.update(
                        {"_id": id, "follower_count": count}, {"$set": {"follower_count": true.get(id, 0)}}
                    )
                    wrong += changed.modified
        return wrong

    async def _recount_totals(self) -> int:
        """Songs that were measured anew since they were added take their length along; totals follow the entries."""
        wrong = 0
        # A few at a time: each may hold 10,000 entries.
        async for batch in self._store.playlists.scan({}, batch=10):
            for playlist in batch:
                ids = list({entry.song_id for entry in playlist.entries})
                lengths: dict[str, int] = {}
                for at in range(0, len(ids), _BATCH):
                    found = await self._store.songs.engine.find(
                        self._store.songs.name,
                        {"_id": {"$in": ids[at : at + _BATCH]}},
                        limit=_BATCH,
                        fields=["duration_ms"],
                    )
                    lengths.update({song["_id"]: song.get("duration_ms", 0) for song in found})
                stale = False
                for entry in playlist.entries:
                    known = lengths.get(entry.song_id, entry.duration_ms)
                    stale = stale or known != entry.duration_ms
                    entry.duration_ms = known
                count, duration_ms = totals(playlist.entries)
                if not stale and (count, duration_ms) == (playlist.song_count, playlist.total_duration_ms):
                    continue
                put = {
                    "entries": self._store.playlists.written_entries(playlist.entries),
                    "song_count": count,
                    "total_duration_ms": duration_ms,
                }
                changed = await self._store.playlists.update(
                    {"_id": playlist.id, "rev": playlist.rev}, {"$set": put, "$inc": {"rev": 1}}
                )
                wrong += changed.modified
        return wrong

    async def _sweep(self, rows: Collection[Any], field: str) -> int:
        """Delete the rows whose playlist is gone; ids never come back, so nobody can be about to use them."""
        swept = 0
        async for batch in rows.engine.scan(rows.name, {}, batch=_BATCH, fields=[field]):
            there = await self._store.playlists.engine.find(
                "playlists",
                {"_id": {"$in": list({row[field] for row in batch})}},
                limit=_BATCH,
                fields=["user_id"],
            )
            known = {playlist["_id"] for playlist in there}
            gone = [row["_id"] for row in batch if row[field] not in known]
            if gone:
                swept += await rows.delete({"_id": {"$in": gone}}, many=True)
        return swept
