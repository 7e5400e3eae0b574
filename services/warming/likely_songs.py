"""Which songs will likely be played next by anybody: those of the week's chart, and those that came in last.

Refuses to know sound and encoders.
"""

from __future__ import annotations

from itertools import zip_longest

from services.listening.charts import EVERYWHERE, SONGS, chart_id
from services.listening.time_ranges import TimeRange
from storage.collections.store import Store


class LikelySongs:
    """Guesses."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def ids(self, limit: int) -> list[str]:
        """At most `limit` ids of songs in sight, chart and newcomers in turns; three store commands."""
        chart = await self._store.charts.get(chart_id(SONGS, EVERYWHERE, TimeRange.WEEK))
        charted = [entry.target_id for entry in chart.entries] if chart is not None else []
        new = await self._store.songs.find({"is_hidden": False}, sort=[("created_at", -1)], limit=limit)
        newcomers = [song.id for song in new]
        known = await self._store.songs.get_many(charted)
        in_sight = [id for id in charted if id in known and not known[id].is_hidden]
        turns = (id for pair in zip_longest(in_sight, newcomers) for id in pair if id is not None)
        return list(dict.fromkeys(turns))[:limit]
