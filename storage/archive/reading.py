"""Reads an archive and believes nothing of it: names, sizes and sums are held against its manifest, documents parsed.

Never unpacks by the archive's own names: a member is asked for by the name it must have.
"""

from __future__ import annotations

import gzip
import hashlib
import tarfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType

from storage.archive.layout import (
    DOCUMENTS,
    DOCUMENTS_END,
    FILES,
    LINE_BYTES,
    MANIFEST,
    SECRET,
    BadArchive,
    Manifest,
    from_line,
)
from storage.engine import Document
from storage.files.interface import check_key

_PIECE = 1 << 20
_MANIFEST_BYTES = 1 << 30
_BATCH = 500

Progress = Callable[[int, int, str], None]
"""Members done, of how many, and which one."""


class ArchiveReader:
    """An opened archive. BadArchive says what is wrong; every method blocks."""

    def __init__(self, source: Path) -> None:
        try:
            self._tar = tarfile.open(source, mode="r:")  # noqa: SIM115 - closed by __exit__
        except (tarfile.TarError, EOFError) as fault:
            raise BadArchive(f"{source.name} is no archive of Tutti") from fault
        try:
            self._members = {member.name: member for member in self._tar}
            self.manifest = self._manifest()
            self._hold_names()
        except (tarfile.TarError, EOFError, UnicodeError) as fault:
            self._tar.close()
            raise BadArchive(f"{source.name} is cut off or damaged") from fault
        except BaseException:
            self._tar.close()
            raise

    def __enter__(self) -> ArchiveReader:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._tar.close()

    @property
    def keys(self) -> list[str]:
        """The keys of the files in it."""
        return sorted(name.removeprefix(FILES) for name in self.manifest.members if name.startswith(FILES))

    def verify(self, progress: Progress) -> None:
        """Read all of it: every sum is right and every document can be read, or BadArchive."""
        for number, (name, (_, sha256)) in enumerate(self.manifest.members.items()):
            progress(number, len(self.manifest.members), name)
            digest = hashlib.sha256()
            for piece in self.pieces(name):
                digest.update(piece)
            if digest.hexdigest() != sha256:
                raise BadArchive(f"{name} has other bytes than were written")
        for collection, count in self.manifest.documents.items():
            found = sum(len(batch) for batch in self.documents(collection))
            if found != count:
                raise BadArchive(f"{collection} has {found} documents and not {count}")

    def pieces(self, name: str) -> Iterator[bytes]:
        """The bytes of a member."""
        file = self._tar.extractfile(self._members[name])
        assert file is not None
        try:
            while piece := file.read(_PIECE):
                yield piece
        except (tarfile.TarError, EOFError) as fault:
            raise BadArchive(f"{name} is cut off") from fault

    def documents(self, collection: str) -> Iterator[list[Document]]:
        """The documents of a collection, in batches."""
        member = self._tar.extractfile(self._members[f"{DOCUMENTS}{collection}{DOCUMENTS_END}"])
        assert member is not None
        batch: list[Document] = []
        try:
            with gzip.GzipFile(fileobj=member) as lines:
                while line := lines.readline(LINE_BYTES):
                    if not line.endswith(b"\n"):
                        raise BadArchive(f"{collection} ends in the middle of a document")
                    batch.append(from_line(line))
                    if len(batch) == _BATCH:
                        yield batch
                        batch = []
        except (OSError, EOFError, zlib.error, tarfile.TarError) as fault:
            raise BadArchive(f"{collection} cannot be unpacked") from fault
        if batch:
            yield batch

    @property
    def secret(self) -> bytes | None:
        """The secret that the house had made for itself."""
        return b"".join(self.pieces(SECRET)) if SECRET in self.manifest.members else None

    def _manifest(self) -> Manifest:
        member = self._members.get(MANIFEST)
        if member is None or not member.isreg() or member.size > _MANIFEST_BYTES:
            raise BadArchive("it has no manifest: it was broken off, or is no archive of Tutti")
        return Manifest.read(b"".join(self.pieces(MANIFEST)))

    def _hold_names(self) -> None:
        manifest = self.manifest
        if {*self._members} != {*manifest.members, MANIFEST}:
            raise BadArchive("it holds other members than its manifest says")
        collections = {f"{DOCUMENTS}{name}{DOCUMENTS_END}" for name in manifest.documents}
        for name, (size, _) in manifest.members.items():
            member = self._members[name]
            if not member.isreg() or member.size != size:
                raise BadArchive(f"{name} is not what its manifest says")
            if name.startswith(FILES):
                try:
                    check_key(name.removeprefix(FILES))
                except ValueError as fault:
                    raise BadArchive(f"{name!r} is no name of a file of ours") from fault
            elif name != SECRET and name not in collections:
                raise BadArchive(f"{name!r} does not belong into an archive")
        if not collections <= manifest.members.keys() or any("/" in name for name in manifest.documents):
            raise BadArchive("a collection that its manifest names is missing")
