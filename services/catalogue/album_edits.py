"""Making, rewriting and removing albums, and the copies of their words on songs. Refuses to know how songs come in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.catalogue.genre_names import GenreNames
from services.catalogue.naming import insert_named, renamed
from services.catalogue.orders import AlbumType
from services.catalogue.releases import Releases
from services.catalogue.wording import read_line, read_optional_line, read_release_date, read_text, read_upc
from services.catalogue.workbench import TRIES, Changes, Workbench, too_busy
from services.errors import Conflict, Invalid
from services.events import Bus, CatalogueChanged
from services.library.names import fold, plain_year, sort_name
from services.library.settling import Settling
from services.pictures.pictures import Pictures
from services.viewer import Role, Viewer
from storage.collections.library import Library
from storage.engine import DuplicateKey
from storage.records import Album, Credit

COPYRIGHT_LIMIT = 500


class AlbumEdits:
    """Edits of albums by the artist's owner and admins."""

    def __init__(self, bench: Workbench, bus: Bus, pictures: Pictures, genres: GenreNames, releases: Releases) -> None:
        self._bench = bench
        self._albums = bench.store.albums
        self._bus = bus
        self._pictures = pictures
        self._genres = genres
        self._releases = releases

    async def create(self, viewer: Viewer, artist_id: str, *, title: str, **words: Any) -> Album:
        """A new album, in sight from the start unless its artist is withdrawn; its followers hear when it is out.

        As with artists, an import meets by its title only what an admin made.
        """
        artist = await self._bench.artist(viewer, artist_id)
        line = read_line(title, "title")
        changes = await self._read({name: word for name, word in words.items() if word is not None})
        now = self._bench.clock.now()
        id = self._bench.clock.new_id()
        key = f"name:{fold(artist.name)}|{fold(line)}|{plain_year(changes.get('release_date')) or ''}"
        album = Album(
            id,
            line,
            sort_name(line),
            "",
            key if viewer.has(Role.ADMIN) else f"made:{id}",
            artist.id,
            artist.name,
            now,
            now,
            credits=[Credit(artist.id, artist.name)],
            is_kept=True,
            is_hidden=artist.is_withdrawn,
        )
        for field, value in changes.items():
            setattr(album, field, value)
        album.edited_fields = sorted({*changes, "title", "sort_title"})
        album.tagged = {"title": line}
        try:
            await insert_named(self._bench.store, self._albums, album, line, "album")
        except DuplicateKey:
            album.identity_key = f"made:{id}"
            await insert_named(self._bench.store, self._albums, album, line, "album")
        await self._recount(artist_ids={artist.id})
        await self._tell(album)
        return album

    async def update(self, viewer: Viewer, album_id: str, **words: Any) -> Album:
        """The album with what was given changed; null takes something away. Its songs' copies follow."""
        album, _ = await self._bench.album(viewer, album_id)
        changes = await self._read({name: word for name, word in words.items() if name != "title"})
        if "title" in words:
            changes["title"] = read_line(words["title"], "title")
            changes["sort_title"] = sort_name(changes["title"])
        if not changes:
            return album
        for _ in range(TRIES):
            address: Changes = {}
            if "title" in changes:
                address = await renamed(self._bench.store, self._albums, album, changes["title"], "album")
            changed = await self._bench.write(self._albums, album, changes | address, edited=changes)
            if changed is not None:
                await self._copy(changed, changes)
                await self._tell(changed)
                return changed
            album, _ = await self._bench.album(viewer, album_id)
        raise too_busy()

    async def delete(self, viewer: Viewer, album_id: str) -> None:
        """Remove an album without songs, hidden ones included; Conflict while it has some."""
        album, artist = await self._bench.album(viewer, album_id)
        store = self._bench.store
        if await store.songs.count({"album_id": album.id}, limit=1):
            raise Conflict("This album has songs; hide it instead.", field="albumId")
        await self._albums.delete({"_id": album.id})
        await store.saved_albums.delete({"target_id": album.id}, many=True)
        await self._recount(artist_ids={artist.id})
        self._bus.publish(CatalogueChanged(album_ids=(album.id,), artist_ids=(artist.id,)))

    async def _copy(self, album: Album, changes: Changes) -> None:
        """Give the songs the title and cover that they carry for list rows."""
        copies = {f"album_{name}" if name == "title" else name: changes[name] for name in ("title", "cover_id")
                  if changes.get(name) is not None}  # fmt: skip
        if copies:
            await self._bench.store.songs.update({"album_id": album.id}, {"$set": copies}, many=True)

    async def _recount(self, artist_ids: set[str]) -> None:
        settling = Settling(Library(self._bench.store), self._bench.clock)
        settling.artists = artist_ids
        await settling.recount_artists()

    async def _tell(self, album: Album) -> None:
        self._bus.publish(CatalogueChanged(album_ids=(album.id,), artist_ids=(album.artist_id,)))
        await self._releases.announce(album)

    async def _read(self, words: Mapping[str, Any]) -> Changes:
        """The fields that these words set. What is cheap to refuse is read before a picture is drawn."""
        changes: Changes = {}
        if "album_type" in words:
            if words["album_type"] is None:
                raise Invalid("albumType cannot be empty.", field="albumType")
            changes["album_type"] = AlbumType(words["album_type"]).value
        if "release_date" in words:
            changes["release_date"] = read_release_date(words["release_date"])
        if "description" in words:
            changes["description"] = read_text(words["description"], "description")
        if "label" in words:
            changes["label"] = read_optional_line(words["label"], "label")
        if "copyright" in words:
            changes["copyright"] = read_optional_line(words["copyright"], "copyright", limit=COPYRIGHT_LIMIT)
        if "upc" in words:
            changes["upc"] = read_upc(words["upc"])
        if "genres" in words:
            changes["genre_ids"] = await self._genres.ids(words["genres"])
        if "cover_image" in words:
            text = words["cover_image"]
            kept = None if text is None else await self._pictures.keep_base64(text, field="coverImage")
            changes["cover_id"] = kept
        return changes
