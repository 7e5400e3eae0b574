"""Songs that people like. Refuses to know how a like is kept; that is `edges.py`'s."""

from __future__ import annotations

from collections.abc import Sequence

from services.catalogue.songs import Songs
from services.interactions.edges import EdgePage, Edges, Wanted
from services.paging import Slice
from services.viewer import Role, Viewer
from storage.records import Song


class Likes:
    """The likes."""

    def __init__(self, edges: Edges[Song], songs: Songs) -> None:
        self.edges = edges
        self._songs = songs

    async def like(self, viewer: Viewer, song_id: str) -> Song:
        """The song with its new count; the same when it was liked already. NotFound when absent or invisible."""
        user_id = viewer.require(Role.LISTENER)
        song = await self._songs.get(viewer, song_id)
        return await self.edges.add(user_id, song.id) or song

    async def unlike(self, viewer: Viewer, song_id: str) -> None:
        """The like is gone afterwards, whether there was one or not; also of songs that the viewer sees no more."""
        await self.edges.remove(viewer.require(Role.LISTENER), song_id)

    async def among(self, viewer: Viewer, song_ids: Sequence[str]) -> dict[str, bool]:
        """True for those of the songs that the viewer likes; one store command, none for nobody."""
        return await self.edges.among(viewer.user_id, song_ids)

    async def songs(self, viewer: Viewer, part: Slice, *, counted: bool = True) -> EdgePage[Song]:
        """The songs the viewer likes, the latest like first; those they may not see are left out."""
        wanted = Wanted(viewer.require(Role.LISTENER), part, counted)
        return (await self.edges.pages([wanted], lambda ids: self._songs.get_many(viewer, ids)))[wanted]
