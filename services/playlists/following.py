"""Following playlists. The edge decides, the playlist's counter follows it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from services.accounts.people_access import PeopleAccess
from services.catalogue.listing import Order, page_of
from services.clock import Clock
from services.events import Bus, PlaylistFollowed
from services.interactions.edges import EdgePage, Edges
from services.paging import Slice
from services.playlists.access import may_change, may_see, no_such_playlist
from services.playlists.desk import Desk
from services.typed_text import is_id
from services.viewer import Role, Viewer
from storage.collections.store import Store
from storage.engine import DuplicateKey
from storage.records import Edge, Playlist

NEWEST_FIRST = Order("created_at", -1, datetime)


class Following:
    """Who follows which playlist. `edges` lists the bonds; they are drawn here, for a playlist is read by its frame."""

    def __init__(
        self, store: Store, clock: Clock, bus: Bus, desk: Desk, edges: Edges[Playlist], people: PeopleAccess
    ) -> None:
        self._store = store
        self._clock = clock
        self._bus = bus
        self._desk = desk
        self._edges = edges
        self._people = people

    async def follow(self, viewer: Viewer, playlist_id: str) -> Playlist:
        """The playlist, followed; once more changes nothing. NotFound when absent or invisible."""
        user_id = viewer.require(Role.LISTENER)
        playlist = await self._desk.frame(viewer, playlist_id)
        edge = Edge(f"{user_id}:{playlist.id}", user_id, playlist.id, self._clock.now())
        try:
            await self._store.playlist_followers.insert(edge)
        except DuplicateKey:
            return playlist
        counted = await self._store.playlists.update({"_id": playlist.id}, {"$inc": {"follower_count": 1}})
        if not counted.matched:
            # Deleted since we looked: leave nothing behind.
            await self._store.playlist_followers.delete({"_id": edge.id})
            raise no_such_playlist()
        playlist.follower_count += 1
        if playlist.user_id != user_id:
            self._bus.publish(PlaylistFollowed(user_id, playlist.id, playlist.user_id))
        return playlist

    async def unfollow(self, viewer: Viewer, playlist_id: str) -> Playlist | None:
        """The playlist, not followed any more; None when the viewer may not see it now, but did follow it.

        NotFound when it is neither seen nor followed.
        """
        user_id = viewer.require(Role.LISTENER)
        if not is_id(playlist_id):
            raise no_such_playlist()
        went = await self._store.playlist_followers.delete({"_id": f"{user_id}:{playlist_id}"})
        if went:
            await self._store.playlists.update({"_id": playlist_id}, {"$inc": {"follower_count": -1}})
        playlist = (await self._store.playlists.frames([playlist_id])).get(playlist_id)
        if playlist is not None and may_see(viewer, playlist):
            return playlist
        if not went:
            raise no_such_playlist()
        return None

    async def followed(self, viewer: Viewer, playlist_ids: Sequence[str]) -> dict[str, bool]:
        """Which of these the viewer follows; one store command."""
        return await self._edges.among(viewer.user_id, playlist_ids)

    async def followers(self, viewer: Viewer, playlist_id: str, part: Slice, *, counted: bool = True) -> EdgePage[Edge]:
        """One page of a playlist's followers, the newest first. NotFound when it is absent or invisible.

        Those whose profile is closed to the viewer are left out, unless the viewer may change the playlist.
        """
        playlist = await self._desk.frame(viewer, playlist_id)
        conditions = [{"target_id": playlist.id}]
        found = await page_of(self._store.playlist_followers, conditions, NEWEST_FIRST, part, counted=counted)
        ids = [edge.user_id for edge in found.items]
        shown = ids if may_change(viewer, playlist) else await self._people.open_among(viewer, ids)
        page: EdgePage[Edge] = EdgePage([], [], found.total, found.has_next, found.has_previous)
        for edge, cursor in zip(found.items, found.cursors, strict=True):
            if edge.user_id in shown:
                page.items.append(edge)
                page.cursors.append(cursor)
        if found.cursors:
            page.start_cursor, page.end_cursor = found.cursors[0], found.cursors[-1]
        return page

    async def following(self, viewer: Viewer, part: Slice) -> list[Playlist]:
        """The playlists that the viewer follows, the newest first; those they may not see any more are left out."""
        user_id = viewer.require(Role.LISTENER)
        edges = await self._store.playlist_followers.find(
            {"user_id": user_id}, sort=[("created_at", -1)], limit=part.limit, skip=part.offset
        )
        found = await self._store.playlists.frames([edge.target_id for edge in edges])
        playlists = [found[edge.target_id] for edge in edges if edge.target_id in found]
        return [playlist for playlist in playlists if may_see(viewer, playlist)]
