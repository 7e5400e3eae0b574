"""What somebody did on a station: from the ledger of plays, the likes, and the skips that queues tell of.

Owns the bounds, and that nothing is kept of a private session. Derived anew for each page, so that a station learns
between two pages, and forgets what its listener takes out of their history. Refuses to weigh.
"""

from __future__ import annotations

import asyncio
from datetime import timedelta

from services.clock import Clock
from services.discovery.listening import Listening
from services.discovery.radio.adapting import HALF_LIFE_DAYS, Deed, Reaction
from services.discovery.radio.cursor import Cursor, mark
from services.listening.listens import LISTEN_MS
from storage.collections.store import Store
from storage.engine import DuplicateKey
from storage.records import Play

PLAYS_ROWS = 200
SKIPS_KEPT = 100
REACTIONS_LIMIT = 300
OLDEST = timedelta(days=6 * HALF_LIFE_DAYS)


class Reactions:
    """Everybody's reactions to their stations."""

    def __init__(self, store: Store, clock: Clock, listening: Listening) -> None:
        self._store = store
        self._clock = clock
        self._listening = listening

    async def of(self, user_id: str, station_id: str, place: Cursor) -> list[Reaction]:
        """What somebody did on a station, the newest first, at most 300; three store commands.

        A like counts when the song was heard on this station, or played by it before this place; whenever it was given.
        """
        since = self._clock.now() - OLDEST
        on_station = {"user_id": user_id, "source": "radio", "source_id": station_id, "started_at": {"$gt": since}}
        plays, skipped, likes = await asyncio.gather(
            self._store.plays.find(on_station, sort=[("started_at", -1)], limit=PLAYS_ROWS),
            self._store.station_skips.get(f"{user_id}:{station_id}"),
            self._listening.liked(user_id),
        )
        shown = [play for play in plays if not play.is_removed]
        found = [(play.started_at, play.song_id, deed) for play in shown if (deed := _deed(play)) is not None]
        if skipped is not None:
            found += [(each.skipped_at, each.song_id, Deed.SKIPPED) for each in skipped.skips]
        heard, lately = {play.song_id for play in shown}, set(place.recent)
        found += [
            (edge.created_at, edge.target_id, Deed.LIKED)
            for edge in likes
            if edge.target_id in heard or mark(edge.target_id) in lately
        ]
        found.sort(key=lambda each: (each[0], each[1]), reverse=True)
        return [Reaction(id, deed, at.date()) for at, id, deed in found[:REACTIONS_LIMIT]]

    async def skipped(self, user_id: str, station_id: str, song_id: str) -> None:
        """Keep that a queue which plays a station went past a song; not in a private session. The newest 100 count."""
        user = await self._store.users.get(user_id)
        if user is None or user.preferences.private_session:
            return
        skip = {"song_id": song_id, "skipped_at": self._clock.now()}
        change = {"$set": {"user_id": user_id}, "$push": {"skips": {"$each": [skip], "$slice": -SKIPS_KEPT}}}
        asked = {"_id": f"{user_id}:{station_id}"}
        try:
            await self._store.station_skips.update(asked, change, upsert=True)
        except DuplicateKey:
            await self._store.station_skips.update(asked, change)


def _deed(play: Play) -> Deed | None:
    """A skip where it is known how little was heard; heard where it is known how much; else nothing."""
    if play.completed:
        return Deed.HEARD
    if play.ms_played is None:
        return None
    return Deed.SKIPPED if play.ms_played < LISTEN_MS else Deed.HEARD
