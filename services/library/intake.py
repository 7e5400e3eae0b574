"""One batch of read files taken into the catalogue: described, recognised, written, counted.

Owns the order of the writes, which is what makes an import resumable: what songs refer to first, then songs, then
files. A file is known only once its song is, so an interrupted batch is simply read again, and the songs it had
already written are recognised by their names. Refuses to read files and to walk.
"""

from __future__ import annotations

from typing import Any

from services.clock import Clock
from services.errors import Unavailable
from services.library.albums import AlbumPlan, plan_albums
from services.library.catalogue_writer import CatalogueWriter
from services.library.cover_shelf import CoverShelf
from services.library.credits import NamedCredit
from services.library.names import OLD_SLUGS_LIMIT, fits, fold, slug
from services.library.people import People
from services.library.reading import Reading
from services.library.recognition import Recognition
from services.library.recount import is_withheld
from services.library.settling import Settling
from services.library.songs import changed_fields, song_of
from services.library.summary import Summary
from services.library.track import Track, describe
from services.lyrics.sheets import LyricSheets
from storage.collections.library import Library
from storage.records import Album, AudioFile, FileState, Song

ADDED_KEPT = 10_000
_TRIES = 8


class Intake:
    """Takes batches in, one after the other. `added` are the new songs, the first 10,000."""

    def __init__(
        self,
        library: Library,
        writer: CatalogueWriter,
        covers: CoverShelf,
        settling: Settling,
        clock: Clock,
        summary: Summary,
    ) -> None:
        self.library = library
        self.writer = writer
        self.covers = covers
        self.settling = settling
        self.clock = clock
        self.summary = summary
        self.added: list[str] = []

    async def take(self, readings: list[Reading], root: str) -> list[str]:
        """The ids of songs that were added, changed, hidden or brought back."""
        own = {file.path: file for file in await self.library.files_by_path(r.found.path for r in readings)}
        leaving = await self._note_broken(readings, own)
        tracks = [describe(reading, root) for reading in readings if reading.probed is not None]
        changed: list[str] = []
        if tracks:
            changed, left = await self._take_tracks(tracks, own)
            leaving |= left
        settled, hidden = await self.settling.settle_songs(leaving)
        self.summary.songs_hidden += hidden
        await self.settling.recount_albums()
        return list(dict.fromkeys(changed + settled))

    async def _note_broken(self, readings: list[Reading], own: dict[str, AudioFile]) -> set[str]:
        """Write down files without sound, so that they are not read again until they change; songs that lost one."""
        broken: list[AudioFile] = []
        leaving: set[str] = set()
        for reading in readings:
            found = reading.found
            for note in reading.notes:
                self.summary.report(found.path, note)
            if reading.probed is not None:
                continue
            self.summary.report(found.path, reading.reason or "the file holds no sound")
            if reading.is_moving:
                continue
            self.summary.files_broken += 1
            known = own.get(found.path)
            file = known or AudioFile(self.clock.new_id(), found.path, 0, 0, "", self.clock.now())
            file.size, file.mtime_ns, file.sidecar_hash = found.size, found.mtime_ns, found.sidecar_hash
            file.state, file.reason, file.seen_at = FileState.BROKEN.value, reading.reason, self.clock.now()
            broken.append(file)
            if file.song_id is not None:
                leaving.add(file.song_id)
        await self.library.keep_files(broken)
        return leaving

    async def _take_tracks(self, tracks: list[Track], own: dict[str, AudioFile]) -> tuple[list[str], set[str]]:
        await self.covers.dress(tracks)
        genres = await self.writer.genres(name for track in tracks for name in track.tags.genres)
        plans = plan_albums(tracks)
        await self._note_renamed(plans, own)
        people = await self._people(tracks, [credit for plan in plans for credit in plan.credits])
        albums = await self.writer.albums(plans, people)
        album_of = {id(track): album for plan, album in zip(plans, albums, strict=True) for track in plan.tracks}
        recognition = Recognition(self.library, self.clock, own)
        await recognition.load(tracks)
        for track in tracks:
            recognition.decide(track, album_of.get(id(track)))
        recognition.note_absent()
        changed = await self._write(recognition, album_of, people, genres)
        return changed, recognition.left

    async def _note_renamed(self, plans: list[AlbumPlan], own: dict[str, AudioFile]) -> None:
        """Find the album that each plan renames: all its tracks come from it, and it has no other song to show."""
        ids = [file.song_id for file in own.values() if file.song_id is not None]
        songs = await self.library.store.songs.get_many(ids)
        for plan in plans:
            files = [own.get(track.found.path) for track in plan.tracks]
            held = {file.song_id for file in files if file is not None and file.song_id is not None}
            albums = {songs[id].album_id for id in held if id in songs}
            album_id = next(iter(albums), None)
            if None in files or len(albums) != 1 or album_id is None:
                continue
            album = await self.library.store.albums.get(album_id)
            if album is None or fold(album.as_tagged("title") or "") == plan.title_key:
                continue
            if {song.id for song in await self.library.songs_on_albums([album_id])} <= held:
                plan.renames = album

    async def _people(self, tracks: list[Track], album_credits: list[NamedCredit]) -> People:
        credits = list(album_credits)
        sorts: dict[str, str] = {}
        for track in tracks:
            credits += track.credits + track.people + track.album_credits
            for parts, sorts_as in (
                (track.credits, track.tags.artist_sort),
                (track.album_credits, track.tags.album_artist_sort),
            ):
                if sorts_as and len(parts) == 1:
                    sorts.setdefault(fold(parts[0].name), sorts_as)
        return await self.writer.artists(credits, sorts)

    async def _write(
        self, recognition: Recognition, album_of: dict[int, Album], people: People, genres: dict[str, str]
    ) -> list[str]:
        primary = [
            (song_of(track, song_id, file.id, album, people, genres, self.clock), album)
            for song_id, track, file in recognition.primary_tracks()
            for album in [album_of.get(id(track))]
        ]
        withdrawn = await self.library.withdrawn_artists(song.artist_id for song, _ in primary)
        known = recognition.songs
        added = [song for song, _ in primary if song.id not in known]
        for song, album in primary:
            song.is_hidden = is_withheld(song, album, song.artist_id in withdrawn)
            self.settling.touch(song)
        await self._name_songs(added, {}, known)
        # A sheet is there before any song names it.
        await LyricSheets(self.library.store, self.clock).keep(
            track.tags.sung for _, track, _ in recognition.primary_tracks()
        )
        await self.writer.insert_songs(added)
        changed = await self._change(recognition, primary, withdrawn)
        await self.library.keep_files(list(recognition.written.values()))
        self.summary.songs_added += len(added)
        self.added += [song.id for song in added][: ADDED_KEPT - len(self.added)]
        self.summary.songs_returned += len(recognition.returned)
        self.summary.songs_updated += len(changed)
        self.summary.songs_recognised += recognition.recognised
        self.summary.second_files += recognition.second_files
        return [*(song.id for song in added), *changed]

    async def _change(
        self, recognition: Recognition, primary: list[tuple[Song, Album | None]], withdrawn: set[str]
    ) -> list[str]:
        """Write what the files now say of known songs; their ids. Where somebody edited a song since it was read, what
        follows for it is worked out anew on what they wrote."""
        songs, changed = self.library.store.songs, dict[str, None]()
        stale: list[str] | None = None
        for _ in range(_TRIES):
            changes = self._changes(recognition, primary, withdrawn)
            if stale is not None:
                changes = {id: changes[id] for id in stale if id in changes}
            await self._name_songs([], changes, recognition.songs)
            for fields in changes.values():
                fields["updated_at"] = self.clock.now()
            stale = await self.library.change_all(songs, changes, recognition.songs)
            changed.update(dict.fromkeys(changes))
            if not stale:
                return list(changed)
            recognition.songs.update(await songs.get_many(stale))
        raise Unavailable("Songs could not be written: others change them again and again.")

    def _changes(
        self, recognition: Recognition, primary: list[tuple[Song, Album | None]], withdrawn: set[str]
    ) -> dict[str, dict[str, Any]]:
        """What is to be written to each known song."""
        changes: dict[str, dict[str, Any]] = {}
        for song, album in primary:
            old = recognition.songs.get(song.id)
            if old is None:
                continue
            song.is_withdrawn = old.is_withdrawn
            song.is_hidden = is_withheld(song, album, song.artist_id in withdrawn)
            fields = changed_fields(self.library.store.songs.codec, old, song)
            # It has sound, so that only people keep it out of sight.
            if song.is_hidden != old.is_hidden and (song.is_hidden or song.id in recognition.returned):
                fields["is_hidden"] = song.is_hidden
            if fields:
                self.settling.touch(old)
                changes[song.id] = fields
        shown = {song.id for song, _ in primary}
        for song_id in recognition.returned - shown:
            changes.setdefault(song_id, {})["is_hidden"] = recognition.songs[song_id].is_withdrawn
            self.settling.touch(recognition.songs[song_id])
        return changes

    async def _name_songs(self, added: list[Song], changes: dict[str, dict[str, Any]], known: dict[str, Song]) -> None:
        """Slugs for new songs and for those with another title; the old ones go on resolving."""
        renamed = {
            id: fields["title"]
            for id, fields in changes.items()
            if fields.get("title") and not fits(known[id].slug, slug(fields["title"], "song"))
        }
        slugs = await self.writer.song_slugs({**{song.id: song.title for song in added}, **renamed})
        for song in added:
            song.slug = slugs[song.id]
        for id in renamed:
            old = known[id]
            changes[id]["slug"] = slugs[id]
            changes[id]["old_slugs"] = list(dict.fromkeys([*old.old_slugs, old.slug]))[-OLD_SLUGS_LIMIT:]
