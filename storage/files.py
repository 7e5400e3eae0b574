"""Files the product makes itself (covers, renditions), under one folder of the data directory.

Owns atomic writes and names that cannot lead outside. Refuses to know what the bytes are.
"""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Mapping
from pathlib import Path

_PIECE = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,127}", re.ASCII)
_TEMPORARY = ".part-"


class LocalFiles:
    """A folder of files by key (`images/ab/abcd…-640.jpg`). Blocking: call it from a worker."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def path(self, key: str) -> Path:
        """Where the key's bytes are kept, there or not. ValueError for a key that is no plain relative path."""
        pieces = key.split("/")
        if not all(_PIECE.fullmatch(piece) for piece in pieces):
            raise ValueError(f"not a file key: {key!r}")
        return self.root.joinpath(*pieces)

    def put(self, key: str, data: bytes) -> Path:
        """Keep these bytes under the key. They are there in whole or not at all, also after a power cut."""
        self.put_all({key: data})
        return self.path(key)

    def put_all(self, files: Mapping[str, bytes]) -> None:
        """Keep several, in this order: when the last is there, all are. Each is whole; one wait for each folder."""
        folders: dict[Path, None] = {}
        for key, data in files.items():
            target = self.path(key)
            target.parent.mkdir(parents=True, exist_ok=True)
            temporary = target.with_name(f"{_TEMPORARY}{secrets.token_hex(8)}")
            try:
                with temporary.open("xb") as file:
                    file.write(data)
                    file.flush()
                    os.fsync(file.fileno())
                temporary.replace(target)
            except BaseException:
                temporary.unlink(missing_ok=True)
                raise
            folders[target.parent] = None
        for folder in folders:
            self._sync_folder(folder)

    def get(self, key: str) -> bytes | None:
        """The key's bytes; None when nothing is kept there."""
        try:
            return self.path(key).read_bytes()
        except FileNotFoundError:
            return None

    def exists(self, key: str) -> bool:
        """Whether something is kept there."""
        return self.path(key).is_file()

    def delete(self, key: str) -> bool:
        """Forget the key; whether there was anything."""
        try:
            self.path(key).unlink()
        except FileNotFoundError:
            return False
        return True

    def sweep(self, folder: str) -> int:
        """Remove what interrupted writes left under a folder; how many pieces went."""
        swept = 0
        for left in self.path(folder).rglob(f"{_TEMPORARY}*"):
            left.unlink(missing_ok=True)
            swept += 1
        return swept

    @staticmethod
    def _sync_folder(folder: Path) -> None:
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
