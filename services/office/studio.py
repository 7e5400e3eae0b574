"""What an artist has in the house: their artists and the files on their way in.

Owns those two lists. Refuses to know the catalogue's rules: records go out by ids that its own services have looked at.
"""

from __future__ import annotations

from services.catalogue.access import OWNED_LIMIT
from services.paging import PAGE_LIMIT
from services.viewer import Role, Viewer
from storage.collections.store import Store
from storage.records import Artist
from storage.records.upload import Upload


class Studio:
    """The studio of whoever asks."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def artists(self, viewer: Viewer) -> list[Artist]:
        """The viewer's artists, hidden ones included, by name; at most 1,000."""
        owner_id = viewer.require(Role.LISTENER)
        found = await self._store.artists.find({"owner_id": owner_id}, limit=OWNED_LIMIT)
        return sorted(found, key=lambda artist: artist.sort_name)

    async def uploads(self, viewer: Viewer) -> list[Upload]:
        """The viewer's files on their way in and those that became songs, the last first; at most 100."""
        owner_id = viewer.require(Role.ARTIST)
        found = await self._store.uploads.find({"user_id": owner_id}, limit=10 * PAGE_LIMIT)
        return sorted(found, key=lambda upload: upload.created_at, reverse=True)[:PAGE_LIMIT]
