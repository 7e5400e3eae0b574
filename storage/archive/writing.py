"""Writes an archive: member after member under another name, then the manifest, then the name it was asked for."""

from __future__ import annotations

import gzip
import hashlib
import io
import os
import secrets
import tarfile
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType

from storage.archive.layout import DOCUMENTS, DOCUMENTS_END, MANIFEST, Manifest
from storage.files.folder import TEMPORARY

_PIECE = 1 << 20


class ArchiveWriter:
    """An archive on its way. Leaving without `finish` leaves nothing behind. Every method blocks.

    FileExistsError when `target` is there: an archive is never written over.
    """

    def __init__(self, target: Path, manifest: Manifest) -> None:
        self._target = target
        self._manifest = manifest
        if target.exists():
            raise FileExistsError(17, "is there already; an archive is not written over", str(target))
        self._part = target.with_name(f"{TEMPORARY}{secrets.token_hex(4)}-{target.name}")
        self._file = os.fdopen(os.open(self._part, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), "wb")
        self._tar = tarfile.open(fileobj=self._file, mode="w", format=tarfile.PAX_FORMAT)  # noqa: SIM115
        self._lines: gzip.GzipFile | None = None
        self._staged: Path | None = None

    def __enter__(self) -> ArchiveWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._lines is not None:
            self._lines.close()
        for left in (self._part, self._staged):
            if left is not None:
                left.unlink(missing_ok=True)
        self._file.close()

    @property
    def folder(self) -> Path:
        """Where it is written, and where there is room for what has to be put down on the way."""
        return self._target.parent

    @property
    def written(self) -> frozenset[str]:
        """The names of what is in it so far."""
        return frozenset(self._manifest.members)

    def begin_documents(self) -> None:
        """A collection begins."""
        self._staged = self._part.with_name(f"{self._part.name}.documents")
        self._lines = gzip.open(self._staged, "wb", compresslevel=5)  # noqa: SIM115 - by `end_documents`

    def add_lines(self, lines: Iterable[bytes]) -> None:
        """Documents of it."""
        assert self._lines is not None
        self._lines.writelines(lines)

    def end_documents(self, collection: str, count: int) -> None:
        """The collection ends, with so many documents."""
        assert self._lines is not None
        assert self._staged is not None
        self._lines.close()
        self._lines = None
        self._manifest.documents[collection] = count
        self.add_file(f"{DOCUMENTS}{collection}{DOCUMENTS_END}", self._staged)
        self._staged.unlink()

    def add_file(self, name: str, source: Path) -> None:
        """A file of this machine."""
        with source.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            self._add(name, size, file)

    def add_bytes(self, name: str, data: bytes) -> None:
        """These bytes."""
        self._add(name, len(data), io.BytesIO(data))

    def finish(self) -> None:
        """All is in: the manifest, then to the disk, then the name."""
        data = self._manifest.as_json()
        self._add(MANIFEST, len(data), io.BytesIO(data))
        self._tar.close()
        self._file.flush()
        os.fsync(self._file.fileno())
        # A link, unlike a renaming, refuses to take the place of what came there meanwhile.
        try:
            os.link(self._part, self._target)
        except FileExistsError:
            raise
        except OSError:
            os.rename(self._part, self._target)
        folder = os.open(self._target.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def _add(self, name: str, size: int, file: io.IOBase) -> None:
        member = tarfile.TarInfo(name)
        member.size, member.mode = size, 0o600
        summed = _Summed(file)
        self._tar.addfile(member, summed)
        self._manifest.members[name] = (size, summed.sha256.hexdigest())


class _Summed:
    """A file that sums up what is read of it."""

    def __init__(self, file: io.IOBase) -> None:
        self._file = file
        self.sha256 = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        data: bytes = self._file.read(size)
        self.sha256.update(data)
        return data
