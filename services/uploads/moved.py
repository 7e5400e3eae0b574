"""The folder of uploaded songs, when the data folder moved: files are known by full path, so their records move along.

Owns the note of where the folder was. Refuses to look for files anywhere else.
"""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path

from services.uploads.sound import FOLDER
from storage.collections.store import Store
from storage.engine import Change, Write
from storage.files import Folder

log = logging.getLogger("tutti.uploads")

NOTE = "uploads/place"


def note_place(folder: Folder) -> None:
    """Write down where uploaded songs lie, unless that is written already. Blocking."""
    if not folder.exists(NOTE):
        folder.put(NOTE, _here(folder).encode())


async def follow_move(store: Store, folder: Folder) -> int:
    """Give the records of uploaded songs the folder's present path; how many changed. Safe to run twice."""
    noted = await asyncio.to_thread(folder.get, NOTE)
    here = await asyncio.to_thread(_here, folder)
    if noted is None or noted.decode() == here:
        return 0
    before = noted.decode()
    moved = 0
    async for batch in store.audio_files.scan({"path": {"$gt": f"{before}/", "$lt": f"{before}0"}}, batch=500):
        writes: list[Write] = [
            Change({"_id": file.id}, {"$set": {"path": here + file.path.removeprefix(before)}}) for file in batch
        ]
        await store.audio_files.bulk(writes)
        moved += len(writes)
    await asyncio.to_thread(folder.put, NOTE, here.encode())
    log.info("uploaded songs moved", extra={"files": moved})
    return moved


def _here(folder: Folder) -> str:
    place: Path = folder.path(FOLDER).resolve()
    return str(place)
