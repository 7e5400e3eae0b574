"""Covers for a batch of tracks: the embedded one first, the folder's where a file brings none.

Owns what is rendered when, each content once. Refuses to know how pictures are drawn.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from concurrent.futures import Executor
from functools import partial
from pathlib import Path

from services.clock import Clock
from services.library.covers import take_cover
from services.library.summary import Summary
from services.library.track import Track
from services.pictures.rendering import BrokenPicture, Drawn, image_record, is_kept, keep_cover_files
from storage.collections.library import Library
from storage.files import Files
from storage.records import Image

_REMEMBERED = 2_000


class CoverShelf:
    """Keeps pictures for one import; remembers up to 2,000 answers so that no picture is tried twice."""

    def __init__(self, library: Library, files: Files, pool: Executor, clock: Clock, summary: Summary) -> None:
        self.library = library
        self.files = files
        self.pool = pool
        self.clock = clock
        self.summary = summary
        self._answers: OrderedDict[str, str | None] = OrderedDict()

    async def dress(self, tracks: list[Track]) -> None:
        """Set each track's `cover_id`. A picture that cannot be shown is reported, and the next source is asked."""
        embedded: dict[str, Track] = {}
        for track in tracks:
            if track.picture_id is not None:
                embedded.setdefault(track.picture_id, track)
        kept = await self._kept([id for id in embedded if id not in self._answers])
        self._remember({id: id for id in kept})
        unknown = {id: track for id, track in embedded.items() if id not in self._answers}
        await self._take({id: (track.found.path, id) for id, track in unknown.items()})
        answers = {id: self._answers.get(id) for id in embedded}
        folders = {
            track.found.cover_path: None
            for track in tracks
            if track.found.cover_path and not answers.get(track.picture_id or "")
        }
        fresh = [path for path in folders if path not in self._answers]
        await self._take({path: (path, None) for path in fresh})
        for track in tracks:
            own = answers.get(track.picture_id) if track.picture_id is not None else None
            beside = self._answers.get(track.found.cover_path) if track.found.cover_path else None
            track.cover_id = own or beside

    async def _kept(self, ids: list[str]) -> list[str]:
        known = await self.library.store.images.get_many(ids)
        return [id for id in known if await is_kept(id, self.files)]

    async def _take(self, wanted: dict[str, tuple[str, str | None]]) -> None:
        """Render pictures in the pool and write their records. Keys are what the answers are remembered by."""
        keys = list(wanted)
        jobs = [self._keep(Path(path), id) for path, id in wanted.values()]
        results = await asyncio.gather(*jobs, return_exceptions=True)
        images: dict[str, Image] = {}
        answers: dict[str, str | None] = {}
        for key, result in zip(keys, results, strict=True):
            if isinstance(result, BrokenPicture):
                self.summary.report(wanted[key][0], f"its cover was left out: {result.reason}")
                answers[key] = None
            elif isinstance(result, BaseException):
                raise result
            else:
                id, drawn = result
                images[id] = image_record(id, drawn, self.clock.now())
                answers[key] = id
        known = await self.library.store.images.get_many(list(images))
        self.summary.covers_added += sum(1 for id in images if id not in known)
        for id, image in images.items():
            image.created_at = known[id].created_at if id in known else image.created_at
        await self.library.keep_images(list(images.values()))
        self._remember(answers)

    async def _keep(self, path: Path, id: str | None) -> tuple[str, Drawn]:
        work = partial(take_cover, path, embedded=id is not None, image_id=id)
        found_id, drawn = await asyncio.get_running_loop().run_in_executor(self.pool, work)
        await keep_cover_files(found_id, drawn, self.files)
        return found_id, drawn

    def _remember(self, answers: dict[str, str | None]) -> None:
        self._answers.update(answers)
        while len(self._answers) > max(_REMEMBERED, len(answers)):
            self._answers.popitem(last=False)
