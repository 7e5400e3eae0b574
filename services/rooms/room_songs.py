"""The songs of rooms' queues as each member may hear them: what a member may not see is silent for them.

Owns a small memory of songs, so that a thousand followers are told of a queue without asking the store for each.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from typing import Any

from services.catalogue.access import sight_of
from services.clock import Clock
from services.errors import NotFound
from services.events import Bus, CatalogueChanged, Event
from services.rooms.faces import Face
from services.viewer import Viewer
from storage.collections.store import Store
from storage.records import Song

AGE_S = 30.0


class RoomSongs:
    """At most `limit` songs, half a minute old without word of a change. `stop` takes it off the bus."""

    def __init__(self, store: Store, clock: Clock, bus: Bus, *, limit: int = 10_000) -> None:
        self._store = store
        self._clock = clock
        self._limit = limit
        self._kept: OrderedDict[str, tuple[Song | None, float]] = OrderedDict()
        self.version = 0
        """Counts what was heard and seen to change: what was worked out with another version may be otherwise now."""
        self._undo = bus.hear(CatalogueChanged, self._forget)

    def stop(self) -> None:
        """Hear the bus no more."""
        self._undo()

    async def wanted(self, viewer: Viewer, song_ids: Sequence[str]) -> list[Song]:
        """These songs, for somebody who adds them. NotFound when one of them is absent or invisible to them."""
        songs = await self._songs(song_ids)
        sight = await sight_of(self._store, viewer)
        found = [song for id in song_ids if (song := songs.get(id)) is not None and sight.sees_song(song)]
        if len(found) != len(song_ids):
            raise NotFound("There is no such song.", field="songIds")
        return found

    async def silent(self, viewer: Viewer, song_ids: Iterable[str]) -> frozenset[str]:
        """Which of these the viewer may not hear."""
        wanted = list(dict.fromkeys(song_ids))
        if not wanted:
            return frozenset()
        songs = await self._songs(wanted)
        sight = await sight_of(self._store, viewer)
        return frozenset(id for id in wanted if (song := songs.get(id)) is None or not sight.sees_song(song))

    async def heard(self, viewer: Viewer, song_id: str) -> Song | None:
        """The song; None when the viewer may not hear it."""
        song = (await self._songs([song_id]))[song_id]
        return song if song is not None and (await sight_of(self._store, viewer)).sees_song(song) else None

    async def records(self, song_ids: Sequence[str]) -> dict[str, Song | None]:
        """These songs whoever may hear them, None for those that were taken away."""
        return await self._songs(song_ids)

    async def masked_face(self, viewer: Viewer, face: Face) -> Face:
        """A snapshot as this viewer may see it."""
        return {**face, "items": await self._masked(viewer, face["items"])}

    async def masked_patches(self, viewer: Viewer, patches: list[Face]) -> list[Face]:
        """Patches as this viewer may see them."""
        shown = []
        for patch in patches:
            if patch.get("items", {}).get("put"):
                put = await self._masked(viewer, patch["items"]["put"])
                patch = {**patch, "items": {**patch["items"], "put": put}}
            shown.append(patch)
        return shown

    async def _masked(self, viewer: Viewer, items: list[dict[str, Any]]) -> list[dict[str, Any]]:
        silent = await self.silent(viewer, (item["songId"] for item in items))
        if not silent:
            return items
        hidden = {"songId": None, "title": "", "credit": "", "coverId": None}
        return [{**item, **hidden} if item["songId"] in silent else item for item in items]

    async def _songs(self, ids: Sequence[str]) -> dict[str, Song | None]:
        now_s = self._clock.monotonic()
        songs: dict[str, Song | None] = {}
        missing = []
        for id in ids:
            kept = self._kept.get(id)
            if kept is None or now_s - kept[1] >= AGE_S:
                missing.append(id)
            else:
                songs[id] = kept[0]
        if missing:
            found = await self._store.songs.get_many(missing)
            for id in missing:
                songs[id] = found.get(id)
                kept = self._kept.get(id)
                if kept is not None and kept[0] != songs[id]:
                    self.version += 1
                self._kept[id] = (found.get(id), now_s)
                self._kept.move_to_end(id)
            while len(self._kept) > self._limit:
                self._kept.popitem(last=False)
        return songs

    def _forget(self, event: Event) -> None:
        if isinstance(event, CatalogueChanged):
            self.version += 1
            if not event.song_ids:
                # An artist or album changed, which may have hidden any of its songs.
                self._kept.clear()
            for song_id in event.song_ids:
                self._kept.pop(song_id, None)
