"""What those who follow a room are told, made once for all who see it alike.

Owns the last tellings, by room, revisions and sight. Refuses to know who follows: what a member may not see of the
queue is decided by their sight, and those of one sight are told the same words.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Hashable
from typing import Any
from weakref import WeakValueDictionary

from services.catalogue.access import sight_of
from services.clock import Clock
from services.rooms.faces import Face, face_of
from services.rooms.reducer import patches_since
from services.rooms.room_songs import RoomSongs
from services.viewer import Viewer
from storage.collections.store import Store
from storage.records.room import Room

AGE_S = 5.0
"""How long a telling is given to others at the most: songs may change without word of it."""


class Told(dict[str, Any]):
    """News of a room; `seen_as` is the same for all who are told the same of one revision."""

    seen_as: Hashable = None


class RoomNews:
    """At most `limit` tellings, the oldest forgotten first. `made` counts those that were worked out."""

    def __init__(self, store: Store, clock: Clock, songs: RoomSongs, *, limit: int = 64) -> None:
        self._store = store
        self._clock = clock
        self._songs = songs
        self._limit = limit
        self._told: OrderedDict[Hashable, Told] = OrderedDict()
        self._turns: WeakValueDictionary[Hashable, asyncio.Lock] = WeakValueDictionary()
        self.made = 0

    async def since(self, viewer: Viewer, room: Room, epoch: str | None, last_rev: int | None) -> Told:
        """What brings a client from `last_rev` to this state: `patches`, or a `room` where only the whole will do."""
        sight = await sight_of(self._store, viewer)
        known = last_rev if epoch == room.epoch else None
        key = (room.id, room.epoch, room.rev, known, sight, self._songs.version, self._clock.monotonic() // AGE_S)
        told = self._told.get(key)
        if told is not None:
            return told
        # One works it out, while the others of the same sight wait for it.
        turn = self._turns.setdefault(key, asyncio.Lock())
        async with turn:
            told = self._told.get(key)
            if told is not None:
                return told
            told = Told(await self._work_out(viewer, room, epoch, last_rev))
            self.made += 1
            told.seen_as = self.made
            self._told[key] = told
            while len(self._told) > self._limit:
                self._told.popitem(last=False)
            return told

    async def _work_out(self, viewer: Viewer, room: Room, epoch: str | None, last_rev: int | None) -> Face:
        patches = patches_since(room, epoch, last_rev)
        told: Face = {"roomId": room.id, "epoch": room.epoch, "rev": room.rev}
        if patches is None:
            return {**told, "room": await self._songs.masked_face(viewer, face_of(room))}
        return {**told, "from": last_rev, "patches": await self._songs.masked_patches(viewer, patches)}
