"""What everybody plays, likes and puts into playlists, read from the store in small pieces and written down as rows.

Plays come from the roll-up of listens, each person's songs together; what was skipped is taken off again. Private
sessions leave no trace there, so there is none here. Owns the weights. Refuses to learn.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path
from typing import Any

from services.clock import Clock
from services.discovery.collaborative.names import fits
from services.discovery.learning.rows import Gathered, RowsFile
from services.discovery.taste import LIKE_WEIGHT, SKIPPED_BELOW_MS
from storage.collections.store import Store
from storage.engine import Document

ROWS_AT_ONCE = 500
PLAYLISTS_AT_ONCE = 20
ENTRIES_READ = 500
"""Of one playlist so many songs count, the first."""

PEOPLE_LIMIT = 1_000_000
SONGS_LIMIT = 1_000_000
HALF_LIFE_DAYS = 180.0
LASTING = 0.5
"""The share of a play's weight that never fades: what somebody loved once says something for ever."""

PLAYLIST_WEIGHT = 2.0
SKIPS_ORDER = ("user_id", "song_id")
SKIPS: Document = {"completed": False, "ms_played": {"$lt": SKIPPED_BELOW_MS}}


class Gathering:
    """One reading of the store. `most_rows` bounds it; what lies beyond is left out, and `is_cut` says so."""

    def __init__(self, store: Store, clock: Clock, folder: Path, *, most_rows: int) -> None:
        self._store = store
        self._now = clock.now()
        self._folder = folder
        self._left = most_rows
        self._people: dict[str, int] = {}
        self._songs: dict[str, int] = {}
        self._plays = 0
        self._rows = 0
        self.is_cut = False

    async def write(self) -> Gathered:
        """Read everything and write it into the folder, the summary last: an unfinished reading is none."""
        file = await asyncio.to_thread(RowsFile, self._folder)
        try:
            for batches in (self._listens(), self._skips(), self._likes(), self._entries()):
                async for rows in batches:
                    kept = rows[: self._left]
                    self.is_cut |= len(kept) < len(rows)
                    self._left -= len(kept)
                    self._rows += len(kept)
                    await asyncio.to_thread(file.add, kept)
                    if not self._left:
                        break
            songs = await self._artists()
            gathered = Gathered(self._now, self._plays, len(self._people), self._rows)
            await asyncio.to_thread(file.close, songs, gathered)
        finally:
            file.drop()
        return gathered

    async def _listens(self) -> AsyncIterator[list[tuple[int, int, float, float]]]:
        engine, shelf = self._store.engine, self._store.listens.name
        fields = ["user_id", "song_id", "plays", "last_at"]
        async for batch in engine.scan(shelf, {}, batch=ROWS_AT_ONCE, fields=fields):
            self._plays += sum(row["plays"] for row in batch)
            yield self._numbered(batch, lambda row: (row["plays"], row["plays"] * self._freshness(row["last_at"])))

    async def _skips(self) -> AsyncIterator[list[tuple[int, int, float, float]]]:
        after: list[Any] | None = None
        while True:
            batch = await self._store.engine.find(
                self._store.plays.name,
                SKIPS,
                sort=[(field, 1) for field in SKIPS_ORDER],
                after=after,
                limit=ROWS_AT_ONCE,
                fields=SKIPS_ORDER,
            )
            if batch:
                yield self._numbered(batch, lambda row: (-1.0, -1.0))
            if len(batch) < ROWS_AT_ONCE:
                return
            after = [*(batch[-1][field] for field in SKIPS_ORDER), batch[-1]["_id"]]

    async def _likes(self) -> AsyncIterator[list[tuple[int, int, float, float]]]:
        engine, shelf = self._store.engine, self._store.liked_songs.name
        async for batch in engine.scan(shelf, {}, batch=ROWS_AT_ONCE, fields=["user_id", "target_id"]):
            rows = [{"user_id": row["user_id"], "song_id": row["target_id"]} for row in batch]
            yield self._numbered(rows, lambda row: (0.0, LIKE_WEIGHT))

    async def _entries(self) -> AsyncIterator[list[tuple[int, int, float, float]]]:
        """Who put what into a playlist by hand. What rules put into smart ones, nobody chose."""
        engine, shelf = self._store.engine, self._store.playlists.name
        async for batch in engine.scan(shelf, {}, batch=PLAYLISTS_AT_ONCE, fields=["entries", "rules", "is_editorial"]):
            for playlist in batch:
                if playlist.get("rules") is None and not playlist.get("is_editorial"):
                    rows = [
                        {"user_id": entry["added_by"], "song_id": entry["song_id"]}
                        for entry in playlist.get("entries", ())[:ENTRIES_READ]
                    ]
                    yield self._numbered(rows, lambda row: (0.0, PLAYLIST_WEIGHT))

    def _numbered(self, rows: list[Document], values: Any) -> list[tuple[int, int, float, float]]:
        made: list[tuple[int, int, float, float]] = []
        for row in rows:
            person = self._number(self._people, row["user_id"], PEOPLE_LIMIT)
            song = self._number(self._songs, row["song_id"], SONGS_LIMIT)
            if person is not None and song is not None:
                made.append((person, song, *values(row)))
        return made

    def _number(self, numbers: dict[str, int], id: str, limit: int) -> int | None:
        number = numbers.get(id)
        if number is None and fits(id):
            if len(numbers) < limit:
                number = numbers[id] = len(numbers)
            else:
                self.is_cut = True
        return number

    def _freshness(self, last_at: datetime) -> float:
        age_days = max(0.0, (self._now - last_at).total_seconds() / 86_400)
        return float(LASTING + (1 - LASTING) * 0.5 ** (age_days / HALF_LIFE_DAYS))

    async def _artists(self) -> list[tuple[str, str]]:
        """Each song with its main artist; with none when it is gone or out of sight."""
        ids, found = list(self._songs), {}
        for start in range(0, len(ids), ROWS_AT_ONCE):
            wanted = ids[start : start + ROWS_AT_ONCE]
            documents = await self._store.engine.find(
                self._store.songs.name,
                {"_id": {"$in": wanted}, "is_hidden": False},
                limit=len(wanted),
                fields=["artist_id"],
            )
            found.update({document["_id"]: document["artist_id"] for document in documents})
        return [(id, found.get(id, "") if fits(found.get(id, "")) else "") for id in ids]
