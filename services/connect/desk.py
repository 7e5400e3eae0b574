"""The desk where queues are read and stepped on: one guarded write for each operation, news after it.

Owns the guard: an operation is worked out on the queue as read, written only if its revision is still the same, and
worked out anew otherwise. Refuses to know what an operation does: `reducer.py` says.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from weakref import WeakValueDictionary

from services.clock import Clock
from services.connect.operations import Operation
from services.connect.reducer import Result, apply
from services.errors import Conflict
from services.events import Bus, QueueChanged
from services.timing.house_time import HouseTime
from storage.collections.store import Store
from storage.engine import DuplicateKey
from storage.records.play_queue import PlayQueue

ATTEMPTS = 20
"""How often an operation is worked out anew; only other processes can be in the way, for one process takes turns."""

Decision = Callable[[PlayQueue, float], Awaitable[Operation | None]]
"""What to do to the queue as freshly read, at a moment of the house's time; None leaves it be."""


class QueueDesk:
    """Reads and steps single queues."""

    def __init__(self, store: Store, clock: Clock, bus: Bus, house_time: HouseTime) -> None:
        self._store = store
        self._clock = clock
        self._bus = bus
        self._house_time = house_time
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def read(self, user_id: str) -> PlayQueue:
        """Somebody's queue; an empty one of revision 0 before the first operation."""
        return await self._store.play_queues.get(user_id) or PlayQueue(user_id, self._clock.now())

    async def change(
        self, user_id: str, decide: Decision, *, base_rev: int | None = None, op_id: str | None = None
    ) -> tuple[PlayQueue, Result]:
        """The queue before, and what became of it. Stale, Conflict (BUSY), and whatever else the operation raises."""
        turn = self._turns.setdefault(user_id, asyncio.Lock())
        async with turn:
            for _ in range(ATTEMPTS):
                queue = await self.read(user_id)
                for done in queue.done if op_id is not None else ():
                    if done.op_id == op_id:
                        return queue, Result(queue, done.rev, repeated=True)
                at_ms = self._house_time.now_ms()
                operation = await decide(queue, at_ms)
                if operation is None:
                    return queue, Result(queue, queue.rev)
                result = apply(queue, operation, at_ms, base_rev=base_rev, op_id=op_id)
                if result.queue is queue:
                    return queue, result
                result = replace(result, queue=replace(result.queue, updated_at=self._clock.now()))
                if await self._write(queue, result.queue):
                    self._bus.publish(QueueChanged(user_id, result.queue.rev))
                    return queue, result
        raise Conflict("Too much happens to this queue just now; try again.", code="BUSY")

    async def _write(self, before: PlayQueue, after: PlayQueue) -> bool:
        if before.rev > 0:
            return await self._store.play_queues.write_step(before, after)
        try:
            await self._store.play_queues.insert(after)
        except DuplicateKey:
            return False
        return True
