"""Artists, genres and albums found or made, in bulk, meeting others who write at the same time at the unique keys.

Owns the meeting and the slugs. Refuses to know files and identity of songs.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from copy import deepcopy
from typing import Any, TypeVar

from services.clock import Clock
from services.errors import Unavailable
from services.library.album_words import continues, newer_words
from services.library.albums import AlbumPlan
from services.library.credits import NamedCredit
from services.library.names import OLD_SLUGS_LIMIT, fits, fold, free_slug, slug, sort_name
from services.library.path_tags import album_folder
from services.library.people import People
from storage.collections.collection import Collection
from storage.collections.library import Library
from storage.records import Album, Artist, Genre, Song

Named = TypeVar("Named", Artist, Album, Genre)
_TRIES = 8


class CatalogueWriter:
    """Finds or makes what songs refer to."""

    def __init__(self, library: Library, clock: Clock) -> None:
        self.library = library
        self.clock = clock
        self.artists_added = 0
        self.albums_added = 0

    async def genres(self, names: Iterable[str]) -> dict[str, str]:
        """Genre ids by folded name."""
        wanted = {fold(name): name for name in names}
        collection = self.library.store.genres
        known = {genre.name_key: genre for genre in await self.library.all_in(collection, "name_key", wanted)}
        # A genre that people renamed is still what the tags mean by its former name.
        former = await self.library.all_in(collection, "old_keys", [key for key in wanted if key not in known])
        for genre in former:
            known |= {key: genre for key in genre.old_keys if key in wanted and key not in known}
        now = self.clock.now()
        made = [
            Genre(self.clock.new_id(), name, key, slug(name, "genre"), now, now)
            for key, name in wanted.items()
            if key not in known
        ]
        for genre in (await self._meet(collection, made, "name_key")).values():
            known[genre.name_key] = genre
        return {key: genre.id for key, genre in known.items()}

    async def artists(self, credits: Iterable[NamedCredit], sort_names: dict[str, str]) -> People:
        """Artist ids for all these credits. `sort_names` go by folded name.

        A name without a MusicBrainz id and the first id seen under it are one artist; a second id is another.
        """
        wanted = {(credit.musicbrainz_id, fold(credit.name)): credit for credit in credits}
        artists = self.library.store.artists
        ids = {id for id, _ in wanted if id is not None}
        keys = [f"name:{key}" for _, key in wanted] + [f"mb:{id}" for id in ids]
        found = await self.library.all_in(artists, "identity_key", keys)
        found += await self.library.all_in(artists, "musicbrainz_id", ids)
        by_key = {artist.identity_key: artist for artist in found}
        by_id = {artist.musicbrainz_id: artist for artist in found if artist.musicbrainz_id}
        made: dict[str, Artist] = {}
        adopted: dict[str, dict[str, Any]] = {}
        chosen: list[tuple[NamedCredit, Artist]] = []
        # Ids first: a plain name then finds the artist that has one.
        for (id, key), credit in sorted(wanted.items(), key=lambda item: (item[0][0] is None, item[0][0] or "")):
            artist = by_id.get(id) if id is not None else by_key.get(f"name:{key}")
            if artist is None and id is not None:
                named = by_key.get(f"name:{key}")
                if named is not None and named.musicbrainz_id is None:
                    artist = named
                    artist.musicbrainz_id = id
                    if artist.id not in made:
                        adopted[artist.id] = {"musicbrainz_id": id, "updated_at": self.clock.now()}
                else:
                    artist = self._new_artist(credit, sort_names.get(key), f"mb:{id}" if named else f"name:{key}")
            elif artist is None:
                artist = self._new_artist(credit, sort_names.get(key), f"name:{key}")
            if artist.identity_key not in by_key:
                made[artist.id] = artist
            by_key[artist.identity_key] = artist
            if artist.musicbrainz_id is not None:
                by_id[artist.musicbrainz_id] = artist
            chosen.append((credit, artist))
        met = await self._meet(artists, list(made.values()), "identity_key")
        self.artists_added += sum(1 for id, artist in met.items() if artist.id == id)
        await self.library.change_all(artists, adopted)
        people = People()
        for credit, artist in chosen:
            people.know(credit, met.get(artist.id, artist).id)
        return people

    def _new_artist(self, credit: NamedCredit, sorts_as: str | None, key: str) -> Artist:
        now = self.clock.now()
        name = " ".join(credit.name.split())
        artist = Artist(self.clock.new_id(), name, sorts_as or sort_name(name), slug(name, "artist"), key, now, now)
        artist.musicbrainz_id = credit.musicbrainz_id
        return artist

    async def albums(self, plans: Sequence[AlbumPlan], people: People) -> list[Album]:
        """One album for each plan: by MusicBrainz release, one that lies in this folder already, by its key, or new."""
        near = await self._albums_near({plan.folder for plan in plans})
        known = await self.library.albums_by(
            (plan.identity_key for plan in plans), (plan.release_id for plan in plans if plan.release_id)
        )
        by_key = {album.identity_key: album for album in known}
        by_release = {album.musicbrainz_id: album for album in known if album.musicbrainz_id}
        made: dict[str, Album] = {}
        chosen: list[Album] = []
        changes: dict[str, dict[str, Any]] = {}
        renames = [plan.renames for plan in plans if plan.renames is not None]
        nearby = [album for albums in near.values() for album in albums]
        # What the tags say is noted in the records at once; an edit beside this is seen by what was read.
        as_read = {album.id: deepcopy(album) for album in [*renames, *nearby, *known]}
        for plan in plans:
            renamed = plan.renames
            album = by_release.get(plan.release_id) if plan.release_id else None
            album = album or next((album for album in near.get(plan.folder, ()) if continues(album, plan)), None)
            album = album or by_key.get(plan.identity_key)
            if album is None and renamed is not None and renamed.id not in changes:
                album = by_key[plan.identity_key] = renamed
                changes[album.id] = await self._rename(album, plan, people)
            elif album is None:
                album = self._new_album(plan, people)
                made[album.id] = album
                by_key[plan.identity_key] = album
            elif album.id not in made:
                fields = newer_words(album, plan, people, self.clock.now())
                if fields:
                    changes.setdefault(album.id, {}).update(fields)
            chosen.append(album)
        met = await self._meet(self.library.store.albums, list(made.values()), "identity_key")
        self.albums_added += sum(1 for id, album in met.items() if album.id == id)
        await self._change_albums(changes, as_read, chosen)
        for id, fields in changes.items():
            if "title" in fields:
                await self.library.store.songs.update(
                    {"album_id": id}, {"$set": {"album_title": fields["title"]}}, many=True
                )
        return [met.get(album.id, album) for album in chosen]

    async def _change_albums(
        self, changes: dict[str, dict[str, Any]], as_read: dict[str, Album], chosen: Sequence[Album]
    ) -> None:
        """Write what the tags say of known albums; what somebody set since they were read stays, as if set before."""
        shelf = self.library.store.albums
        pending = changes
        for _ in range(_TRIES):
            stale = await self.library.change_all(shelf, pending, as_read)
            if not stale:
                return
            as_read = await shelf.get_many(stale)
            for id, fresh in as_read.items():
                for name in [name for name in changes[id] if name in fresh.edited_fields]:
                    changes[id][f"tagged.{name}"] = changes[id].pop(name)
                    for album in chosen:
                        if album.id == id:
                            setattr(album, name, getattr(fresh, name))
                if "title" in fresh.edited_fields:
                    # The address that the edit made stays too.
                    changes[id] = {key: value for key, value in changes[id].items() if key not in ("slug", "old_slugs")}
                changes[id]["updated_at"] = self.clock.now()
            pending = {id: changes[id] for id in as_read}
        raise Unavailable("Albums could not be written: others change them again and again.")

    async def _albums_near(self, folders: set[str]) -> dict[str, list[Album]]:
        """The albums whose songs lie in each of these folders."""
        near: dict[str, list[Album]] = {}
        for folder in sorted(folders):
            files = await self.library.files_near(folder)
            ids = [file.song_id for file in files if file.song_id and album_folder(file.path) == folder]
            songs = await self.library.store.songs.get_many(ids)
            album_ids = list(dict.fromkeys(song.album_id for song in songs.values() if song.album_id))
            albums = await self.library.store.albums.get_many(album_ids)
            near[folder] = [albums[id] for id in album_ids if id in albums]
        return near

    def _new_album(self, plan: AlbumPlan, people: People) -> Album:
        now = self.clock.now()
        credits = [people.credit(credit) for credit in plan.credits]
        return Album(
            self.clock.new_id(),
            plan.title,
            plan.sort_title,
            slug(plan.title, "album"),
            plan.identity_key,
            credits[0].artist_id,
            plan.credit,
            now,
            now,
            credits,
            album_type=plan.album_type or "album",
            label=plan.label,
            copyright=plan.copyright,
            upc=plan.barcode,
            musicbrainz_id=plan.release_id,
            replaygain_db=plan.gain_db,
            replaygain_peak=plan.peak,
        )

    async def _rename(self, album: Album, plan: AlbumPlan, people: People) -> dict[str, Any]:
        """The fields of an album all of whose songs were retagged: its id stays, its old slug goes on resolving."""
        plan.is_credited = True
        fields = newer_words(album, plan, people, self.clock.now())
        fields["identity_key"] = album.identity_key = plan.identity_key
        wanted = slug(plan.title, "album")
        if "title" not in album.edited_fields and not fits(album.slug, wanted):
            album.old_slugs = list(dict.fromkeys([*album.old_slugs, album.slug]))[-OLD_SLUGS_LIMIT:]
            taken = await self.library.taken_slugs(self.library.store.albums, [wanted])
            fields["old_slugs"], fields["slug"] = (
                album.old_slugs,
                free_slug(wanted, taken.taken, taken.first.get(wanted, 2)),
            )
            album.slug = fields["slug"]
        return fields

    async def song_slugs(self, titles: dict[str, str]) -> dict[str, str]:
        """A free slug for each song id's title."""
        wanted = {id: slug(title, "song") for id, title in titles.items()}
        taken = await self.library.taken_slugs(self.library.store.songs, wanted.values())
        return {id: free_slug(base, taken.taken, taken.first.get(base, 2)) for id, base in wanted.items()}

    async def insert_songs(self, songs: Sequence[Song]) -> None:
        """Add new songs, with another slug where somebody was faster."""
        pending = list(songs)
        for _ in range(_TRIES):
            result = await self.library.insert_all(self.library.store.songs, pending)
            pending = [pending[position] for position, index in result.duplicates if index != "_id"]
            if not pending:
                return
            for id, free in (await self.song_slugs({song.id: song.title for song in pending})).items():
                next(song for song in pending if song.id == id).slug = free
        raise Unavailable("Songs could not be written: their names are taken again and again.")

    async def _meet(self, collection: Collection[Named], made: Sequence[Named], key: str) -> dict[str, Named]:
        """Insert, and for each made id the record that holds its key in the end: ours or somebody else's."""
        bases = {record.id: record.slug for record in made}
        pending = list(made)
        met: dict[str, Named] = {}
        for _ in range(_TRIES):
            if not pending:
                return met
            taken = await self.library.taken_slugs(collection, (bases[record.id] for record in pending))
            for record in pending:
                base = bases[record.id]
                record.slug = free_slug(base, taken.taken, taken.first.get(base, 2))
            result = await self.library.insert_all(collection, pending)
            refused = [pending[position] for position, _ in result.duplicates]
            refused_ids = {record.id for record in refused}
            met.update({record.id: record for record in pending if record.id not in refused_ids})
            others = await self.library.all_in(collection, key, (getattr(record, key) for record in refused))
            by_key = {getattr(other, key): other for other in others}
            pending = []
            for record in refused:
                other = by_key.get(getattr(record, key))
                if other is not None:
                    met[record.id] = other
                else:
                    pending.append(record)
        raise Unavailable("The catalogue could not be written: its names are taken again and again.")
