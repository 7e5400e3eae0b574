"""What somebody listened to most; nobody sees it but themselves.

Owns where each range is read: a day, a week and a month from the newest plays in the ledger, so that they are true to
the moment; a year and all time from the roll-ups. Refuses to know who may see the songs and artists.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from services.clock import Clock
from services.listening.time_ranges import TimeRange, first_month, since
from services.paging import slice_of
from services.viewer import Role, Viewer
from storage.collections.store import Store

LEDGER_LIMIT = 10_000


@dataclass(frozen=True, slots=True)
class Top:
    """A song or an artist, and how often the viewer played it."""

    target_id: str
    play_count: int


class Tops:
    """Everybody's own most played. Equals stand in the order of their ids."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def songs(self, viewer: Viewer, range: TimeRange, limit: int | None = None) -> list[Top]:
        """The songs the viewer played most (20 unless told); one store command. Invalid beyond 1 to 100."""
        user_id, rows = viewer.require(Role.LISTENER), slice_of(limit=limit).limit
        if range == TimeRange.ALL_TIME:
            found = await self._store.listens.find({"user_id": user_id}, sort=[("plays", -1)], limit=rows)
            return [Top(each.song_id, each.plays) for each in found]
        if range == TimeRange.YEAR:
            return await self._of_year(user_id, "song", rows)
        return _first(Counter(play["song_id"] for play in await self._newest(user_id, range, "song_id")), rows)

    async def artists(self, viewer: Viewer, range: TimeRange, limit: int | None = None) -> list[Top]:
        """The artists the viewer played most, as `songs`; a song counts for each who performs on it."""
        user_id, rows = viewer.require(Role.LISTENER), slice_of(limit=limit).limit
        if range == TimeRange.ALL_TIME:
            found = await self._store.artist_listeners.find({"user_id": user_id}, sort=[("plays", -1)], limit=rows)
            return [Top(each.artist_id, each.plays) for each in found]
        if range == TimeRange.YEAR:
            return await self._of_year(user_id, "artist", rows)
        plays = await self._newest(user_id, range, "artist_ids")
        return _first(Counter(id for play in plays for id in dict.fromkeys(play.get("artist_ids") or ())), rows)

    async def _newest(self, user_id: str, range: TimeRange, field: str) -> list[dict[str, str]]:
        # A bound for whoever reports without an end; a month of listening without sleep is fewer plays.
        return await self._store.engine.find(
            self._store.plays.name,
            {"user_id": user_id, "started_at": {"$gte": since(range, self._clock.now())}},
            sort=[("started_at", -1)],
            limit=LEDGER_LIMIT,
            fields=[field],
        )

    async def _of_year(self, user_id: str, kind: str, rows: int) -> list[Top]:
        found = await self._store.engine.group(
            self._store.listens_by_month.name,
            {"user_id": user_id, "kind": kind, "month": {"$gte": first_month(self._clock.now())}},
            by=["target_id"],
            sums={"total": "plays"},
            sort=[("total", -1)],
            limit=rows,
        )
        return [Top(each["target_id"], each["total"]) for each in found]


def _first(counts: Counter[str], rows: int) -> list[Top]:
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return [Top(id, count) for id, count in ranked[:rows]]
