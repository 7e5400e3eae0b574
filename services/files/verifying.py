"""Every file held against its record, and every record against its file: rot, orphans, what is missing or changed.

Owns the look through all of them and what may be mended: things the product made itself. What people own in their
library is read and never touched. Refuses to draw progress bars.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from services.audio.far_sounds import key_of_path
from services.audio.ffmpeg import Ffmpeg
from services.clock import Clock, to_epoch_ms
from services.errors import Conflict
from services.events import Bus, CatalogueChanged
from services.files.findings import Fault, Findings
from services.files.proving import digest_of, opens, prove_sound
from services.files.sweeping import PICTURES, YOUNG, FileSweep, image_id_of
from services.library.settling import Settling
from services.pictures.rendering import COVER_SIZES, BrokenPicture, cover_key, keep_cover_files, render_cover
from services.uploads.sound import FOLDER as SONGS
from storage.collections.library import Library
from storage.collections.store import Store
from storage.files import Files, Folder
from storage.records import AudioFile, FileState, Image

AT_ONCE = 4
_BATCH = 200

Progress = Callable[[int, int, str], None]


class Verifying:
    """Looks through one house's files. Reads everything unless `quick`."""

    def __init__(self, store: Store, files: Files, folder: Folder, ffmpeg: Ffmpeg, clock: Clock, bus: Bus) -> None:
        self._store = store
        self._files = files
        self._ffmpeg = ffmpeg
        self._clock = clock
        self._bus = bus
        self._uploads = f"{folder.path(SONGS).resolve()}/"

    async def verify(self, *, repair: bool, quick: bool, progress: Progress) -> Findings:
        """Look at everything. Unavailable when the store is away; Conflict when nothing at all is there to mend."""
        look = _Look(self._store, self._files, self._ffmpeg, self._uploads, quick=quick)
        total = await self._store.audio_files.count({}) + await self._store.images.count({})
        await look.through(total, progress)
        found = look.findings
        if repair:
            if (look.missing_songs or look.pictures[Fault.MISSING]) and not look.present:
                raise Conflict("Nothing that is recorded is there: is the disk mounted, is it the right bucket?")
            found.swept = await FileSweep(self._store, self._files, self._clock).pieces()
            await self._mark_missing(look)
        else:
            for file in look.missing_songs:
                found.add(Fault.MISSING, key_of_path(file.path) or file.path)
        for fault, pictures in look.pictures.items():
            for image, sizes in pictures:
                is_mended = repair and await self._redraw(image, sizes, fault)
                for size in sizes:
                    found.add(fault, cover_key(image.id, size), is_mended=is_mended)
        await self._listed(look, repair=repair, quick=quick)
        return found

    async def _mark_missing(self, look: _Look) -> None:
        """Uploaded songs whose file is gone: the record says so, and the song is not shown any more."""
        if not look.missing_songs:
            return
        library = Library(self._store)
        song_ids = await library.vanish([file.path for file in look.missing_songs], self._clock.now())
        settling = Settling(library, self._clock)
        changed, _ = await settling.settle_songs(song_ids)
        albums, artists = tuple(settling.albums), tuple(settling.artists)
        await settling.recount_albums()
        await settling.recount_artists()
        self._bus.publish(CatalogueChanged(tuple(changed), albums, artists))
        for file in look.missing_songs:
            look.findings.add(Fault.MISSING, key_of_path(file.path) or file.path, "its song is hidden", is_mended=True)

    async def _redraw(self, image: Image, sizes: Iterable[int], fault: Fault) -> bool:
        """Draw all sizes anew from the largest; where that is gone the record goes, and the next import draws them.

        False when the largest is there and damaged: it may still be better than nothing.
        """
        largest = COVER_SIZES[0]
        if largest in sizes and fault == Fault.ROT:
            return False
        data = None if largest in sizes else await self._files.get(cover_key(image.id, largest))
        try:
            drawn = None if data is None else await asyncio.to_thread(render_cover, data)
        except BrokenPicture:
            drawn = None
        if drawn is None:
            await self._store.images.delete({"_id": image.id})
            return True
        # The largest stays as it is: drawing it again would only lose something.
        drawn.sizes[largest], drawn.sums[str(largest)] = data or b"", image.sums.get(str(largest), "")
        await keep_cover_files(image.id, drawn, self._files)
        await self._store.images.update({"_id": image.id}, {"$set": {"sums": drawn.sums}})
        return True

    async def _listed(self, look: _Look, *, repair: bool, quick: bool) -> None:
        """What is there: without a record it is an orphan; other formats of known pictures can be drawn again."""
        before_ns = to_epoch_ms(self._clock.now() - YOUNG) * 1_000_000
        for folder, is_known in ((PICTURES, look.knows_picture), (SONGS, look.knows_song)):
            async for facts in self._files.list(folder):
                if is_known(facts.key):
                    if not quick and folder == PICTURES and not facts.key.endswith(".jpg"):
                        await self._other_format(look, facts.key, repair=repair)
                    continue
                if facts.modified_ns >= before_ns:
                    look.findings.too_new += 1
                    continue
                is_mended = repair and await self._files.delete(facts.key)
                look.findings.add(Fault.ORPHAN, facts.key, f"{facts.size} bytes", is_mended=is_mended)

    async def _other_format(self, look: _Look, key: str, *, repair: bool) -> None:
        data = await self._files.get(key)
        if data is not None and not await asyncio.to_thread(opens, data):
            is_mended = repair and await self._files.delete(key)
            look.findings.add(Fault.ROT, key, "it cannot be opened", is_mended=is_mended)


class _Look:
    """One look through the records."""

    def __init__(self, store: Store, files: Files, ffmpeg: Ffmpeg, uploads: str, *, quick: bool) -> None:
        self._store = store
        self._files = files
        self._ffmpeg = ffmpeg
        self._uploads = uploads
        self._quick = quick
        self.findings = Findings()
        self.missing_songs: list[AudioFile] = []
        self.pictures: dict[Fault, list[tuple[Image, list[int]]]] = {Fault.MISSING: [], Fault.ROT: []}
        self.present = 0
        self._song_keys: set[str] = set()
        self._image_ids: set[str] = set()

    def knows_song(self, key: str) -> bool:
        """Whether a record names this key."""
        return key in self._song_keys

    def knows_picture(self, key: str) -> bool:
        """Whether a record names the picture that this key is a size or format of."""
        return image_id_of(key) in self._image_ids

    async def through(self, total: int, progress: Progress) -> None:
        """Every record, four at a time."""
        turn = asyncio.Semaphore(AT_ONCE)
        done = 0

        async def one(work: Awaitable[None], name: str) -> None:
            nonlocal done
            async with turn:
                await work
            done += 1
            progress(done, max(total, done), name)

        async for files in self._store.audio_files.scan({}, batch=_BATCH):
            await _all([one(self._sound(file), file.path) for file in files])
        async for images in self._store.images.scan({}, batch=_BATCH):
            await _all([one(self._picture(image), image.id) for image in images])

    async def _sound(self, file: AudioFile) -> None:
        key = self._key(file.path)
        if key is not None:
            self._song_keys.add(key)
        if file.state != FileState.PRESENT:
            return
        self.findings.looked_at += 1
        if key is None:
            await self._library_file(file)
        else:
            await self._kept_song(file, key)

    def _key(self, path: str) -> str | None:
        """The key of a file that is ours; None for one in a library."""
        if path.startswith(self._uploads):
            return f"{SONGS}/{path.removeprefix(self._uploads)}"
        return key_of_path(path)

    async def _kept_song(self, file: AudioFile, key: str) -> None:
        on_disk = key_of_path(file.path) is None
        if on_disk and self._files.local_path(key) is None:
            # Sent in before the files were kept in an object store, and not moved there.
            await self._library_file(file)
            return
        facts = await self._files.look(key)
        if facts is None:
            self.missing_songs.append(file)
            return
        self.present += 1
        if facts.size != file.size:
            self.findings.add(Fault.ROT, key, f"{facts.size} bytes instead of {file.size}")
        elif not self._quick:
            wanted = file.sha256 or facts.sha256
            near = self._files.local_path(key)
            if wanted is None and near is not None:
                # Sent in before hashes were kept.
                await self._prove_library(replace(file, path=str(near)))
                return
            self.findings.read_bytes += facts.size
            if await digest_of(self._files, key) != wanted:
                self.findings.add(Fault.ROT, key, "its SHA-256 differs")

    async def _library_file(self, file: AudioFile) -> None:
        try:
            status = await asyncio.to_thread(Path(file.path).stat)
        except OSError as fault:
            self.findings.add(Fault.MISSING, file.path, fault.strerror or "")
            return
        if (status.st_size, status.st_mtime_ns) != (file.size, file.mtime_ns):
            self.findings.add(Fault.CHANGED, file.path)
        elif not self._quick:
            await self._prove_library(file)

    async def _prove_library(self, file: AudioFile) -> None:
        proof = await prove_sound(file, self._ffmpeg)
        self.findings.read_bytes += proof.read_bytes
        if proof.fault:
            self.findings.add(Fault.ROT, file.path, proof.fault)

    async def _picture(self, image: Image) -> None:
        self._image_ids.add(image.id)
        self.findings.looked_at += 1
        faults: dict[Fault, list[int]] = {Fault.MISSING: [], Fault.ROT: []}
        for size in COVER_SIZES:
            fault = await self._fault_of_picture(cover_key(image.id, size), image.sums.get(str(size)))
            self.present += fault != Fault.MISSING
            if fault is not None:
                faults[fault].append(size)
        for kind, sizes in faults.items():
            if sizes:
                self.pictures[kind].append((image, sizes))
        self.findings.unproven += not image.sums and not self._quick

    async def _fault_of_picture(self, key: str, wanted: str | None) -> Fault | None:
        if self._quick:
            return None if await self._files.exists(key) else Fault.MISSING
        if wanted:
            found = await digest_of(self._files, key)
            return Fault.MISSING if found is None else Fault.ROT if found != wanted else None
        data = await self._files.get(key)
        if data is None:
            return Fault.MISSING
        return None if await asyncio.to_thread(opens, data) else Fault.ROT


async def _all(work: Sequence[Coroutine[None, None, None]]) -> None:
    """Wait for all; when one fails, for the end of the others too."""
    tasks = [asyncio.ensure_future(each) for each in work]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
