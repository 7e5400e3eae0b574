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
from services.library.covers import keep_cover
from services.library.summary import Summary
from services.library.track import Track
from services.pictures.rendering import BrokenPicture, image_record, is_kept
from storage.collections.library import Library
from storage.files import LocalFiles
from storage.records import Image

_REMEMBERED = 2_000


class CoverShelf:
    """Keeps pictures for one import; remembers up to 2,000 answers so that no picture is tried twice."""

    def __init__(self, library: Library, files: LocalFiles, pool: Executor, clock: Clock, summary: Summary) -> None:
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
        return await asyncio.to_thread(lambda: [id for id in known if is_kept(id, self.files)])

    async def _take(self, wanted: dict[str, tuple[str, str | None]]) -> None:
        """Render pictures in the pool and write their records. Keys are what the answers are remembered by."""
        loop = asyncio.get_running_loop()
        keys = list(wanted)
        jobs = [
            loop.run_in_executor(
                self.pool,
                partial(keep_cover, Path(path), embedded=id is not None, image_id=id, files=self.files),
            )
            for path, id in wanted.values()
        ]
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
                id, width, height, size = result
                images[id] = image_record(id, width, height, size, self.clock.now())
                answers[key] = id
        known = await self.library.store.images.get_many(list(images))
        self.summary.covers_added += sum(1 for id in images if id not in known)
        await self.library.keep_images([image for id, image in images.items() if id not in known])
        self._remember(answers)

    def _remember(self, answers: dict[str, str | None]) -> None:
        self._answers.update(answers)
        while len(self._answers) > max(_REMEMBERED, len(answers)):
            self._answers.popitem(last=False)
