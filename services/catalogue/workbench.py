"""How an edit of the catalogue is written: checked rights, one atomic update, what a person set remembered.

Owns the meeting of editors, of an edit and an import, and the announcement. Refuses to know single fields.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any, TypeVar

from services.attention import Attention, Posted
from services.catalogue.access import may_edit_artist, sight_beside
from services.clock import Clock
from services.errors import Conflict, Denied, NotFound
from services.viewer import Viewer
from storage.collections.collection import Collection
from storage.collections.store import Store
from storage.engine import DuplicateKey
from storage.records import Album, Artist, Song

Record = TypeVar("Record", Artist, Album, Song)
Changes = dict[str, Any]
TRIES = 8


class Workbench:
    """What every editor of the catalogue works at: finds what is to be edited, and writes it."""

    def __init__(self, store: Store, clock: Clock, attention: Attention | None = None) -> None:
        self.store = store
        self.clock = clock
        self._attention = attention or Attention()

    async def artist(self, viewer: Viewer, id: str, field: str = "artistId") -> Artist:
        """An artist that the viewer may rewrite. NotFound when absent or invisible, Denied when not theirs."""
        artist = await self.store.artists.get(id)
        if artist is None or not sight_beside(viewer, artist).sees_artist(artist):
            raise NotFound("There is no such artist.", field=field)
        self._check(viewer, artist)
        return artist

    async def album(self, viewer: Viewer, id: str, field: str = "albumId") -> tuple[Album, Artist]:
        """An album that the viewer may rewrite, with its artist."""
        album = await self.store.albums.get(id)
        artist = None if album is None else await self.store.artists.get(album.artist_id)
        if album is None or artist is None or not sight_beside(viewer, artist).sees_album(album):
            raise NotFound("There is no such album.", field=field)
        self._check(viewer, artist)
        return album, artist

    async def song(self, viewer: Viewer, id: str, field: str = "songId") -> tuple[Song, Artist]:
        """A song that the viewer may rewrite, with its artist."""
        song = await self.store.songs.get(id)
        artist = None if song is None else await self.store.artists.get(song.artist_id)
        if song is None or artist is None or not sight_beside(viewer, artist).sees_song(song):
            raise NotFound("There is no such song.", field=field)
        self._check(viewer, artist)
        return song, artist

    async def write(
        self, collection: Collection[Record], record: Record, changes: Changes, edited: Iterable[str] = ()
    ) -> Record | None:
        """The record with these fields, None when it changed meanwhile: read it again and try once more.

        `edited` are fields that an import shall leave from now on; what the file said of them is kept in `tagged`.
        """
        before = collection.codec.encode(record)
        after = collection.codec.encode(replace(record, **changes, updated_at=self.clock.now()))
        put = {name: after[name] for name in (*changes, "updated_at") if name in after}
        drop: Changes = {name: "" for name in changes if name not in after}
        fresh = sorted(set(edited) - set(record.edited_fields))
        if not isinstance(record, Artist):
            put |= {f"tagged.{name}": before[name] for name in fresh if name in before}
        update: dict[str, Any] = {"$set": put}
        if drop:
            update["$unset"] = drop
        if fresh:
            update["$addToSet"] = {"edited_fields": {"$each": fresh}}
        # What is prose about artists and albums; titles and lyrics are art, and say what they like.
        prose = {name: changes[name] for name in ("bio", "description") if changes.get(name)}
        for name, text in prose.items():
            self._attention.refuse(name, text)
        try:
            written = await collection.update_and_get(
                {"_id": record.id, "slug": record.slug, "updated_at": record.updated_at}, update
            )
        except DuplicateKey:
            return None
        if written is not None and prose:
            kind, texts = type(record).__name__.lower(), tuple(prose.values())
            self._attention.note(Posted(kind, record.id, "", is_new=False, texts=texts))
        return written

    def _check(self, viewer: Viewer, artist: Artist) -> None:
        viewer.require("listener")
        if not may_edit_artist(viewer, artist):
            raise Denied("This artist is not yours.")


def too_busy() -> Conflict:
    """For an edit that met others again and again."""
    return Conflict("Somebody else is editing this; look again.")
