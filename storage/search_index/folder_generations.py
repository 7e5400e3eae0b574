"""The folder of the embedded search index: a folder for each generation, which one is good, and who may write.

Owns the layout (`state.json`, `writer.lock`, `generation-N`). A new generation takes the place of the old one in one
rename. Refuses to know what is inside.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import shutil
from pathlib import Path

import orjson

from storage.search_index.generations import State
from storage.search_index.tantivy_files import open_index
from storage.search_index.tantivy_index import TantivyIndex
from storage.search_index.tantivy_schema import LAYOUT

ROOM_BYTES = 1 << 20
_GENERATION = re.compile(r"generation-(\d{1,9})")


class FolderGenerations:
    """The generations under `root`. Blocking: call it from a worker. The lock dies with the process."""

    layout = LAYOUT

    def __init__(self, root: Path) -> None:
        self.root = root
        self._lock: int | None = None

    @property
    def writing(self) -> bool:
        """Whether this process is the one that may write."""
        return self._lock is not None

    def take(self) -> bool:
        """Whether the right to write is ours now; False while another process has it, and where there is an index but
        nobody may write. OSError where neither can be."""
        if self._lock is not None:
            return True
        try:
            self.root.mkdir(parents=True, exist_ok=True)
            handle = os.open(self.root / "writer.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError:
            if self.state() is None:
                raise
            return False
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(handle)
            return False
        self._lock = handle
        return True

    def release(self) -> None:
        """Let another process write."""
        handle, self._lock = self._lock, None
        if handle is not None:
            os.close(handle)

    def state(self) -> State | None:
        """The good generation; None when there is none, or none that can be read."""
        try:
            read = orjson.loads((self.root / "state.json").read_bytes())
            state = State(str(read["version"]), str(read["folder"]), dict(read["marks"]))
        except (OSError, ValueError, KeyError, TypeError):
            return None
        return state if _GENERATION.fullmatch(state.folder) and self.path(state).is_dir() else None

    def keep(self, state: State) -> None:
        """Make this the good generation, or note how far it got; in whole or not at all."""
        part = self.root / "state.json.part"
        with part.open("wb") as file:
            file.write(orjson.dumps({"version": state.version, "folder": state.folder, "marks": state.marks}))
            file.flush()
            os.fsync(file.fileno())
        part.replace(self.root / "state.json")

    def path(self, state: State) -> Path:
        """Where a generation's files are."""
        return self.root / state.folder

    def fresh(self, version: str) -> State:
        """A new, empty generation, not yet the good one."""
        number = max(self._numbers(), default=0) + 1
        state = State(version, f"generation-{number}")
        self.path(state).mkdir(parents=True)
        return state

    def begin(self, state: State) -> TantivyIndex:
        """The index of a fresh generation, empty."""
        return TantivyIndex(self.path(state))

    def open(self, state: State) -> TantivyIndex:
        """The index of a generation; who writes it reads through its files first. IndexDamaged for one that is cut or
        is not what it was."""
        return open_index(self.path(state), checked=self.writing)

    def make_sure_of_room(self) -> None:
        """OSError when not even a megabyte can be written."""
        self.root.mkdir(parents=True, exist_ok=True)
        trial = self.root / "room"
        try:
            with trial.open("wb") as file:
                file.write(bytes(ROOM_BYTES))
                file.flush()
                os.fsync(file.fileno())
        finally:
            with contextlib.suppress(OSError):
                trial.unlink()

    def discard(self, state: State) -> None:
        """Remove a new generation that did not get done."""
        shutil.rmtree(self.path(state), ignore_errors=True)

    def sweep(self, good: State) -> None:
        """Remove every other generation."""
        for number in self._numbers():
            name = f"generation-{number}"
            if name != good.folder:
                shutil.rmtree(self.root / name, ignore_errors=True)

    def wish(self) -> None:
        """Ask whoever writes to make the index again."""
        self.root.mkdir(parents=True, exist_ok=True)
        (self.root / "rebuild").touch()

    def wished(self) -> bool:
        """Whether somebody asked for that."""
        return (self.root / "rebuild").exists()

    def grant(self) -> None:
        """The wish is fulfilled."""
        with contextlib.suppress(FileNotFoundError):
            (self.root / "rebuild").unlink()

    def _numbers(self) -> list[int]:
        if not self.root.is_dir():
            return []
        found = (_GENERATION.fullmatch(path.name) for path in self.root.iterdir())
        return [int(match[1]) for match in found if match]
