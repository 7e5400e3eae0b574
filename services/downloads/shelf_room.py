"""How much room there is for downloads: lists of a person, songs on a device.

Owns the count and its refusals. Refuses to know what is on a list.
"""

from __future__ import annotations

from dataclasses import replace

from services.downloads.rules import DownloadRules
from services.downloads.song_list import Wanted
from services.errors import Conflict
from storage.collections.store import Store
from storage.records.download import Download


class ShelfRoom:
    """Holds downloads against the rules."""

    def __init__(self, store: Store, rules: DownloadRules) -> None:
        self._store = store
        self._rules = rules

    async def insert(self, fresh: Download, most_songs: int) -> None:
        """Put it on the shelf, then count: of two that are too many together neither stays, but never both."""
        await self._store.downloads.insert(fresh)
        lists, songs = await self._held(fresh)
        refusal: Conflict | None = None
        if lists > self._rules.lists:
            refusal = Conflict(f"You have {self._rules.lists:,} downloads; remove one.", code="TOO_MANY_DOWNLOADS")
        elif songs > most_songs:
            refusal = Conflict(f"A device keeps {most_songs:,} songs at most.", code="TOO_MANY_SONGS")
        if refusal is not None:
            await self._store.downloads.delete({"_id": fresh.id})
            raise refusal

    async def _held(self, download: Download) -> tuple[int, int]:
        """How many downloads its owner has, and how many songs on its device."""
        rows = await self._store.engine.group(
            self._store.downloads.name,
            {"user_id": download.user_id, "over": ""},
            by=["device_id"],
            sums={"songs": "song_count", "lists": 1},
        )
        songs = sum(row["songs"] for row in rows if row["device_id"] == download.device_id)
        return sum(row["lists"] for row in rows), songs

    async def within_limit(self, download: Download, wanted: Wanted, most_songs: int) -> Wanted:
        """A list that grew beyond what the device may keep is cut at its end."""
        distinct = list(dict.fromkeys(wanted.order))
        if len(distinct) <= download.song_count:
            return wanted
        _, songs = await self._held(download)
        room = max(download.song_count, most_songs - (songs - download.song_count))
        if len(distinct) <= room:
            return wanted
        kept = set(distinct[:room])
        return replace(wanted, order=[id for id in wanted.order if id in kept])
