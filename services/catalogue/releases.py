"""Telling that an album is out, once: the first time it can be seen with a date that has come.

Owns the day and the once. Who is told belongs to whoever hears `AlbumReleased`.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from services.clock import Clock
from services.events import AlbumReleased, Bus
from storage.collections.store import Store
from storage.records import Album

NEWS_DAYS = 30
"""An album older than this is no news when it enters the catalogue."""

AT_ONCE = 200


class Releases:
    """Announces albums. An import into another process is heard of here too: the job looks at the store."""

    def __init__(self, store: Store, clock: Clock, bus: Bus) -> None:
        self._store = store
        self._clock = clock
        self._bus = bus

    async def announce(self, album: Album) -> bool:
        """Tell that this album is out, if it is in sight, its date has come and nobody told before."""
        today = self._clock.now().date().isoformat()
        if album.is_hidden or album.release_date is None or album.release_date > today or album.announced_at:
            return False
        told = await self._mark(album)
        if told:
            self._bus.publish(AlbumReleased(album.id, album.artist_id))
        return told

    async def announce_due(self) -> int:
        """Tell of albums that came out in the last 30 days, at most 200 at a time; how many.

        Albums of artists nobody follows are passed over in silence, so that a first import of a whole library, whose
        artists have no followers yet, tells nobody anything.
        """
        now = self._clock.now().date()
        span = {"$gte": (now - timedelta(days=NEWS_DAYS)).isoformat(), "$lte": now.isoformat()}
        due: dict[str, Any] = {"is_hidden": False, "release_date": span, "announced_at": None}
        albums = await self._store.albums.find(due, sort=[("release_date", -1)], limit=AT_ONCE)
        artists = await self._store.artists.get_many([album.artist_id for album in albums])
        told = 0
        for album in albums:
            artist = artists.get(album.artist_id)
            if artist is not None and artist.follower_count > 0:
                told += await self.announce(album)
            else:
                await self._mark(album)
        return told

    async def _mark(self, album: Album) -> bool:
        marked = await self._store.albums.update(
            {"_id": album.id, "announced_at": None, "is_hidden": False}, {"$set": {"announced_at": self._clock.now()}}
        )
        return marked.modified == 1
