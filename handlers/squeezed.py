"""Files of the pages as browsers get them, compressed once and kept while they do not change. Knows no request."""

from __future__ import annotations

import asyncio
import gzip
import hashlib
from collections import OrderedDict
from pathlib import Path

_SUFFIXES = frozenset({".js", ".mjs", ".css", ".json", ".svg", ".html", ".webmanifest", ".map"})
KEPT_BYTES = 16 << 20
"""What is kept at most, in compressed bytes: all pages of the house are about a quarter of it."""


def accepts_gzip(header: str) -> bool:
    """Whether an `Accept-Encoding` (RFC 9110, 12.5.3) takes gzip."""
    for part in header.lower().split(","):
        name, _, weight = part.partition(";")
        if name.strip() in ("gzip", "*") and weight.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000"):
            return True
    return False


class Squeezed:
    """Compressed files by path, the least recently used forgotten first."""

    def __init__(self, kept_bytes: int = KEPT_BYTES) -> None:
        self._kept: OrderedDict[Path, tuple[tuple[int, int], str, bytes]] = OrderedDict()
        self._bytes, self._most = 0, kept_bytes

    @property
    def kept_bytes(self) -> int:
        """How much is kept now, compressed."""
        return self._bytes

    def helps(self, path: str) -> bool:
        """Whether files of this name are text."""
        return Path(path).suffix in _SUFFIXES

    async def read(self, path: Path) -> tuple[str, bytes]:
        """A strong entity tag and the compressed bytes. Raises OSError."""
        version = await asyncio.to_thread(_version, path)
        kept = self._kept.get(path)
        if kept is not None and kept[0] == version:
            self._kept.move_to_end(path)
            return kept[1:]
        body = await asyncio.to_thread(_compress, path)
        tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
        self._forget(path)
        self._kept[path] = (version, tag, body)
        self._bytes += len(body)
        while self._bytes > self._most and len(self._kept) > 1:
            self._forget(next(iter(self._kept)))
        return tag, body

    def _forget(self, path: Path) -> None:
        kept = self._kept.pop(path, None)
        if kept is not None:
            self._bytes -= len(kept[2])


def _version(path: Path) -> tuple[int, int]:
    stat = path.stat()
    return stat.st_mtime_ns, stat.st_size


def _compress(path: Path) -> bytes:
    return gzip.compress(path.read_bytes(), 9, mtime=0)
