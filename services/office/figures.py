"""What the house holds and how it stands: disk, caches, database, parts, for admins.

Owns reading and adding up. What is measured belongs to whoever measures it.
"""

from __future__ import annotations

import asyncio
import os
import platform
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from services.audio.segment_cache import SegmentCache
from services.audit.audit import Audit
from services.clock import Clock
from services.loop_lag import LoopLag
from services.viewer import Role, Viewer
from storage.collections.store import Store

ENTRIES_LIMIT = 200_000
"""Files of one folder that are added up; beyond it the figure is a lower bound."""
FRESH_S = 30.0

Readiness = Callable[[], Awaitable[dict[str, str]]]


@dataclass(frozen=True, slots=True)
class FolderUse:
    """Bytes and files of one folder below the data folder; `is_whole` is False when it has too many to count."""

    name: str
    bytes: int
    files: int
    is_whole: bool = True


@dataclass(frozen=True, slots=True)
class StorageFigures:
    """What lies where, in bytes. Cache figures are of the process that answers, since its start."""

    folders: list[FolderUse]
    disk_free_bytes: int
    disk_total_bytes: int
    database_bytes: int
    search_index_bytes: int
    cache_used_bytes: int
    cache_limit_bytes: int
    cache_hits: int
    cache_misses: int
    cache_evictions: int
    measured_at: datetime

    @property
    def cache_hit_rate(self) -> float | None:
        """The share of wanted pieces that were there; None before the first was wanted."""
        asked = self.cache_hits + self.cache_misses
        return self.cache_hits / asked if asked else None


@dataclass(frozen=True, slots=True)
class PartState:
    """One part that requests need: `ok`, or what is wrong with it."""

    name: str
    state: str


@dataclass(frozen=True, slots=True)
class HouseHealth:
    """How the process that answers stands."""

    version: str
    python: str
    store: str
    started_at: datetime
    loop_lag_ms: float
    loop_lag_worst_ms: float
    parts: list[PartState]


class Figures:
    """Figures of one house. `readiness` is handed in by the server, which knows the parts."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        data: Path,
        cache: SegmentCache,
        loop_lag: LoopLag,
        audit: Audit | None = None,
    ) -> None:
        self._store = store
        self._clock = clock
        self._data = data
        self._cache = cache
        self._loop_lag = loop_lag
        self._audit = audit
        self._started_at = clock.now()
        self._measured: tuple[float, list[FolderUse], int, int] | None = None
        self._turn = asyncio.Lock()
        self.readiness: Readiness | None = None
        self.version = ""

    async def storage(self, viewer: Viewer) -> StorageFigures:
        """What lies where; folders are added up at most every thirty seconds."""
        viewer.require(Role.ADMIN)
        async with self._turn:
            now = self._clock.monotonic()
            if self._measured is None or now - self._measured[0] > FRESH_S:
                self._measured = (now, *await asyncio.to_thread(_measure, self._data))
            _, folders, free, total = self._measured
        sizes = {folder.name: folder.bytes for folder in folders}
        cache = self._cache
        return StorageFigures(
            folders=folders,
            disk_free_bytes=free,
            disk_total_bytes=total,
            database_bytes=sizes.get("database", 0),
            search_index_bytes=sizes.get("search", 0),
            cache_used_bytes=cache.used_bytes,
            cache_limit_bytes=cache.limit_bytes,
            cache_hits=cache.hits,
            cache_misses=cache.misses,
            cache_evictions=cache.evictions,
            measured_at=self._clock.now(),
        )

    async def purge_cache(self, viewer: Viewer) -> int:
        """Throw out all encoded sound that nobody reads just now; the bytes that are free by it.

        It is made again when it is wanted. Only the cache of the process that answers: each has its own.
        """
        viewer.require(Role.ADMIN)
        before = self._cache.used_bytes
        await self._cache.empty()
        freed = max(0, before - self._cache.used_bytes)
        self._measured = None
        if self._audit is not None:
            await self._audit.note(viewer, "cache.purge", "house", "segments", freed_bytes=freed)
        return freed

    async def health(self, viewer: Viewer) -> HouseHealth:
        """How the process that answers stands."""
        viewer.require(Role.ADMIN)
        parts = await self.readiness() if self.readiness is not None else {}
        return HouseHealth(
            version=self.version,
            python=platform.python_version(),
            store=self._store.engine.name,
            started_at=self._started_at,
            loop_lag_ms=round(1000 * self._loop_lag.last_s, 2),
            loop_lag_worst_ms=round(1000 * self._loop_lag.worst_s, 2),
            parts=[PartState(name, state) for name, state in parts.items()],
        )


def _measure(data: Path) -> tuple[list[FolderUse], int, int]:
    """Each folder below the data folder, the database's files as one, what is free and what there is."""
    folders, loose_bytes, loose_files, database_bytes, database_files = [], 0, 0, 0, 0
    for entry in sorted(os.scandir(data), key=lambda each: each.name):
        if entry.is_dir(follow_symlinks=False):
            folders.append(_use(entry.name, Path(entry.path)))
        elif entry.is_file(follow_symlinks=False):
            size = entry.stat(follow_symlinks=False).st_size
            if ".db" in entry.name:
                database_bytes, database_files = database_bytes + size, database_files + 1
            else:
                loose_bytes, loose_files = loose_bytes + size, loose_files + 1
    folders.append(FolderUse("database", database_bytes, database_files))
    folders.append(FolderUse("other files", loose_bytes, loose_files))
    disk = os.statvfs(data)
    return folders, disk.f_bavail * disk.f_frsize, disk.f_blocks * disk.f_frsize


def _use(name: str, folder: Path) -> FolderUse:
    size = count = 0
    for root, _, files in os.walk(folder):
        for file in files:
            if count >= ENTRIES_LIMIT:
                return FolderUse(name, size, count, is_whole=False)
            try:
                size += os.lstat(os.path.join(root, file)).st_size
            except OSError:
                continue  # gone meanwhile: caches come and go
            count += 1
    return FolderUse(name, size, count)
