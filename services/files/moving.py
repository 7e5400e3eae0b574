"""Everything that is kept, brought from one store of files to another: copied, proven, then told to the records.

Owns the order, by which it can be broken off at any point and begun again. Nothing is deleted where it came from.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from services.audio.far_sounds import key_of_path, path_of_key
from services.clock import Clock
from services.errors import Conflict
from services.files.proving import digest_of
from services.files.sweeping import PICTURES
from services.uploads.sound import FOLDER as SONGS
from storage.collections.store import Store
from storage.engine import Change, Write
from storage.files import FileFacts, Files, Folder
from storage.records import AudioFile

AT_ONCE = 4
_BATCH = 500
_STAGED = "uploads/staging"

Progress = Callable[[int, int, str], None]


@dataclass(slots=True)
class Moved:
    """What was done. `already_there` were found whole at the other side; `switched` counts records."""

    copied: int = 0
    copied_bytes: int = 0
    already_there: int = 0
    switched: int = 0


class Moving:
    """From `source` to `target`; `folder` is the data folder, where files on their way are put."""

    def __init__(self, store: Store, source: Files, target: Files, folder: Folder, clock: Clock) -> None:
        self._store = store
        self._source = source
        self._target = target
        self._folder = folder
        self._clock = clock
        self._uploads = f"{folder.path(SONGS).resolve()}/"

    async def move(self, progress: Progress) -> Moved:
        """Copy what is not there yet, then switch the records of songs. Safe to run again, also after a break.

        Unavailable when a store is away, Conflict when a copy does not come out as its original.
        """
        moved = Moved()
        total = 0
        for folder in (PICTURES, SONGS):
            async for _ in self._source.list(folder):
                total += 1
        done = 0
        waiting: set[asyncio.Task[None]] = set()
        try:
            for folder in (PICTURES, SONGS):
                async for facts in self._source.list(folder):
                    if len(waiting) >= AT_ONCE:
                        await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
                        for task in [task for task in waiting if task.done()]:
                            task.result()
                            waiting.discard(task)
                    done += 1
                    progress(done, max(total, done), facts.key)
                    waiting.add(asyncio.create_task(self._bring(facts, moved), name=f"move {facts.key}"))
            await asyncio.gather(*waiting)
        finally:
            for task in waiting:
                task.cancel()
            await asyncio.gather(*waiting, return_exceptions=True)
        moved.switched = await self._switch()
        return moved

    async def _bring(self, facts: FileFacts, moved: Moved) -> None:
        key = facts.key
        wanted = await digest_of(self._source, key)
        if wanted is None:
            return
        there = await self._target.look(key)
        if there is not None and there.size == facts.size and await self._sum(there) == wanted:
            moved.already_there += 1
            return
        path = self._source.local_path(key)
        if path is not None:
            await self._target.put_file(key, path)
        else:
            await self._fetch(key)
        there = await self._target.look(key)
        if there is None or there.size != facts.size or await self._sum(there) != wanted:
            raise Conflict(f"{key} did not arrive as it was sent: begin again.", code="COPY_DIFFERS")
        moved.copied += 1
        moved.copied_bytes += facts.size

    async def _sum(self, there: FileFacts) -> str | None:
        """What the copy proves itself by: read again on a disk; a bucket has checked each body against its MD5."""
        return there.sha256 or await digest_of(self._target, there.key)

    async def _fetch(self, key: str) -> None:
        staged = self._folder.path(f"{_STAGED}/{self._clock.new_id()}")
        file = await asyncio.to_thread(_create, staged)
        try:
            async with aclosing(self._source.read(key)) as pieces:
                async for piece in pieces:
                    await asyncio.to_thread(file.write, piece)
            await asyncio.to_thread(file.close)
            await self._target.put_file(key, staged, may_link=True)
        finally:
            file.close()
            await asyncio.to_thread(staged.unlink, missing_ok=True)

    async def _switch(self) -> int:
        switched = 0
        async for files in self._store.audio_files.scan({}, batch=_BATCH):
            writes: list[Write] = []
            for file in files:
                fields = await self._place(file)
                if fields is not None:
                    writes.append(Change({"_id": file.id, "path": file.path}, {"$set": fields}))
            if writes:
                await self._store.audio_files.bulk(writes)
                switched += len(writes)
        return switched

    async def _place(self, file: AudioFile) -> dict[str, object] | None:
        """What the record is to say of its place, None where it says it already or its file is not ours."""
        key = key_of_path(file.path)
        if file.path.startswith(self._uploads):
            key = f"{SONGS}/{file.path.removeprefix(self._uploads)}"
        if key is None:
            return None
        there = await self._target.look(key)
        if there is None:
            return None
        near = self._target.local_path(key)
        path = path_of_key(key) if near is None else str(await asyncio.to_thread(near.resolve))
        if path == file.path:
            return None
        return {"path": path} if near is None else {"path": path, "mtime_ns": there.modified_ns}


def _create(path: Path) -> BinaryIO:
    path.parent.mkdir(parents=True, exist_ok=True)
    return path.open("xb")
