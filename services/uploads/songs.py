"""A staged file becoming a song of the catalogue: whose it is, what it is called, and the writes in their order.

The note that a song is being made comes first, then its file's place, the file's record, the song, and what is counted
from it. Killed anywhere in between, `finish_stuck` completes a song that is written and undoes one that is not.
Refuses to know how the bytes arrived.
"""

from __future__ import annotations

import asyncio
import difflib
import logging
from datetime import timedelta

from services.catalogue.access import Sight, sight_of
from services.catalogue.genres import NAMED_LIMIT, Genres
from services.clock import Clock
from services.errors import Conflict, Denied, Invalid, NotFound
from services.events import Bus, CatalogueChanged
from services.library.catalogue_writer import CatalogueWriter
from services.library.names import fold, plain_year, slug, sort_name
from services.library.settling import Settling
from services.library.songs import sound_fields
from services.library.track import match_key
from services.lyrics.model import Lyrics
from services.lyrics.sheets import LyricSheets, sheet_id
from services.pictures.rendering import image_record, keep_cover_files, keep_record
from services.typed_text import is_id
from services.uploads.details import SongDetails
from services.uploads.moved import note_place
from services.uploads.plan import Plan
from services.uploads.sound import UploadedSound, file_key, look_into, own_cover, put_in_place, recorded_path
from services.uploads.staging import StagedFile, Staging
from services.viewer import Role, Viewer
from storage.collections.library import Library
from storage.collections.store import Store
from storage.files import Files, Folder
from storage.records import Album, Artist, AudioFile, FileState, Genre, Song, Upload, UploadState

log = logging.getLogger("tutti.uploads")

LOOKED_INTO_AT_ONCE = 2
STUCK_MINUTES = 10


class SongUploads:
    """Makes songs of staged files."""

    def __init__(
        self,
        store: Store,
        files: Files,
        folder: Folder,
        staging: Staging,
        clock: Clock,
        bus: Bus,
        genres: Genres,
    ) -> None:
        self._store = store
        self._files = files
        self._folder = folder
        self._staging = staging
        self._clock = clock
        self._bus = bus
        self._genres = genres
        self._library = Library(store)
        self._looking = asyncio.Semaphore(LOOKED_INTO_AT_ONCE)
        # Slugs, duplicates and counts of one process's uploads do not race each other.
        self._turn = asyncio.Lock()
        self._writing: set[asyncio.Task[Song]] = set()

    async def check(self, viewer: Viewer, details: SongDetails) -> Plan:
        """Everything that can be refused before the file is looked at."""
        viewer.require(Role.ARTIST)
        details = details.checked()
        sight = await sight_of(self._store, viewer)
        artist = await self._artist(viewer, sight, details.artist_id)
        album = await self._album(viewer, sight, details.album_id)
        featured = await self._featured(sight, details)
        genre = await self._genre(details.genre)
        return Plan(details, sight, artist, album, featured, genre)

    async def take(self, plan: Plan, staged: StagedFile, upload: Upload, field: str) -> Song:
        """The song made of a complete upload's file. A request that is given up does not leave it half made."""
        async with self._looking:
            sound = await asyncio.to_thread(look_into, staged.path, field)
        task = asyncio.create_task(self._write(plan, staged, upload, sound), name="writing an uploaded song")
        self._writing.add(task)
        task.add_done_callback(self._written)
        return await asyncio.shield(task)

    async def stop(self) -> None:
        """Wait for what is being written."""
        await asyncio.gather(*self._writing, return_exceptions=True)

    def _written(self, task: asyncio.Task[Song]) -> None:
        self._writing.discard(task)
        if not task.cancelled():
            task.exception()

    async def _artist(self, viewer: Viewer, sight: Sight, id: str) -> Artist:
        artist = await self._store.artists.get(id) if is_id(id) else None
        if artist is None or not sight.sees_artist(artist):
            raise NotFound("There is no such artist.", field="artistId")
        if not viewer.has(Role.ADMIN) and artist.owner_id != viewer.user_id:
            raise Denied("This artist is not yours.", field="artistId")
        return artist

    async def _album(self, viewer: Viewer, sight: Sight, id: str | None) -> Album | None:
        if id is None:
            return None
        album = await self._store.albums.get(id) if is_id(id) else None
        if album is None or not sight.sees_album(album):
            raise NotFound("There is no such album.", field="albumId")
        if not viewer.has(Role.ADMIN) and album.artist_id not in sight.owned:
            raise Denied("This album is not yours.", field="albumId")
        return album

    async def _featured(self, sight: Sight, details: SongDetails) -> list[Artist]:
        ids = list(details.featured_artist_ids)
        found = await self._store.artists.get_many([id for id in ids if is_id(id)])
        for id in ids:
            if id not in found or not sight.sees_artist(found[id]):
                raise NotFound("There is no such artist.", field="featuredArtistIds")
        return [found[id] for id in ids]

    async def _genre(self, text: str | None) -> Genre | None:
        if text is None:
            return None
        genre = await self._genres.named(text)
        if genre is None:
            genres = await self._store.genres.find({}, sort=[("name_key", 1)], limit=500)
            known = {each.name_key: each.name for each in genres}
            near = difflib.get_close_matches(fold(text[:NAMED_LIMIT]), known, n=5, cutoff=0.3) or list(known)[:10]
            hint = f" Known are, among others: {', '.join(known[key] for key in near)}." if near else ""
            raise Invalid(f"There is no such genre.{hint}", field="genre")
        return genre

    async def _write(self, plan: Plan, staged: StagedFile, upload: Upload, sound: UploadedSound) -> Song:
        async with self._turn, self._staging.held(upload.id):
            await self._refuse_second(plan, sound)
            song_id = self._clock.new_id()
            key = file_key(song_id, sound.probed.facts.container)
            if not await self._store.uploads.begin_taking(upload.id, song_id, key, self._clock.now()):
                raise Conflict("This upload is just becoming a song.", code="UPLOAD_BUSY", field="uploadId")
            try:
                song = await self._song(plan, song_id, sound, staged)
                await self._keep(song, staged, sound, key)
            except BaseException:
                await self._undo(upload, song_id, key)
                raise
            await self._settle(song)
            await self._store.uploads.end_taking(upload.id, self._clock.now(), used=True)
            await self._staging.discard(upload.id)
        log.info("song uploaded", extra={"song_id": song.id, "bytes": staged.size, "user_id": upload.user_id})
        return await self._store.songs.get(song.id) or song

    async def _refuse_second(self, plan: Plan, sound: UploadedSound) -> None:
        """Conflict when the artist has this very sound in the same place already, and the viewer may see it."""
        files = await self._library.files_by_payload([sound.payload_hash])
        ids = [file.song_id for file in files if file.song_id is not None and file.state == FileState.PRESENT]
        album_id = None if plan.album is None else plan.album.id
        for song in (await self._store.songs.get_many(ids)).values():
            same_place = song.artist_id == plan.artist.id and song.album_id == album_id
            if same_place and plan.sight.sees_song(song):
                said = f"This sound is here already, as {song.title} ({song.id})."
                raise Conflict(said, code="DUPLICATE_AUDIO", field="audioFile")

    async def _song(self, plan: Plan, id: str, sound: UploadedSound, staged: StagedFile) -> Song:
        details, tags, album, now = plan.details, sound.probed.tags, plan.album, self._clock.now()
        genre_ids = await self._genre_ids(plan, tags.genres)
        # Album totals are counted from its songs: a song that says nothing must not take the album's date or cover.
        date = tags.date or (album.release_date if album else None) or now.date().isoformat()
        sung = Lyrics(plain=details.lyrics) if details.lyrics else tags.sung
        await LyricSheets(self._store, self._clock).keep([sung])
        song = Song(
            id,
            details.title,
            sort_name(details.title),
            slug(details.title, "song"),
            plan.artist.id,
            "".join(credit.name + credit.join for credit in plan.credits),
            now,
            now,
            credits=plan.credits,
            artist_ids=[credit.artist_id for credit in plan.credits],
            album_id=album.id if album else None,
            album_title=album.title if album else None,
            cover_id=(album.cover_id if album else None) or await self._cover(sound, staged),
            duration_ms=sound.probed.facts.duration_ms,
            track_number=details.track_number or tags.track_number,
            disc_number=details.disc_number or tags.disc_number,
            release_date=date,
            year=plain_year(date),
            isrc=details.isrc or tags.isrc,
            musicbrainz_id=tags.recording_id,
            genre_id=genre_ids[0] if genre_ids else None,
            genre_ids=genre_ids,
            lyrics=sung.plain or None,
            synced_lyrics=sung.line_level(),
            lyrics_id=sheet_id(sung),
            is_explicit=tags.is_explicit if details.is_explicit is None else details.is_explicit,
            mood=details.mood or tags.mood,
            language=details.language or tags.language,
            copyright=tags.copyright,
            replaygain_db=tags.track_gain_db,
            replaygain_peak=tags.track_peak,
            match_key=match_key(plan.artist.name, details.title, album.title if album else None),
        )
        song.features.tempo, song.features.key = tags.tempo, tags.key
        song.slug = (await CatalogueWriter(self._library, self._clock).song_slugs({id: song.title}))[id]
        return song

    async def _genre_ids(self, plan: Plan, tagged: list[str]) -> list[str]:
        """The genre that was named; else those of the tags that are known; else the album's."""
        if plan.genre is not None:
            return [plan.genre.id]
        found = [genre.id for name in tagged[:10] if (genre := await self._genres.named(name)) is not None]
        return list(dict.fromkeys(found)) or (list(plan.album.genre_ids) if plan.album else [])

    async def _cover(self, sound: UploadedSound, staged: StagedFile) -> str | None:
        picture_id = sound.probed.picture_id
        kept = None
        if picture_id is not None:
            kept = await asyncio.to_thread(own_cover, staged.path, picture_id)
        if kept is None:
            return None
        id, drawn = kept
        await keep_cover_files(id, drawn, self._files)
        await keep_record(self._store, image_record(id, drawn, self._clock.now()))
        return id

    async def _keep(self, song: Song, staged: StagedFile, sound: UploadedSound, key: str) -> None:
        """The file before its record, the record before the song: a song that can be seen can be heard."""
        if self._files.local_path(key) is not None:
            await asyncio.to_thread(note_place, self._folder)
        facts = await put_in_place(staged.path, self._files, key)
        file = AudioFile(
            self._clock.new_id(),
            await asyncio.to_thread(recorded_path, self._files, key),
            facts.size,
            facts.modified_ns,
            FileState.PRESENT.value,
            self._clock.now(),
            song_id=song.id,
            payload_hash=sound.payload_hash,
            tags_hash=sound.probed.tags_hash,
            sha256=facts.sha256,
            **sound_fields(sound.probed.facts),
        )
        await self._store.audio_files.insert(file)
        song.file_id = file.id
        await CatalogueWriter(self._library, self._clock).insert_songs([song])

    async def _settle(self, song: Song) -> None:
        """Count again what follows from the song, then tell."""
        settling = Settling(self._library, self._clock)
        settling.touch(song)
        await settling.recount_albums()
        await settling.recount_artists()
        albums = (song.album_id,) if song.album_id else ()
        self._bus.publish(CatalogueChanged((song.id,), albums, tuple(song.artist_ids)))

    async def _undo(self, upload: Upload, song_id: str, key: str) -> None:
        await self._store.audio_files.delete({"song_id": song_id}, many=True)
        await self._files.delete(key)
        await self._store.uploads.end_taking(upload.id, self._clock.now(), used=False)

    async def finish_stuck(self) -> int:
        """Complete or undo what a killed process left half made; how many there were.

        Here that is known at once; of other machines' uploads, when they have been half made for too long.
        """
        found = 0
        while stuck := await self._stuck():
            for upload in stuck:
                await self._finish_one(upload)
                found += 1
        return found

    async def _stuck(self) -> list[Upload]:
        taking = await self._store.uploads.taking()
        before = self._clock.now() - timedelta(minutes=STUCK_MINUTES)
        return [each for each in taking if each.updated_at < before or await self._staging.is_let_go(each.id)]

    async def _finish_one(self, upload: Upload) -> None:
        if upload.state != UploadState.TAKING or upload.song_id is None or upload.file_key is None:
            raise ValueError(f"{upload.id} is no upload that became stuck")
        song = await self._store.songs.get(upload.song_id)
        if song is None:
            await self._undo(upload, upload.song_id, upload.file_key)
        else:
            await self._settle(song)
            await self._store.uploads.end_taking(upload.id, self._clock.now(), used=True)
            await self._staging.discard(upload.id)
        await self._staging.let_go(upload.id)
