"""Proof that playlists' totals equal their entries, and the sweeping up of what deleting left behind.

A playlist is deleted before its edges and invitations: a process that dies in between leaves rows that lead nowhere.
Followers are counted by `services/interactions/edge_counts.py`. Refuses to know when it runs.
"""

from __future__ import annotations

import logging
from typing import Any

from services.clock import Clock
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
        wrong = await self._recount_totals()
        wrong += await self._sweep(self._store.playlist_followers, "target_id")
        wrong += await self._sweep(self._store.playlist_invites, "playlist_id")
        wrong += await self._store.playlist_invites.delete({"expires_at": {"$lte": self._clock.now()}}, many=True)
        if wrong:
            log.info("playlists put right", extra={"corrections": wrong})
        return wrong

    async def _recount_totals(self) -> int:
        """Songs that were measured anew since they were added take their length along; totals follow the entries."""
        wrong = 0
        playlists = self._store.playlists
        wanted = ["entries", "song_count", "total_duration_ms", "rev"]
        # A few at a time: each may hold 10,000 entries.
        async for batch in playlists.engine.scan(playlists.name, {}, batch=10, fields=wanted):
            for playlist in batch:
                entries = playlist.get("entries", [])
                stale = await self._measure(entries)
                put = {"song_count": len(entries), "total_duration_ms": sum(each["duration_ms"] for each in entries)}
                if not stale and all(playlist.get(key, 0) == value for key, value in put.items()):
                    continue
                changed = await playlists.update(
                    {"_id": playlist["_id"], "rev": playlist.get("rev", 0)},
                    {"$set": {**put, **({"entries": entries} if stale else {})}, "$inc": {"rev": 1}},
                )
                wrong += changed.modified
        return wrong

    async def _measure(self, entries: list[dict[str, Any]]) -> bool:
        """Gives entries, as stored, the lengths their songs have now; whether any was different."""
        songs = self._store.songs
        stale = False
        for at in range(0, len(entries), _BATCH):
            piece = entries[at : at + _BATCH]
            ids = list({entry["song_id"] for entry in piece})
            found = await songs.engine.find(songs.name, {"_id": {"$in": ids}}, limit=len(ids), fields=["duration_ms"])
            lengths = {song["_id"]: song.get("duration_ms", 0) for song in found}
            for entry in piece:
                now = lengths.get(entry["song_id"], entry["duration_ms"])
                stale = stale or now != entry["duration_ms"]
                entry["duration_ms"] = now
        return stale

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
