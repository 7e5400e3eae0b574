"""Whether the processes that served before this one ended well.

A serving process holds a mark in the data folder, locked as long as it lives, and takes it away when it stops. A mark
that nobody holds is that of a process which was killed. Owns the marks; refuses to know what is to be done about it.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import secrets
from pathlib import Path

FOLDER = "serving"
_MAKING = ".making-"


class Endings:
    """The marks in one data folder. Blocks on the disk."""

    def __init__(self, data: Path) -> None:
        self._folder = data / FOLDER
        self._own: tuple[Path, int] | None = None
        self._killed: list[Path] = []

    def begin(self) -> int:
        """Put up this process's mark; how many processes were killed since `settled` was last said."""
        self._folder.mkdir(parents=True, exist_ok=True)
        self._killed = [mark for mark in self._folder.iterdir() if self._is_killed(mark)]
        name = secrets.token_hex(8)
        making = self._folder / f"{_MAKING}{name}"
        lock = os.open(making, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        # Nobody else may see it unlocked: it would look like one of the killed.
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        self._own = making.rename(self._folder / name), lock
        return len(self._killed)

    def settled(self) -> None:
        """What the killed left behind is being seen to: forget them. If this process is killed too, it tells again."""
        for mark in self._killed:
            mark.unlink(missing_ok=True)
        self._killed = []

    def end(self) -> None:
        """This process ends well."""
        if self._own is not None:
            (mark, lock), self._own = self._own, None
            mark.unlink(missing_ok=True)
            os.close(lock)

    @staticmethod
    def _is_killed(mark: Path) -> bool:
        with contextlib.suppress(FileNotFoundError):
            lock = os.open(mark, os.O_RDWR | os.O_CLOEXEC)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return False
            finally:
                os.close(lock)
            # One that died over making its mark, or is just making it, has not served.
            return not mark.name.startswith(_MAKING)
        return False
