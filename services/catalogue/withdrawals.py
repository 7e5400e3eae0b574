"""Taking artists, albums and songs out of sight, and bringing them back; and the proof that what is hidden should be.

`is_hidden` is what every list asks. It follows from what people withdrew (a song, its album, its artist) and from
whether the sound is there; the import and this file work it out by the same rules. The flag on the withdrawn thing is
written first, so that whatever a crash leaves behind is put right by `prove`. Refuses to know files beyond their state.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from enum import StrEnum
from typing import Any

from services.audit.audit import Audit
from services.catalogue.access import may_bring_back, may_withdraw_from, owns_artist, sight_beside
from services.clock import Clock
from services.errors import Denied, NotFound
from services.events import Bus, CatalogueChanged, ContentModerated
from services.library.recount import is_withheld
from services.library.settling import Settling
from services.viewer import Viewer
from storage.collections.library import Library, pieces
from storage.collections.store import Store
from storage.records import Album, Artist, FileState, Song

log = logging.getLogger("tutti.catalogue")


class CatalogueKind(StrEnum):
    """What may be taken out of sight."""

    ARTIST = "artist"
    ALBUM = "album"
    SONG = "song"


_MISSING = {kind: f"There is no such {kind}." for kind in CatalogueKind}


class Withdrawals:
    """Hides and shows by people's word."""

    def __init__(self, store: Store, clock: Clock, bus: Bus, audit: Audit) -> None:
        self._store = store
        self._clock = clock
        self._bus = bus
        self._audit = audit

    async def set_hidden(
        self, viewer: Viewer, kind: CatalogueKind, id: str, hidden: bool, *, tell: bool = True
    ) -> bool:
        """Hide something with all that belongs to it, or bring it back; whether it is hidden now.

        The owner, moderators and admins hide; what the house hid, its owner does not bring back. Bringing back shows
        nothing whose sound is gone, and nothing that is withdrawn by itself or with something else. `tell` the owner.
        """
        viewer.require("listener")
        record, artist = await self._find(viewer, kind, id)
        if not may_withdraw_from(viewer, artist):
            raise Denied("This artist is not yours.")
        if not hidden and not may_bring_back(viewer, artist, is_moderated=record.is_moderated):
            raise Denied("The house has hidden this; write to a moderator.")
        fields: dict[str, Any] = {"is_withdrawn": hidden, "updated_at": self._clock.now()}
        if not hidden or not owns_artist(viewer, artist):
            fields["is_moderated"] = hidden
        collection: Any = self._collection(kind)
        await collection.update({"_id": id}, {"$set": fields})
        await self._follow(kind, id)
        if not owns_artist(viewer, artist):
            await self._audit.note(viewer, f"{kind.value}.{'hide' if hidden else 'restore'}", kind.value, id)
        written = await collection.get(id)
        if tell and artist.owner_id and not owns_artist(viewer, artist):
            name = record.name if isinstance(record, Artist) else record.title
            told = ContentModerated(kind.value, id, artist.owner_id, name, hidden, self._clock.now())
            self._bus.publish(told)
        return written is None or written.is_hidden

    async def prove(self) -> int:
        """How many songs were wrongly hidden or shown and are right now; albums and artists of those follow."""
        wrong = 0
        async for batch in self._store.songs.engine.scan("songs", {}, batch=500, fields=["album_id"]):
            wrong += len(await self._settle([document["_id"] for document in batch]))
        for collection, kind in (
            (self._store.artists, CatalogueKind.ARTIST),
            (self._store.albums, CatalogueKind.ALBUM),
        ):
            found = await collection.find({"is_withdrawn": True}, sort=[("updated_at", -1)], limit=10_000)
            for record in found:
                if not record.is_hidden:
                    await self._follow(kind, record.id)
                    wrong += 1
        if wrong:
            log.info("visibility corrected", extra={"records": wrong})
        return wrong

    async def _follow(self, kind: CatalogueKind, id: str) -> None:
        """Bring everything that belongs to it into line, and tell."""
        if kind == CatalogueKind.SONG:
            await self._settle([id], returning=True)
            return
        field = {CatalogueKind.ALBUM: "album_id", CatalogueKind.ARTIST: "artist_id"}[kind]
        async for batch in self._store.songs.engine.scan("songs", {field: id}, batch=500, fields=["album_id"]):
            await self._settle([document["_id"] for document in batch], returning=True)
        settling = Settling(Library(self._store), self._clock)
        if kind == CatalogueKind.ALBUM:
            settling.albums.add(id)
        else:
            settling.artists.add(id)
            async for batch in self._store.albums.engine.scan("albums", {"artist_id": id}, fields=["artist_id"]):
                settling.albums.update(document["_id"] for document in batch)
        await self._recount(settling)

    async def _settle(self, song_ids: Sequence[str], *, returning: bool = False) -> list[str]:
        """Hide and show these songs as it should be; the changed ones. `returning`: without any file too."""
        songs = await self._store.songs.get_many(song_ids)
        albums = await self._store.albums.get_many([song.album_id for song in songs.values() if song.album_id])
        library = Library(self._store)
        withdrawn = await library.withdrawn_artists(song.artist_id for song in songs.values())
        files: dict[str, bool] = {}
        for file in await library.files_of_songs(songs):
            files[file.song_id or ""] = files.get(file.song_id or "", False) or file.state == FileState.PRESENT
        changes: dict[str, dict[str, Any]] = {}
        settling = Settling(library, self._clock)
        for song in songs.values():
            # A song that never had a file is on its way in: whoever brings it shows it.
            sounds = files.get(song.id, returning or not song.is_hidden)
            held = is_withheld(song, albums.get(song.album_id or ""), song.artist_id in withdrawn)
            if song.is_hidden != (held or not sounds):
                changes[song.id] = {"is_hidden": not song.is_hidden, "updated_at": self._clock.now()}
                settling.touch(song)
        await library.change_all(self._store.songs, changes)
        if changes:
            self._tell(song_ids=changes)
            await self._recount(settling)
        return list(changes)

    async def _recount(self, settling: Settling) -> None:
        albums = sorted(settling.albums)
        await settling.recount_albums()
        artists = sorted(settling.artists)
        await settling.recount_artists()
        self._tell(album_ids=albums, artist_ids=artists)

    def _tell(
        self, song_ids: Iterable[str] = (), album_ids: Iterable[str] = (), artist_ids: Iterable[str] = ()
    ) -> None:
        for name, ids in (("song_ids", song_ids), ("album_ids", album_ids), ("artist_ids", artist_ids)):
            for piece in pieces(ids):
                self._bus.publish(CatalogueChanged(**{name: tuple(piece)}))

    def _collection(self, kind: CatalogueKind) -> Any:
        shelves = {CatalogueKind.ARTIST: "artists", CatalogueKind.ALBUM: "albums", CatalogueKind.SONG: "songs"}
        return getattr(self._store, shelves[kind])

    async def _find(self, viewer: Viewer, kind: CatalogueKind, id: str) -> tuple[Artist | Album | Song, Artist]:
        """The record and its artist. NotFound alike when absent and when invisible to the viewer."""
        record: Any = await self._collection(kind).get(id)
        artist = record
        if record is not None and kind != CatalogueKind.ARTIST:
            artist = await self._store.artists.get(record.artist_id)
        if record is None or artist is None:
            raise NotFound(_MISSING[kind], field="id")
        sight = sight_beside(viewer, artist)
        sees: dict[str, Callable[[Any], bool]] = {
            "artist": sight.sees_artist,
            "album": sight.sees_album,
            "song": sight.sees_song,
        }
        if not sees[kind.value](record):
            raise NotFound(_MISSING[kind], field="id")
        return record, artist
