"""One import at a time per data directory, and the memory of one that was interrupted.

Owns the lock file. Refuses to know what an import does.
"""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from services.errors import Conflict

_UNFINISHED = b"unfinished\n"


class ImportLock:
    """A held lock dies with its process, however that ends; the mark in the file stays. Use it as a context."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._handle: int | None = None

    def __enter__(self) -> ImportLock:
        """Take the lock. Conflict when another import holds it."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(handle)
            raise Conflict("Another import is running on this data directory.", code="IMPORT_RUNNING") from error
        self._handle = handle
        return self

    def __exit__(self, *_: object) -> None:
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None

    @property
    def is_unfinished(self) -> bool:
        """Whether an import began to write and never said that it was done."""
        return os.pread(self._held(), len(_UNFINISHED), 0) == _UNFINISHED

    def begin(self) -> None:
        """Note on disk that writing starts."""
        handle = self._held()
        os.pwrite(handle, _UNFINISHED, 0)
        os.fsync(handle)

    def finish(self) -> None:
        """Note that all that follows from the writes has been written too."""
        handle = self._held()
        os.ftruncate(handle, 0)
        os.fsync(handle)

    def _held(self) -> int:
        if self._handle is None:
            raise RuntimeError("the import lock is not held")
        return self._handle
