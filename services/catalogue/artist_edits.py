"""Making, rewriting, verifying and removing artists. Refuses to know albums, songs and how pictures are drawn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from services.audit.audit import Audit
from services.catalogue.genre_names import GenreNames
from services.catalogue.naming import insert_named, renamed
from services.catalogue.wording import LINK_PLACES, read_country, read_line, read_link, read_text
from services.catalogue.workbench import TRIES, Changes, Workbench, too_busy
from services.errors import Conflict, NotFound, TooMany
from services.events import Bus, CatalogueChanged
from services.library.names import fold, sort_name
from services.pictures.pictures import Pictures
from services.viewer import Role, Viewer
from storage.engine import DuplicateKey
from storage.records import Artist

OWNED_ARTISTS_LIMIT = 100
"""How many artists one account that is no admin may own."""


@dataclass(frozen=True, slots=True)
class LinksGiven:
    """Links as they are given: what is left out (`...`) stays, None takes away."""

    website: Any = ...
    spotify: Any = ...
    instagram: Any = ...
    twitter: Any = ...


class ArtistEdits:
    """Edits of artists by their owners and admins."""

    def __init__(self, bench: Workbench, bus: Bus, pictures: Pictures, genres: GenreNames, audit: Audit) -> None:
        self._bench = bench
        self._artists = bench.store.artists
        self._bus = bus
        self._pictures = pictures
        self._genres = genres
        self._audit = audit

    async def create(self, viewer: Viewer, *, name: str, **words: Any) -> Artist:
        """A new artist, in sight from the start; one made by somebody with the role artist is theirs.

        Two artists may have one name. Songs that are imported under a name meet the artist that an admin made, never
        one that somebody made for themselves: nobody comes to own a library by being first to write a name down.
        """
        user_id = viewer.require(Role.ARTIST)
        is_admin = viewer.has(Role.ADMIN)
        line = read_line(name, "name")
        if not is_admin:
            owned = await self._artists.count({"owner_id": user_id}, limit=OWNED_ARTISTS_LIMIT)
            if owned >= OWNED_ARTISTS_LIMIT:
                raise TooMany(f"An account has at most {OWNED_ARTISTS_LIMIT} artists.")
        changes = await self._read({each: word for each, word in words.items() if word is not None})
        now = self._bench.clock.now()
        id = self._bench.clock.new_id()
        artist = Artist(id, line, sort_name(line), "", f"name:{fold(line)}", now, now, is_kept=True)
        for field, value in changes.items():
            setattr(artist, field, value)
        artist.edited_fields = sorted(changes)
        if not is_admin:
            artist.owner_id = user_id
            artist.identity_key = f"made:{id}"
        try:
            await insert_named(self._bench.store, self._artists, artist, line, "artist")
        except DuplicateKey:
            artist.identity_key = f"made:{id}"
            await insert_named(self._bench.store, self._artists, artist, line, "artist")
        self._tell(artist)
        return artist

    async def update(self, viewer: Viewer, artist_id: str, **words: Any) -> Artist:
        """The artist with what was given changed; null takes something away. Its former addresses go on resolving."""
        artist = await self._bench.artist(viewer, artist_id)
        changes = await self._read({name: word for name, word in words.items() if name != "name"}, artist)
        if "name" in words:
            changes["name"] = read_line(words["name"], "name")
            changes["sort_name"] = sort_name(changes["name"])
        if not changes:
            return artist
        for _ in range(TRIES):
            address: Changes = {}
            if "name" in changes:
                address = await renamed(self._bench.store, self._artists, artist, changes["name"], "artist")
            changed = await self._bench.write(self._artists, artist, changes | address, edited=changes)
            if changed is not None:
                self._tell(changed)
                return changed
            artist = await self._bench.artist(viewer, artist_id)
        raise too_busy()

    async def verify(self, viewer: Viewer, artist_id: str, verified: bool = True) -> Artist:
        """The artist, vouched for by the house, or not any more. Moderators and admins."""
        viewer.require(Role.MODERATOR)
        found = await self._artists.update_and_get(
            {"_id": artist_id}, {"$set": {"verified": verified, "updated_at": self._bench.clock.now()}}
        )
        if found is None:
            raise NotFound("There is no such artist.", field="artistId")
        self._tell(found)
        await self._audit.note(viewer, "artist.verify" if verified else "artist.unverify", "artist", found.id)
        return found

    async def delete(self, viewer: Viewer, artist_id: str) -> None:
        """Remove an artist who has no album and no song, hidden ones included; Conflict while they have. Admins."""
        viewer.require(Role.ADMIN)
        artist = await self._bench.artist(viewer, artist_id)
        store = self._bench.store
        has_songs = await store.songs.count({"artist_ids": artist.id}, limit=1)
        if has_songs or await store.albums.count({"artist_id": artist.id}, limit=1):
            raise Conflict("This artist has albums or songs; hide them instead.", field="artistId")
        await self._artists.delete({"_id": artist.id})
        await store.followed_artists.delete({"target_id": artist.id}, many=True)
        self._tell(artist)
        await self._audit.note(viewer, "artist.delete", "artist", artist.id, name=artist.name)

    async def _read(self, words: Mapping[str, Any], artist: Artist | None = None) -> Changes:
        """The fields that these words set. What is cheap to refuse is read before a picture is drawn."""
        changes: Changes = {}
        if "bio" in words:
            changes["bio"] = read_text(words["bio"], "bio")
        if "country" in words:
            changes["country"] = read_country(words["country"])
        if "website" in words:
            changes["website"] = read_link(words["website"], "website")
        if "social_links" in words:
            changes |= _social_links(words["social_links"], artist)
        if "genres" in words:
            changes["genre_ids"] = await self._genres.ids(words["genres"])
        for name, field in (("profile_image", "profileImage"), ("cover_image", "coverImage")):
            if name in words:
                text = words[name]
                kept = None if text is None else await self._pictures.keep_base64(text, field=field)
                changes[f"{name}_id"] = kept
        return changes

    def _tell(self, artist: Artist) -> None:
        self._bus.publish(CatalogueChanged(artist_ids=(artist.id,)))


def _social_links(links: LinksGiven | None, artist: Artist | None) -> Changes:
    """The places given, beside those that an artist has already; null takes one away, no links at all take all."""
    if links is None:
        return {"social_links": {}}
    kept = dict(artist.social_links) if artist is not None else {}
    for place in LINK_PLACES:
        given = getattr(links, place)
        if given is not ...:
            link = read_link(given, f"socialLinks.{place}")
            kept.pop(place, None)
            if link is not None:
                kept[place] = link
    changes: Changes = {"social_links": kept}
    if links.website is not ...:
        changes["website"] = read_link(links.website, "socialLinks.website")
    return changes
