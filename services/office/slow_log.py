"""What took long: GraphQL requests and store commands, folded by their shape.

Owns the thresholds, the fold and its bounds. A shape names fields, never values: no secret and nobody's data is in it.
"""

from __future__ import annotations

import hashlib
import math
from collections import deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from services.audit.audit import Audit
from services.catalogue.access import Condition
from services.catalogue.listing import Order, page_of
from services.clock import Clock
from services.errors import Invalid
from services.paging import Page, Slice
from services.trace import current_trace
from services.viewer import Role, Viewer
from storage.collections.store import Store
from storage.engine import Change, Write
from storage.records.office import SlowAsk

REQUEST_MS = 250.0
COMMAND_MS = 50.0
WAITING_LIMIT = 200
ROWS_LIMIT = 300
SAMPLES = 100
SHAPE_CHARACTERS = 300
KEPT_FOR = timedelta(days=14)
KINDS = ("graphql", "store")
ORDERS = {
    "last": Order("last_at", -1, datetime),
    "count": Order("count", -1, int),
    "worst": Order("worst_ms", -1, float),
}


@dataclass(slots=True)
class _Fold:
    kind: str
    shape: str
    last_at: datetime
    count: int = 0
    worst_ms: float = 0.0
    samples: deque[float] = field(default_factory=lambda: deque(maxlen=SAMPLES))
    trace: str = ""


class SlowLog:
    """The slow things of one process, over rows that all processes share."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        audit: Audit | None = None,
        *,
        request_ms: float = REQUEST_MS,
        command_ms: float = COMMAND_MS,
    ) -> None:
        self._shelf = store.slow_asks
        self._clock = clock
        self._audit = audit
        self._least_ms = {"graphql": request_ms, "store": command_ms}
        self._waiting: dict[str, _Fold] = {}
        self.dropped = 0
        self.noted = dict.fromkeys(KINDS, 0)

    def note(self, kind: str, shape: str, took_ms: float) -> None:
        """Take in that something of this shape took so long; what was quick is passed over."""
        if took_ms < self._least_ms[kind]:
            return
        self.noted[kind] += 1
        shape = shape[:SHAPE_CHARACTERS]
        id = hashlib.sha256(f"{kind}\0{shape}".encode("utf-8", "replace")).hexdigest()[:24]
        fold = self._waiting.get(id)
        if fold is None:
            if len(self._waiting) >= WAITING_LIMIT:
                self.dropped += 1
                return
            fold = self._waiting[id] = _Fold(kind, shape, self._clock.now())
        fold.count, fold.last_at, fold.trace = fold.count + 1, self._clock.now(), current_trace.get()
        fold.worst_ms = max(fold.worst_ms, took_ms)
        fold.samples.append(round(took_ms, 1))

    async def flush(self) -> int:
        """Write what came in to the store; how many shapes. Each process does so for itself."""
        waiting, self._waiting = self._waiting, {}
        writes: list[Write] = [_change(id, fold) for id, fold in waiting.items()]
        if writes:
            await self._shelf.engine.bulk(self._shelf.name, writes)
        return len(writes)

    async def sweep(self) -> int:
        """Forget what is older than two weeks, and the oldest beyond 300 rows; how many went."""
        gone = await self._shelf.delete({"last_at": {"$lt": self._clock.now() - KEPT_FOR}}, many=True)
        extra = await self._shelf.find({}, sort=[("last_at", -1)], skip=ROWS_LIMIT, limit=10_000)
        if extra:
            gone += await self._shelf.delete({"_id": {"$in": [row.id for row in extra]}}, many=True)
        return gone

    async def listing(
        self, viewer: Viewer, part: Slice, *, kind: str | None = None, order: str = "last", counted: bool = True
    ) -> Page[SlowAsk]:
        """What took long, for admins: the last, the most frequent or the slowest first."""
        viewer.require(Role.ADMIN)
        if kind is not None and kind not in KINDS:
            raise Invalid(f"The kind is one of {', '.join(KINDS)}.", field="kind")
        await self.flush()
        conditions: list[Condition] = [] if kind is None else [{"kind": kind}]
        return await page_of(self._shelf, conditions, ORDERS[order], part, counted=counted)

    async def clear(self, viewer: Viewer) -> int:
        """Forget all rows; how many there were."""
        viewer.require(Role.ADMIN)
        self._waiting.clear()
        gone = await self._shelf.delete({}, many=True)
        if self._audit is not None:
            await self._audit.note(viewer, "slow.clear", "house", "slow", rows=gone)
        return gone


def percentile(samples: list[float], share: float) -> float:
    """The sample below which `share` of them lie (nearest rank); 0 without samples."""
    ordered = sorted(samples)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)] if ordered else 0.0


def _change(id: str, fold: _Fold) -> Change:
    told: dict[str, Any] = {"kind": fold.kind, "shape": fold.shape, "last_at": fold.last_at, "trace": fold.trace}
    pushed = {"samples": {"$each": list(fold.samples), "$slice": -SAMPLES}}
    update = {"$set": told, "$inc": {"count": fold.count}, "$max": {"worst_ms": fold.worst_ms}, "$push": pushed}
    return Change({"_id": id}, update, upsert=True)
