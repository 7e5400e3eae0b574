"""Albums that people keep at hand. Refuses to know how a save is kept; that is `edges.py`'s."""

from __future__ import annotations

from collections.abc import Sequence

from services.catalogue.albums import Albums
from services.interactions.edges import EdgePage, Edges, Wanted
from services.paging import Slice
from services.viewer import Role, Viewer
from storage.records import Album


class Saves:
    """The saved albums."""

    def __init__(self, edges: Edges[Album], albums: Albums) -> None:
        self.edges = edges
        self._albums = albums

    async def save(self, viewer: Viewer, album_id: str) -> Album:
        """The album with its new count; the same when it was saved already. NotFound when absent or invisible."""
        user_id = viewer.require(Role.LISTENER)
        album = await self._albums.get(viewer, album_id)
        return await self.edges.add(user_id, album.id) or album

    async def unsave(self, viewer: Viewer, album_id: str) -> None:
        """The save is gone afterwards, whether there was one or not; also of albums that the viewer sees no more."""
        await self.edges.remove(viewer.require(Role.LISTENER), album_id)

    async def among(self, viewer: Viewer, album_ids: Sequence[str]) -> dict[str, bool]:
        """True for those of the albums that the viewer saved; one store command, none for nobody."""
        return await self.edges.among(viewer.user_id, album_ids)

    async def albums(self, viewer: Viewer, part: Slice, *, counted: bool = True) -> EdgePage[Album]:
        """The albums the viewer saved, the latest save first; those they may not see are left out."""
        wanted = Wanted(viewer.require(Role.LISTENER), part, counted)
        return (await self.edges.pages([wanted], lambda ids: self._albums.get_many(viewer, ids)))[wanted]
