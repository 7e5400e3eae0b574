"""A child process for test_killed: makes a song of a finished upload and kills itself right after one of the writes.

Usage: killed_upload.py FOLDER POINT [far]
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path
from typing import Any

from server import composition
from services.library.catalogue_writer import CatalogueWriter
from services.library.settling import Settling
from services.uploads import songs
from services.uploads.details import SongDetails
from storage.collections.uploads import Uploads
from tests.files.far import FarFolder
from tests.uploads.place import open_place, tone


def fatal(owner: Any, name: str) -> None:
    plain = getattr(owner, name)

    async def after(*args: Any, **options: Any) -> Any:
        await plain(*args, **options)
        os.kill(os.getpid(), signal.SIGKILL)

    def after_at_once(*args: Any, **options: Any) -> Any:
        plain(*args, **options)
        os.kill(os.getpid(), signal.SIGKILL)

    setattr(owner, name, after if asyncio.iscoroutinefunction(plain) else after_at_once)


async def main(folder: Path, point: str) -> None:
    async with open_place(folder) as place:
        sound = tone(folder / "a.wav")
        upload = await place.announce(sound)
        await place.put(upload["url"], sound, 0, len(sound) - 1)
        if point == "file record":
            fatal(place.store.audio_files, "insert")
        else:
            owner, name = {
                "note": (Uploads, "begin_taking"),
                "place": (songs, "put_in_place"),
                "song": (CatalogueWriter, "insert_songs"),
                "albums": (Settling, "recount_albums"),
                "end": (Uploads, "end_taking"),
            }[point]
            fatal(owner, name)
        details = SongDetails("Song", "ann", "dawn")
        await place.uploads.upload_song(place.viewers["ann"], details, upload_id=upload["id"])


if sys.argv[3:] == ["far"]:
    composition.make_files = lambda _: FarFolder(Path(sys.argv[1]) / "far")
asyncio.run(main(Path(sys.argv[1]), sys.argv[2]))
