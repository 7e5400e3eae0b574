"""A folder for the cache of encoded sound that no other process uses: the cache's books are one process's.

Owns the names of such folders and their locks, which end with the process that holds them, however it ends.
"""

from __future__ import annotations

import fcntl
import itertools
import os
from collections.abc import Callable
from pathlib import Path

FOLDER = "segments"
LOCK = ".in-use"


def claim_cache_folder(data: Path) -> tuple[Path, Callable[[], None]]:
    """The first of `segments`, `segments-2`, … that nobody uses, and what gives it back. Blocks on the disk."""
    for number in itertools.count(1):
        folder = data / (FOLDER if number == 1 else f"{FOLDER}-{number}")
        folder.mkdir(parents=True, exist_ok=True)
        lock = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(lock)
            if not folder.is_dir() or number >= 1000:
                raise
            continue
        return folder, lambda lock=lock: os.close(lock)
    raise AssertionError("there is always a next number")


def share_of(cache_bytes: int, processes: int) -> int:
    """What one of so many processes may keep, so that all of them, and one that is being renewed, keep the whole."""
    return cache_bytes if processes == 1 else cache_bytes // (processes + 1)
