"""Whose account goes pays no more: their subscriptions end at the payment service.

Owns the queue between the news and the requests. What a process loses of it is found by the nightly walk.
"""

from __future__ import annotations

import asyncio
import logging

from services.billing.subscriptions import Subscriptions
from services.errors import TuttiError

log = logging.getLogger("tutti.billing")

QUEUE = 1_000


class Leaving:
    """Between `start` and `stop`, those who left are seen to."""

    def __init__(self, subscriptions: Subscriptions) -> None:
        self._subscriptions = subscriptions
        self._queue: asyncio.Queue[tuple[str, bool]] = asyncio.Queue(QUEUE)
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin."""
        if self._task is None:
            self._task = asyncio.create_task(self._go_on(), name="billing of those who leave")

    async def stop(self) -> None:
        """End. Safe in any state."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    def note(self, user_id: str, *, at_once: bool = True) -> None:
        """Somebody's account goes: what they pay for ends `at_once`, or when the paid period is over."""
        try:
            self._queue.put_nowait((user_id, at_once))
        except asyncio.QueueFull:
            log.warning("many leave at once, the nightly walk ends what they pay for")

    async def settled(self) -> None:
        """Return once everybody noted so far was seen to."""
        await self._queue.join()

    async def _go_on(self) -> None:
        while True:
            user_id, at_once = await self._queue.get()
            try:
                ended = await self._subscriptions.cancel_all(user_id, at_once=at_once)
                if ended:
                    log.info("subscriptions of an account that goes were ended", extra={"ended": ended})
            except TuttiError as trouble:
                log.warning("a subscription could not be ended yet", extra={"reason": trouble.reason})
            except Exception:
                # One account's bug is not the others'.
                log.exception("a subscription could not be ended")
            finally:
                self._queue.task_done()
