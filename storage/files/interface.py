"""What every store of files can do: one protocol for a folder of this machine and for an object store.

Owns the words (keys, facts, the two ways to fail) that both stores share. Refuses to know what the bytes are.
"""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

CHUNK_BYTES = 1 << 16
"""Pieces that `read` yields are at most so large."""

_PIECE = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,127}", re.ASCII)


class FilesAway(Exception):
    """The store of files does not answer, is full or refuses us. The text is for people and holds no credential.

    `code` is one of FILES_AWAY, FILES_REFUSED (wrong credentials or rights) and STORAGE_FULL.
    """

    def __init__(self, message: str, code: str = "FILES_AWAY") -> None:
        super().__init__(message)
        self.code = code


class NoSuchFile(Exception):
    """Nothing is kept under this key."""

    def __init__(self, key: str) -> None:
        super().__init__(f"nothing is kept as {key}")
        self.key = key


@dataclass(frozen=True, slots=True)
class FileFacts:
    """What is known of a file without reading it. `sha256` is what was noted when it was put, None where nothing was.

    `modified_ns` since 1970; object stores round it to a second.
    """

    key: str
    size: int
    modified_ns: int
    sha256: str | None = None


class Files(Protocol):
    """Files by key (`images/ab/abcd…-640.jpg`). A key is there with all its bytes, or not at all.

    Every method raises ValueError for a key that is no plain relative path, and FilesAway.
    """

    name: str
    """`local` or `s3`."""

    async def start(self) -> None:
        """Be ready to be asked. Does not ask the store itself: one that is away now may come back."""

    async def stop(self) -> None:
        """Let go of connections. Safe to call twice."""

    async def ping(self) -> str:
        """Ask the store; a few words about it."""

    async def put(self, key: str, data: bytes) -> FileFacts:
        """Keep these bytes under the key, in place of what was there."""

    async def put_all(self, files: Mapping[str, bytes]) -> None:
        """Keep several, in this order: when the last is there, all are."""

    async def put_file(self, key: str, source: Path, *, may_link: bool = False) -> FileFacts:
        """Keep a local file's bytes, never all of them in memory. `may_link`: nobody will write into the source."""

    async def put_content(self, folder: str, source: bytes | Path, suffix: str) -> FileFacts:
        """Keep bytes under a key made of their SHA-256, `folder/ab/abcd….suffix`: put twice, they are there once."""

    async def get(self, key: str) -> bytes | None:
        """All bytes, None when nothing is kept there. For small files."""

    def read(self, key: str, start: int = 0, end: int | None = None) -> AsyncGenerator[bytes]:
        """The bytes from `start` up to `end` (or the last), piece by piece; close it (`aclose`) to stop early.

        NoSuchFile before the first piece. Bytes beyond the end are none. FilesAway in the middle when the rest cannot
        be had: what came before is right.
        """

    async def look(self, key: str) -> FileFacts | None:
        """What is known of the file; None when nothing is kept there."""

    async def exists(self, key: str) -> bool:
        """Whether something is kept there."""

    async def delete(self, key: str) -> bool:
        """Forget the key; whether there was anything."""

    def list(self, folder: str = "") -> AsyncIterator[FileFacts]:
        """Every file below a folder (or at all), in the order of their keys; hashes are left out."""

    def local_path(self, key: str) -> Path | None:
        """Where the key's bytes lie (or would) on this machine; None when they do not."""

    async def url(
        self, key: str, expires_s: int, *, method: str = "GET", content_type: str = "", disposition: str = ""
    ) -> str | None:
        """An address that hands out the bytes to anybody for a while; None when there is none but ours."""

    async def sweep(self, before: datetime) -> int:
        """Remove what writes left that broke off before a moment; how many."""


def check_key(key: str) -> str:
    """The key itself. ValueError when it is no plain relative path (`..`, hidden names, a drive, other letters)."""
    if not all(_PIECE.fullmatch(piece) for piece in key.split("/")):
        raise ValueError(f"not a file key: {key!r}")
    return key


def content_key(folder: str, sha256: str, suffix: str) -> str:
    """Where bytes with this SHA-256 belong."""
    return check_key(f"{folder}/{sha256[:2]}/{sha256}.{suffix}")
