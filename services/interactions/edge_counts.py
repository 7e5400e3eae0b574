"""Proof that counters equal their edges: recounts every target, and puts right what a crash left behind.

An edge is written before its counter moves, so between the two a live request looks like a crash. What differs is
therefore looked at again after every request that was under way has ended: only what stands still in between is a
crash's. Refuses to know when it runs and what the counters mean.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, NamedTuple

from services.interactions.edges import Edges
from storage.engine import Document

log = logging.getLogger("tutti.interactions")

SETTLE_S = 30.0
"""Longer than a request may take."""
_BATCH = 500
_SUSPECTS_LIMIT = 10_000


class _Look(NamedTuple):
    """A counter as it is stored (None where there is none yet), and how many edges there are."""

    counter: int | None
    edges: int

    @property
    def differs(self) -> bool:
        return (self.counter or 0) != self.edges


class EdgeCounts:
    """The counters of several kinds of edge, against their rows. `pause` waits for that many seconds."""

    def __init__(
        self, kinds: Sequence[Edges[Any]], *, pause: Callable[[float], Awaitable[None]] = asyncio.sleep
    ) -> None:
        self._kinds = kinds
        self._pause = pause

    async def recount(self, *, settle_s: float = SETTLE_S) -> int:
        """How many counters were wrong and are right now. Reads in batches; safe beside live traffic and twice.

        Takes `settle_s` seconds longer for a kind of edge where something differs. At most 10,000 counters of a kind
        are put right in one run; the next one goes on.
        """
        corrected = 0
        for edges in self._kinds:
            suspects = await self._suspects(edges)
            if suspects:
                await self._pause(settle_s)
                corrected += await self._correct(edges, suspects)
        if corrected:
            log.info("edge counts corrected", extra={"counters": corrected})
        return corrected

    async def _suspects(self, edges: Edges[Any]) -> dict[str, _Look]:
        suspects: dict[str, _Look] = {}
        engine, name = edges.targets.engine, edges.targets.name
        async for batch in engine.scan(name, {}, batch=_BATCH, fields=[edges.counter]):
            looks = await _look(edges, batch)
            suspects |= {id: look for id, look in looks.items() if look.differs}
            if len(suspects) >= _SUSPECTS_LIMIT:
                break
        return suspects

    async def _correct(self, edges: Edges[Any], suspects: dict[str, _Look]) -> int:
        corrected = 0
        ids = list(suspects)
        for start in range(0, len(ids), _BATCH):
            piece = ids[start : start + _BATCH]
            documents = await edges.targets.engine.get_many(edges.targets.name, piece)
            looks = await _look(edges, list(documents.values()))
            still = {id: look for id, look in looks.items() if look == suspects[id]}
            for id, look in still.items():
                # By the difference, and only while the counter stands: an edge drawn meanwhile adds its own.
                changed = await edges.targets.update(
                    {"_id": id, edges.counter: look.counter},
                    {"$inc": {edges.counter: look.edges - (look.counter or 0)}},
                )
                corrected += changed.modified
        return corrected


async def _look(edges: Edges[Any], documents: Sequence[Document]) -> dict[str, _Look]:
    true = await edges.counts([document["_id"] for document in documents], "target_id")
    return {each["_id"]: _Look(each.get(edges.counter), true.get(each["_id"], 0)) for each in documents}
