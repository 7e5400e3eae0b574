"""What the ledger and the likes say, read in small, bounded pieces.

Owns the bounds: how many plays of one person and of one song are looked at. Refuses to draw conclusions.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import NamedTuple

from storage.collections.store import Store
from storage.engine import Sort
from storage.records import Edge, Play

HISTORY_ROWS = 1_000
LIKED_ROWS = 300
FOLLOWED_ROWS = 100
LISTENER_ROWS = 100
NEIGHBOUR_ROWS = 100
NEIGHBOURS = 15
HEARD_LIMIT = 1_000
NEWEST: Sort = (("started_at", -1),)
HISTORY_FIELDS = (
    "song_id", "started_at", "recorded_at", "artist_ids", "ms_played", "completed", "folded", "is_removed",
)  # fmt: skip


class Listened(NamedTuple):
    """As much of a play as neighbours are known by."""

    song_id: str
    artist_ids: list[str]


class Listening:
    """Plays and likes, the newest first."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def history(self, user_id: str) -> list[Play]:
        """Somebody's newest 1,000 plays, without where and from what they were heard; one store command."""
        plays = self._store.plays
        found = await plays.engine.find(
            plays.name, {"user_id": user_id}, sort=NEWEST, limit=HISTORY_ROWS, fields=HISTORY_FIELDS
        )
        return [
            Play(
                row["_id"],
                user_id,
                row["song_id"],
                row["started_at"],
                row["recorded_at"],
                artist_ids=row.get("artist_ids") or [],
                ms_played=row.get("ms_played"),
                completed=row.get("completed", False),
                folded=row.get("folded", False),
                is_removed=row.get("is_removed", False),
            )
            for row in found
        ]

    async def liked(self, user_id: str) -> list[Edge]:
        """The newest 300 songs somebody likes; one store command."""
        return await self._store.liked_songs.find({"user_id": user_id}, sort=[("created_at", -1)], limit=LIKED_ROWS)

    async def followed(self, user_id: str) -> list[Edge]:
        """The newest 100 artists somebody follows; one store command."""
        followed = self._store.followed_artists
        return await followed.find({"user_id": user_id}, sort=[("created_at", -1)], limit=FOLLOWED_ROWS)

    async def listeners(self, song_ids: Sequence[str]) -> dict[str, list[str]]:
        """Who played each song among its newest 100 plays, none twice; one store command a song."""
        plays = self._store.plays

        async def of(song_id: str) -> list[str]:
            found = await plays.engine.find(
                plays.name, {"song_id": song_id}, sort=NEWEST, limit=LISTENER_ROWS, fields=["user_id"]
            )
            return list(dict.fromkeys(row["user_id"] for row in found))

        found = await asyncio.gather(*(of(song_id) for song_id in song_ids))
        return dict(zip(song_ids, found, strict=True))

    async def of_people(self, user_ids: Sequence[str]) -> dict[str, list[Listened]]:
        """The newest 100 plays of each of the first 15 of these people; one store command each."""
        plays = self._store.plays

        async def of(user_id: str) -> list[Listened]:
            found = await plays.engine.find(
                plays.name, {"user_id": user_id}, sort=NEWEST, limit=NEIGHBOUR_ROWS, fields=["song_id", "artist_ids"]
            )
            return [Listened(row["song_id"], row.get("artist_ids") or []) for row in found]

        wanted = list(user_ids)[:NEIGHBOURS]
        found = await asyncio.gather(*(of(user_id) for user_id in wanted))
        return dict(zip(wanted, found, strict=True))

    async def heard(self, user_id: str, song_ids: Sequence[str]) -> set[str]:
        """Which of these (at most 1,000) somebody ever played; one store command."""
        if not song_ids:
            return set()
        asked = {"user_id": user_id, "song_id": {"$in": list(song_ids)[:HEARD_LIMIT]}}
        plays = self._store.plays
        rows = await plays.engine.group(plays.name, asked, by=["song_id"], sums={"plays": 1}, limit=HEARD_LIMIT)
        return {row["song_id"] for row in rows}
