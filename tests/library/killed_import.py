"""A child process for test_resume: imports a folder and kills itself at the nth call of one of the writes.

Usage: killed_import.py MUSIC DATA METHOD N
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path
from typing import Any

from services.clock import Clock
from services.events import Bus
from services.library import survey
from services.library.importer import Importer
from storage.collections.library import Library
from storage.collections.store import Store
from storage.files import Folder, LocalFiles
from storage.indexes import ensure_indexes
from storage.sqlite import SqliteEngine


async def main(music: str, data: str, method: str, calls: int) -> None:
    survey.BATCH_FILES = 5
    engine = SqliteEngine(Path(data) / "tutti.db")
    await engine.start()
    await ensure_indexes(engine)
    plain = getattr(Library, method)
    left = calls

    async def fatal(*args: Any, **options: Any) -> Any:
        nonlocal left
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return await plain(*args, **options)

    setattr(Library, method, fatal)
    await Importer(Store(engine), LocalFiles(Path(data)), Folder(Path(data)), None, Clock(), Bus(), workers=2).run(
        [Path(music)]
    )


asyncio.run(main(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])))
