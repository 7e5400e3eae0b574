"""Warnings and errors that this house logged, folded by what they say, kept for a while and across restarts.

Owns the fold and its bounds. Refuses to know logging: whoever hears the lines hands them in, free of secrets.
"""

from __future__ import annotations

import hashlib
import threading
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from services.audit.audit import Audit
from services.catalogue.access import Condition
from services.catalogue.listing import Order, page_of
from services.clock import Clock
from services.errors import Invalid
from services.paging import Page, Slice
from services.viewer import Role, Viewer
from storage.collections.store import Store
from storage.engine import Change, Write
from storage.records.office import LoggedError

WAITING_LIMIT = 200
ROWS_LIMIT = 500
KEPT_FOR = timedelta(days=30)
DETAIL_CHARACTERS = 2000
LEVELS = ("warning", "error", "critical")
NEWEST = Order("last_at", -1, datetime)


@dataclass(slots=True)
class _Fold:
    level: str
    logger: str
    message: str
    first_at: datetime
    last_at: datetime
    count: int
    trace: str
    detail: str


class ErrorLog:
    """The log of one process over the rows that all share. `note` may be called from any thread."""

    def __init__(self, store: Store, clock: Clock, audit: Audit | None = None) -> None:
        self._shelf = store.logged_errors
        self._clock = clock
        self._audit = audit
        self._lock = threading.Lock()
        self._waiting: dict[str, _Fold] = {}
        self.dropped = 0

    def note(self, level: str, logger: str, message: str, *, trace: str = "", detail: str = "") -> None:
        """Take a line in: never blocks, keeps at most 200 kinds until the next `flush`, counts what it drops."""
        now = self._clock.now()
        message, detail = message[:300], detail[:DETAIL_CHARACTERS]
        id = hashlib.sha256(f"{level}\0{logger}\0{message}".encode("utf-8", "replace")).hexdigest()[:24]
        with self._lock:
            fold = self._waiting.get(id)
            if fold is None:
                if len(self._waiting) >= WAITING_LIMIT:
                    self.dropped += 1
                    return
                self._waiting[id] = _Fold(level, logger[:80], message, now, now, 1, trace, detail)
                return
            fold.count, fold.last_at = fold.count + 1, now
            fold.trace, fold.detail = trace, detail

    async def flush(self) -> int:
        """Write what came in to the store; how many kinds. Each process does so for itself."""
        with self._lock:
            waiting, self._waiting = self._waiting, {}
        writes: list[Write] = [_change(id, fold) for id, fold in waiting.items()]
        if writes:
            try:
                await self._shelf.engine.bulk(self._shelf.name, writes)
            except BaseException:
                # Nothing is lost when the store is away: it waits, within its bound.
                with self._lock:
                    room = WAITING_LIMIT - len(self._waiting)
                    self._waiting = dict(list(waiting.items())[:room]) | self._waiting
                raise
        return len(writes)

    async def sweep(self) -> int:
        """Forget what is older than thirty days, and the oldest beyond 500 rows; how many went."""
        gone = await self._shelf.delete({"last_at": {"$lt": self._clock.now() - KEPT_FOR}}, many=True)
        extra = await self._shelf.find({}, sort=[("last_at", -1)], skip=ROWS_LIMIT, limit=10_000)
        if extra:
            gone += await self._shelf.delete({"_id": {"$in": [row.id for row in extra]}}, many=True)
        return gone

    async def listing(
        self, viewer: Viewer, part: Slice, *, level: str | None = None, counted: bool = True
    ) -> Page[LoggedError]:
        """What was logged, the last first, for admins; what other processes heard comes within seconds."""
        viewer.require(Role.ADMIN)
        if level is not None and level not in LEVELS:
            raise Invalid(f"The level is one of {', '.join(LEVELS)}.", field="level")
        await self.flush()
        conditions: list[Condition] = [] if level is None else [{"level": level}]
        return await page_of(self._shelf, conditions, NEWEST, part, counted=counted)

    async def clear(self, viewer: Viewer) -> int:
        """Forget all rows; how many there were."""
        viewer.require(Role.ADMIN)
        with self._lock:
            self._waiting.clear()
        gone = await self._shelf.delete({}, many=True)
        if self._audit is not None:
            await self._audit.note(viewer, "errors.clear", "house", "errors", rows=gone)
        return gone


def _change(id: str, fold: _Fold) -> Change:
    told: dict[str, Any] = {"level": fold.level, "logger": fold.logger, "message": fold.message}
    told |= {"last_at": fold.last_at, "trace": fold.trace, "detail": fold.detail}
    update = {"$set": told, "$inc": {"count": fold.count}, "$setOnInsert": {"first_at": fold.first_at}}
    return Change({"_id": id}, update, upsert=True)
