"""Smart playlists: made, changed and tried out. Their rules choose the songs, by what their owner did and may see.

Owns the bounds of a smart playlist. Refuses to know how rules are judged (selecting.py) and when a playlist is filled
anew (refreshing.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from services.catalogue.songs import Songs
from services.clock import Clock
from services.errors import Conflict, Invalid
from services.playlists import rules
from services.playlists.access import require_change
from services.playlists.desk import Desk
from services.playlists.making import Making, PlaylistDraft
from services.playlists.refreshing import Refreshing, seed_of
from services.playlists.selecting import Selecting, SmartOrder
from services.viewer import Role, Viewer
from storage.records import Playlist, Song

SONGS_LIMIT = 1000
USUAL_SONGS = 100
PREVIEW_LIMIT = 100


@dataclass(frozen=True, slots=True)
class Preview:
    """What rules would choose: how many songs satisfy them now, and the first of them."""

    match_count: int
    songs: list[Song]


class SmartPlaylists:
    """Makes and changes playlists that rules fill."""

    def __init__(
        self, clock: Clock, songs: Songs, desk: Desk, making: Making, selecting: Selecting, refreshing: Refreshing
    ) -> None:
        self._clock = clock
        self._songs = songs
        self._desk = desk
        self._making = making
        self._selecting = selecting
        self._refreshing = refreshing

    async def create(
        self,
        viewer: Viewer,
        draft: PlaylistDraft,
        tree: rules.Node,
        order: SmartOrder = SmartOrder.RECENTLY_ADDED,
        limit: int = USUAL_SONGS,
    ) -> Playlist:
        """A new smart playlist of the viewer's, filled already. `limit` is 1 to 1,000 songs.

        Invalid names the place in the rules that is wrong; otherwise as for any new playlist.
        """
        viewer.require(Role.LISTENER)
        rules.check(tree)
        check_limit(limit, SONGS_LIMIT)
        now = self._clock.now()
        # Lots are drawn by the playlist's id, which nobody has yet: a random one is filled once more below.
        selection = await self._selecting.select(viewer, tree, order, limit, seed_of(viewer.user_id or "", now))
        filled = {
            "rules": plain(tree),
            "rules_order": order.value,
            "rules_limit": limit,
            "match_count": selection.match_count,
            "refreshed_at": now,
        }
        playlist = await self._making.create(viewer, draft, selection.songs, filled=filled)
        if order is SmartOrder.RANDOM:
            await self._refreshing.refresh(playlist.id)
            return await self._desk.frame(viewer, playlist.id)
        return playlist

    async def update(
        self,
        viewer: Viewer,
        playlist_id: str,
        *,
        tree: rules.Node | None = None,
        order: SmartOrder | None = None,
        limit: int | None = None,
    ) -> Playlist:
        """The playlist with other rules, order or limit (None leaves each as it is), filled anew.

        NotFound, Denied for whoever may not change it, Conflict (NOT_SMART) for a playlist that people fill.
        """
        viewer.require(Role.LISTENER)
        require_smart(viewer, await self._desk.frame(viewer, playlist_id))
        if tree is not None:
            rules.check(tree)
        if limit is not None:
            check_limit(limit, SONGS_LIMIT)

        async def decide(playlist: Playlist) -> dict[str, Any] | None:
            require_smart(viewer, playlist)
            put: dict[str, Any] = {
                "rules": playlist.rules if tree is None else plain(tree),
                "rules_order": playlist.rules_order if order is None else order.value,
                "rules_limit": playlist.rules_limit if limit is None else limit,
            }
            different = {key: value for key, value in put.items() if getattr(playlist, key) != value}
            return {"$set": different} if different else None

        await self._desk.change(viewer, playlist_id, decide)
        await self._refreshing.refresh(playlist_id)
        return await self._desk.frame(viewer, playlist_id)

    async def preview(
        self, viewer: Viewer, tree: rules.Node, order: SmartOrder = SmartOrder.RECENTLY_ADDED, limit: int = 20
    ) -> Preview:
        """What these rules choose for the viewer, by their own plays and likes: the count and the first 1 to 100."""
        user_id = viewer.require(Role.LISTENER)
        rules.check(tree)
        check_limit(limit, PREVIEW_LIMIT)
        chosen = await self._selecting.select(viewer, tree, order, limit, seed_of(user_id, self._clock.now()))
        ids = [song.id for song in chosen.songs]
        seen = await self._songs.get_many(viewer, ids)
        return Preview(chosen.match_count, [seen[id] for id in ids if id in seen])


def check_limit(limit: int, most: int) -> None:
    """Invalid outside 1 to `most`."""
    if not 1 <= limit <= most:
        raise Invalid(f"limit must be from 1 to {most}.", field="limit")


def require_smart(viewer: Viewer, playlist: Playlist) -> None:
    """Denied for whoever may not change the playlist, then Conflict (NOT_SMART) where people choose its songs."""
    require_change(viewer, playlist)
    if playlist.rules is None:
        raise Conflict("People choose the songs of this playlist, not rules.", code="NOT_SMART")


def plain(node: Any) -> Any:
    """A checked tree as values that every store keeps as they are."""
    if isinstance(node, Mapping):
        return {key: plain(value) for key, value in node.items()}
    if isinstance(node, list):
        return [plain(each) for each in node]
    # 90.0 may come back from a store as 90; written as a whole number it is the same in all of them.
    return int(node) if isinstance(node, float) and node.is_integer() else node
