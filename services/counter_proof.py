"""Proof that counters equal their rows: what differs is looked at twice, and put right if it stood still.

A row is written before its counter moves, so between the two a live request looks like a crash. What differs is
therefore looked at again after every request that was under way has ended: only what stands still in between is a
crash's. Refuses to know what the rows are, and when it runs.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, NamedTuple

from storage.collections.collection import Collection
from storage.engine import Document

SETTLE_S = 30.0
"""Longer than a request may take."""
_BATCH = 500
_SUSPECTS_LIMIT = 10_000

Counting = Callable[[Sequence[str]], Awaitable[Mapping[str, int]]]
"""How many rows each of these ids has, for up to 500 at once; an id without rows may be missing."""
Pause = Callable[[float], Awaitable[None]]


class _Look(NamedTuple):
    """A counter as it is stored (None where there is none yet), and how many rows there are."""

    counter: int | None
    rows: int

    @property
    def differs(self) -> bool:
        return (self.counter or 0) != self.rows


class CounterProof:
    """One counter on every target of a collection. `pause` waits for that many seconds."""

    def __init__(self, targets: Collection[Any], counter: str, rows: Counting, *, pause: Pause = asyncio.sleep) -> None:
        self._targets = targets
        self._counter = counter
        self._rows = rows
        self._pause = pause

    async def recount(self, *, settle_s: float = SETTLE_S) -> int:
        """How many counters were wrong and are right now. Reads in batches; safe beside live traffic and twice.

        Takes `settle_s` seconds longer where something differs. At most about 10,000 counters are put right in one
        run; the next one goes on.
        """
        suspects = await self._suspects()
        if not suspects:
            return 0
        await self._pause(settle_s)
        return await self._correct(suspects)

    async def _suspects(self) -> dict[str, _Look]:
        suspects: dict[str, _Look] = {}
        engine, name = self._targets.engine, self._targets.name
        async for batch in engine.scan(name, {}, batch=_BATCH, fields=[self._counter]):
            looks = await self._look(batch)
            suspects |= {id: look for id, look in looks.items() if look.differs}
            if len(suspects) >= _SUSPECTS_LIMIT:
                break
        return suspects

    async def _correct(self, suspects: dict[str, _Look]) -> int:
        corrected = 0
        ids = list(suspects)
        for start in range(0, len(ids), _BATCH):
            found = await self._targets.engine.find(
                self._targets.name, {"_id": {"$in": ids[start : start + _BATCH]}}, limit=_BATCH, fields=[self._counter]
            )
            looks = await self._look(found)
            still = {id: look for id, look in looks.items() if look == suspects[id]}
            for id, look in still.items():
                # By the difference, and only while the counter stands: a row written meanwhile adds its own.
                changed = await self._targets.update(
                    {"_id": id, self._counter: look.counter},
                    {"$inc": {self._counter: look.rows - (look.counter or 0)}},
                )
                corrected += changed.modified
        return corrected

    async def _look(self, documents: Sequence[Document]) -> dict[str, _Look]:
        true = await self._rows([document["_id"] for document in documents]) if documents else {}
        return {each["_id"]: _Look(each.get(self._counter), true.get(each["_id"], 0)) for each in documents}
