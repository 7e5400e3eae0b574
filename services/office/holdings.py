"""How much the house holds: the catalogue, people and what waits for somebody. Owns the counting, for admins."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, fields
from typing import Any

from services.clock import Clock
from services.viewer import Role, Viewer
from storage.collections.collection import Collection
from storage.collections.store import Store

FRESH_S = 30.0


@dataclass(frozen=True, slots=True)
class Holdings:
    """Counts as they were at most thirty seconds ago."""

    songs: int
    hidden_songs: int
    albums: int
    hidden_albums: int
    artists: int
    hidden_artists: int
    playlists: int
    users: int
    suspended_users: int
    unfinished_uploads: int
    waiting_mails: int
    open_cases: int


class Counting:
    """Counts what there is, each figure at most every thirty seconds."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._kept: tuple[float, Holdings] | None = None
        self._turn = asyncio.Lock()

    async def holdings(self, viewer: Viewer) -> Holdings:
        """The counts, for admins."""
        viewer.require(Role.ADMIN)
        async with self._turn:
            now = self._clock.monotonic()
            if self._kept is None or now - self._kept[0] > FRESH_S:
                self._kept = (now, await self._count())
            return self._kept[1]

    async def _count(self) -> Holdings:
        store, hidden = self._store, {"is_hidden": True}
        asked: dict[str, tuple[Collection[Any], dict[str, Any]]] = {
            "songs": (store.songs, {}),
            "hidden_songs": (store.songs, hidden),
            "albums": (store.albums, {}),
            "hidden_albums": (store.albums, hidden),
            "artists": (store.artists, {}),
            "hidden_artists": (store.artists, hidden),
            "playlists": (store.playlists, {}),
            "users": (store.users, {}),
            "suspended_users": (store.users, {"is_suspended": True}),
            "unfinished_uploads": (store.uploads, {"state": "open"}),
            "waiting_mails": (store.outbox, {}),
            "open_cases": (store.moderation_cases, {"state": "open"}),
        }
        names = [field.name for field in fields(Holdings)]
        counted = await asyncio.gather(*(asked[name][0].count(asked[name][1]) for name in names))
        return Holdings(**dict(zip(names, counted, strict=True)))
