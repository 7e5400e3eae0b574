"""The data folder of this machine: files by key, written whole or not at all.

Owns atomic writes and names that cannot lead outside. Blocking: called from worker threads. Refuses to know what the
bytes are.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import shutil
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import BinaryIO

from storage.files.interface import FileFacts, check_key

TEMPORARY = ".part-"
_COPIED_BYTES = 1 << 20


class Folder:
    """A folder of files by key (`images/ab/abcd…-640.jpg`). Every method blocks."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def path(self, key: str) -> Path:
        """Where the key's bytes are kept, there or not. ValueError for a key that is no plain relative path."""
        return self.root.joinpath(*check_key(key).split("/"))

    def put(self, key: str, data: bytes) -> Path:
        """Keep these bytes under the key. They are there in whole or not at all, also after a power cut."""
        self.put_all({key: data})
        return self.path(key)

    def put_all(self, files: Mapping[str, bytes]) -> None:
        """Keep several, in this order: when the last is there, all are. Each is whole; one wait for each folder."""
        folders: dict[Path, None] = {}
        for key, data in files.items():
            target = self.path(key)
            folders |= dict.fromkeys(self._make_folder(target.parent))
            self._place(target, lambda file, data=data: file.write(data))  # type: ignore[misc]
        for folder in folders:
            _sync_folder(folder)

    def put_file(self, key: str, source: Path, *, may_link: bool = False) -> FileFacts:
        """Keep a file's bytes, as a second name of it where that is allowed and can be."""
        target = self.path(key)
        folders = self._make_folder(target.parent)
        digest = hashlib.sha256()
        with source.open("rb") as reading:
            if not may_link or not self._link(reading, source, target):
                self._place(target, lambda file: _copy(reading, file, digest))
            else:
                while piece := reading.read(_COPIED_BYTES):
                    digest.update(piece)
        for folder in folders:
            _sync_folder(folder)
        status = target.stat()
        return FileFacts(key, status.st_size, status.st_mtime_ns, digest.hexdigest())

    def get(self, key: str) -> bytes | None:
        """The key's bytes; None when nothing is kept there."""
        try:
            return self.path(key).read_bytes()
        except FileNotFoundError:
            return None

    def exists(self, key: str) -> bool:
        """Whether something is kept there."""
        return self.path(key).is_file()

    def look(self, key: str) -> FileFacts | None:
        """Size and time; None when nothing is kept there."""
        try:
            status = self.path(key).stat()
        except (FileNotFoundError, NotADirectoryError):
            return None
        return FileFacts(key, status.st_size, status.st_mtime_ns)

    def delete(self, key: str) -> bool:
        """Forget the key; whether there was anything."""
        try:
            self.path(key).unlink()
        except FileNotFoundError:
            return False
        return True

    def walk(self, folder: str = "") -> Iterator[FileFacts]:
        """Every file below a folder by its key, in the order of keys. Hidden names are nobody's files."""
        yield from self._walk(self.path(folder) if folder else self.root, f"{folder}/" if folder else "")

    def sweep(self, folder: str = "", before_ns: int | None = None) -> int:
        """Remove what interrupted writes left under a folder (before a moment); how many pieces went."""
        swept = 0
        for left in (self.path(folder) if folder else self.root).rglob(f"{TEMPORARY}*"):
            try:
                if before_ns is None or left.stat().st_mtime_ns < before_ns:
                    left.unlink()
                    swept += 1
            except FileNotFoundError:
                continue
        return swept

    def _walk(self, folder: Path, above: str) -> Iterator[FileFacts]:
        try:
            with os.scandir(folder) as listing:
                entries = [(f"{each.name}/" if each.is_dir() else each.name, each) for each in listing]
        except (FileNotFoundError, NotADirectoryError):
            return
        # As text with its slash: the order of whole keys, which an object store lists in too.
        for name, entry in sorted(entries, key=lambda each: each[0]):
            if name.startswith("."):
                continue
            if name.endswith("/"):
                yield from self._walk(folder / entry.name, above + name)
            else:
                status = entry.stat()
                yield FileFacts(above + name, status.st_size, status.st_mtime_ns)

    def _make_folder(self, folder: Path) -> list[Path]:
        """The folder is there; those whose entries have to be brought to disk, itself included."""
        changed = [folder]
        missing = folder
        while not missing.exists() and missing != missing.parent:
            missing = missing.parent
            changed.append(missing)
        folder.mkdir(parents=True, exist_ok=True)
        return changed

    def _place(self, target: Path, write: Callable[[BinaryIO], object]) -> None:
        temporary = target.with_name(f"{TEMPORARY}{secrets.token_hex(8)}")
        try:
            with temporary.open("xb") as file:
                write(file)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(target)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise

    def _link(self, reading: BinaryIO, source: Path, target: Path) -> bool:
        """Whether the source has a second name now; False on file systems that know no such thing."""
        os.fsync(reading.fileno())
        temporary = target.with_name(f"{TEMPORARY}{secrets.token_hex(8)}")
        try:
            temporary.hardlink_to(source)
        except OSError:
            return False
        try:
            temporary.replace(target)
        finally:
            # Where both are names of one file already, the system keeps the first too.
            temporary.unlink(missing_ok=True)
        return True


def _copy(reading: BinaryIO, writing: BinaryIO, digest: hashlib._Hash) -> None:
    while piece := reading.read(_COPIED_BYTES):
        digest.update(piece)
        writing.write(piece)
    shutil.copystat(reading.name, writing.name)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
