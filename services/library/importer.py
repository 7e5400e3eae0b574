"""Folders of audio becoming a catalogue: look, read, write, settle.

Owns the phases, the worker pool, the lock and the events. Refuses to know how progress is drawn.
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Awaitable, Callable, Iterator, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from pathlib import Path

from services.clock import Clock
from services.errors import Invalid, Unavailable
from services.events import Bus, CatalogueChanged
from services.library.catalogue_writer import CatalogueWriter
from services.library.cover_shelf import CoverShelf
from services.library.intake import Intake
from services.library.lock import ImportLock
from services.library.reading import Reading, read_found
from services.library.reunion import Hearing
from services.library.roots import away, holds, is_text, resolve, root_of
from services.library.settling import Settling
from services.library.summary import Progress, ShowProgress, Summary
from services.library.survey import Survey
from services.library.walk import Found, is_audio_name
from services.library.watch import watch_folders
from storage.collections.library import Library, pieces
from storage.collections.store import Store
from storage.files import Files, Folder

log = logging.getLogger("tutti.library")

EVENT_SONGS = 500
Hear = Callable[[Sequence[str]], Awaitable[Hearing]]
_READ_AT_ONCE = 8
_ARTISTS_NOTED = 500


def show_nothing(_: Progress) -> None:
    """For callers that draw no progress."""


class Importer:
    """Imports into one store. `files` takes the covers; the lock lies in the data folder.

    `ffmpeg` is kept for formats whose structure only a decoder knows. `workers` files are read at a time. `hear`
    compares the sound of added songs with that of gone ones; without it files are known by bytes and words alone.
    """

    def __init__(
        self,
        store: Store,
        files: Files,
        folder: Folder,
        ffmpeg: object,
        clock: Clock,
        bus: Bus,
        *,
        workers: int,
        hear: Hear | None = None,
    ) -> None:
        self.store = store
        self.files = files
        self.folder = folder
        self.ffmpeg = ffmpeg
        self.clock = clock
        self.bus = bus
        self.workers = max(1, workers)
        self.hear = hear

    async def run(
        self, roots: Sequence[Path], *, progress: ShowProgress = show_nothing, allow_empty: bool = False
    ) -> Summary:
        """Bring the catalogue up to date with these folders (or files); what was done.

        Invalid for a root that does not exist, Unavailable for one that is missing or empty though the catalogue has
        files there (a disk that is not mounted), unless `allow_empty`. Conflict while another import runs.
        """
        with ImportLock(self.folder.root / "import.lock") as lock:
            return await self._run(await self._check(roots, allow_empty), lock, progress, allow_empty)

    async def watch(
        self,
        roots: Sequence[Path],
        *,
        stop: asyncio.Event,
        on_summary: Callable[[Summary], None],
        progress: ShowProgress = show_nothing,
        allow_empty: bool = False,
        polling: bool | None = None,
    ) -> None:
        """Import, then import each folder that changes, until `stop` is set. Holds the lock all the while.

        `polling` True looks every second instead of asking the system; None falls back to that by itself.
        """
        with ImportLock(self.folder.root / "import.lock") as lock:
            checked = await self._check(roots, allow_empty)
            on_summary(await self._run(checked, lock, progress, allow_empty))
            async for folders in watch_folders(checked, stop=stop, polling=polling):
                # A folder that went away inside a root that is still there was deleted; a root that went away was not.
                there = [folder for folder in folders if any(holds(root, folder) for root in checked)]
                if there:
                    summary = await self._run(there, lock, progress, allow_empty=True, tag_roots=checked)
                    on_summary(summary)

    async def _check(self, roots: Sequence[Path], allow_empty: bool) -> list[Path]:
        """Absolute roots, none inside another."""
        if not roots:
            raise Invalid("Name at least one folder to import.", field="path")
        library = Library(self.store)
        resolved = await asyncio.to_thread(resolve, roots)
        checked: list[Path] = []
        for root in resolved:
            if any(root.is_relative_to(outer) for outer in checked):
                continue
            if not is_text(root):
                shown = os.fsencode(root).decode("utf-8", "replace")
                raise Invalid(f"{shown}: the name is not valid UTF-8; rename it.", field="path")
            if not root.exists() and not allow_empty:
                if await library.has_files_under(str(root)):
                    raise Unavailable(away(root, "is missing"), field="path")
                raise Invalid(f"{root} does not exist.", field="path")
            if root.exists() and not root.is_dir() and not (root.is_file() and is_audio_name(root.name)):
                raise Invalid(f"{root} is neither a folder nor an audio file.", field="path")
            checked.append(root)
        return checked

    async def _run(
        self,
        roots: Sequence[Path],
        lock: ImportLock,
        progress: ShowProgress,
        allow_empty: bool,
        tag_roots: Sequence[Path] = (),
    ) -> Summary:
        started = self.clock.monotonic()
        summary = Summary(was_interrupted_before=lock.is_unfinished)
        library = Library(self.store)
        surveys: list[Survey] = []
        try:
            for root in roots:
                # Songs that were sent in are as their artists say, whatever their files' tags and names do.
                survey = Survey(root, spared=(self.folder.root / "uploads").resolve())
                surveys.append(survey)
                await survey.look(library, summary, progress)
                if survey.files_found == 0 and survey.vanished.length and not allow_empty:
                    raise Unavailable(away(root, "holds no audio"), field="path")
            if summary.was_interrupted_before or any(s.changed.length or s.vanished.length for s in surveys):
                lock.begin()
                await self._import(surveys, library, summary, progress, tag_roots or roots)
                lock.finish()
        finally:
            for survey in surveys:
                survey.close()
        summary.seconds = self.clock.monotonic() - started
        log.info(
            "import done",
            extra={
                "files_found": summary.files_found,
                "files_read": summary.files_read,
                "songs_added": summary.songs_added,
                "songs_hidden": summary.songs_hidden,
                "problems": summary.problem_count,
                "seconds": round(summary.seconds, 3),
            },
        )
        return summary

    async def _import(
        self,
        surveys: Sequence[Survey],
        library: Library,
        summary: Summary,
        progress: ShowProgress,
        tag_roots: Sequence[Path],
    ) -> None:
        for survey in surveys:
            summary.files_vanished += survey.vanished.length
            for paths in survey.vanished_batches():
                await library.vanish(paths, self.clock.now())
        settling = Settling(library, self.clock)
        writer = CatalogueWriter(library, self.clock)
        pool = ThreadPoolExecutor(self.workers, thread_name_prefix="import")
        try:
            covers = CoverShelf(library, self.files, pool, self.clock, summary)
            intake = Intake(library, writer, covers, settling, self.clock, summary)
            await self._read_all(surveys, intake, pool, settling, summary, progress, tag_roots)
        finally:
            pool.shutdown(wait=False, cancel_futures=True)
        summary.artists_added, summary.albums_added = writer.artists_added, writer.albums_added
        await self._settle(surveys, library, settling, summary, progress)
        if self.hear is not None:
            # Last, when every gone song is known to be gone.
            hearing = await self.hear(intake.added)
            summary.heard(hearing)

    async def _read_all(
        self,
        surveys: Sequence[Survey],
        intake: Intake,
        pool: Executor,
        settling: Settling,
        summary: Summary,
        progress: ShowProgress,
        tag_roots: Sequence[Path],
    ) -> None:
        """Read batch by batch, the next one while this one is written."""
        total = sum(survey.changed.length for survey in surveys)
        batches = _all_batches(surveys)
        done = 0
        reading: asyncio.Task[list[Reading]] | None = None
        try:
            batch = next(batches, None)
            while batch is not None:
                reading = reading or self._start_reading(pool, batch)
                readings = await reading
                following = next(batches, None)
                reading = self._start_reading(pool, following) if following is not None else None
                summary.files_read += len(readings)
                self._publish(await intake.take(readings, root_of(batch[0].path, tag_roots)))
                done += len(batch)
                progress(Progress("reading", done, total, batch[-1].path))
                if len(settling.artists) >= _ARTISTS_NOTED:
                    await settling.recount_artists()
                batch = following
        finally:
            if reading is not None:
                reading.cancel()
                await asyncio.gather(reading, return_exceptions=True)

    def _start_reading(self, pool: Executor, batch: list[Found]) -> asyncio.Task[list[Reading]]:
        return asyncio.create_task(self._read(pool, batch), name="import reading")

    async def _read(self, pool: Executor, batch: list[Found]) -> list[Reading]:
        loop = asyncio.get_running_loop()
        shares = [batch[at : at + _READ_AT_ONCE] for at in range(0, len(batch), _READ_AT_ONCE)]
        results = await asyncio.gather(*(loop.run_in_executor(pool, _read_share, share) for share in shares))
        return [reading for share in results for reading in share]

    async def _settle(
        self,
        surveys: Sequence[Survey],
        library: Library,
        settling: Settling,
        summary: Summary,
        progress: ShowProgress,
    ) -> None:
        progress(Progress("settling", 0, 0))
        if summary.was_interrupted_before:
            self._publish(await settling.settle_everything())
        for survey in surveys:
            for paths in survey.vanished_batches():
                # Files that moved have another path by now; what is still found here is gone.
                files = await library.files_by_path(paths)
                changed, hidden = await settling.settle_songs(file.song_id for file in files if file.song_id)
                summary.songs_hidden += hidden
                self._publish(changed)
        await settling.recount_albums()
        await settling.recount_artists()

    def _publish(self, song_ids: Sequence[str]) -> None:
        for piece in pieces(song_ids, EVENT_SONGS):
            self.bus.publish(CatalogueChanged(tuple(piece)))


def _read_share(share: list[Found]) -> list[Reading]:
    return [read_found(found) for found in share]


def _all_batches(surveys: Sequence[Survey]) -> Iterator[list[Found]]:
    for survey in surveys:
        yield from survey.batches()
