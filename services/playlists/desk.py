"""The desk where playlists are looked at and written: one guarded, atomic update for each change.

Owns the guard: a change is worked out on the playlist as read, written only if `rev` is still the same, and worked out
anew on what others wrote otherwise. Refuses to know what is changed and who may; its callers decide on each reading.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection
from typing import Any
from weakref import WeakValueDictionary

from services.clock import Clock
from services.errors import Conflict
from services.events import Bus, PlaylistChanged
from services.playlists.access import may_see, no_such_playlist
from services.typed_text import is_id
from services.viewer import Viewer
from storage.collections.store import Store
from storage.records import Playlist

ATTEMPTS = 20
"""How often a change is worked out anew; only other processes can be in the way, for one process takes turns."""

_DETAILS = frozenset({"name", "description", "cover_id", "is_public", "is_collaborative"})

Decision = Callable[[Playlist], Awaitable[dict[str, Any] | None]]
"""Brings a freshly read playlist to what it shall be and answers the same as an update; None to leave it be."""


def seen_by(viewer: Viewer, playlist: Playlist | None) -> Playlist:
    """The playlist, if the viewer may see it. NotFound when absent or invisible."""
    if playlist is None or not may_see(viewer, playlist):
        raise no_such_playlist()
    return playlist


class Desk:
    """Reads and writes single playlists."""

    def __init__(self, store: Store, clock: Clock, bus: Bus) -> None:
        self._store = store
        self._clock = clock
        self._bus = bus
        # One change at a time for each playlist in this process; a lock lives as long as somebody waits for it.
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def frame(self, viewer: Viewer, playlist_id: str) -> Playlist:
        """One playlist without its entries. NotFound when absent or invisible."""
        return seen_by(viewer, await self.newest(playlist_id))

    async def newest(self, playlist_id: str) -> Playlist | None:
        """The frame for whoever asks `seen_by` before showing it; None when absent."""
        found = await self._store.playlists.frames([playlist_id]) if is_id(playlist_id) else {}
        return found.get(playlist_id)

    async def change(
        self,
        viewer: Viewer,
        playlist_id: str,
        decide: Decision,
        *,
        entries: bool = False,
        invited: bool = False,
    ) -> Playlist:
        """The playlist after the change, its `rev` one higher; as it was when `decide` leaves it be.

        `entries` says that `decide` needs them; `invited` lets somebody in who may not see it yet. NotFound when absent
        or invisible; Conflict (BUSY) when others changed it each time; whatever `decide` raises.
        """
        if not is_id(playlist_id):
            raise no_such_playlist()
        turn = self._turns.setdefault(playlist_id, asyncio.Lock())
        async with turn:
            for _ in range(ATTEMPTS):
                playlist = await self._read(playlist_id, entries)
                if playlist is None or not (invited or may_see(viewer, playlist)):
                    raise no_such_playlist()
                songs_before = playlist.song_count
                update = await decide(playlist)
                if update is None:
                    return playlist
                now = self._clock.now()
                whole = {**update, "$set": {**update.get("$set", {}), "updated_at": now}, "$inc": {"rev": 1}}
                written = await self._store.playlists.update({"_id": playlist_id, "rev": playlist.rev}, whole)
                if written.matched:
                    playlist.updated_at, playlist.rev = now, playlist.rev + 1
                    put = update.get("$set", {})
                    self.tell(viewer, playlist, songs=put.get("song_count", songs_before) - songs_before, put=put)
                    return playlist
        raise Conflict("Many people edit this playlist just now; try again.", code="BUSY")

    def tell(
        self, viewer: Viewer, playlist: Playlist, *, gone: bool = False, songs: int = 0, put: Collection[str] = ()
    ) -> None:
        """Publish that a playlist was made, changed or deleted by the viewer: `put` are the fields that changed,
        `songs` is how many more songs it has."""
        edit = "songs" if songs else "order" if "entries" in put else "details" if _DETAILS.intersection(put) else ""
        self._bus.publish(PlaylistChanged(playlist.id, viewer.user_id or "", playlist.rev, gone, songs, edit))

    async def _read(self, playlist_id: str, entries: bool) -> Playlist | None:
        if entries:
            return await self._store.playlists.get(playlist_id)
        return (await self._store.playlists.frames([playlist_id])).get(playlist_id)
