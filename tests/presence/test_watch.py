"""The watch of one process ends whenever it is told to."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

from services.clock import SetClock
from services.events import Bus
from services.presence.board import PresenceBoard
from services.presence.watching import PresenceWatch
from services.timing.house_time import HouseTime
from storage.live.interface import LiveStateAway
from storage.live.memory import MemoryLiveState


def watch_over(live_of=MemoryLiveState):
    clock = SetClock(datetime(2026, 11, 22, tzinfo=UTC))
    return PresenceWatch(clock, Bus(), PresenceBoard(live_of(clock.monotonic), HouseTime(clock)))


async def test_a_stop_in_the_moment_of_waking_is_a_stop():
    watch = watch_over()
    await watch.come("ann", "a")
    await watch.come("ann", "b")
    await asyncio.sleep(0)
    await watch.go("ann", "b")
    async with asyncio.timeout(2):
        await watch.stop()
    assert watch._task.done()


async def test_nobody_is_refused_or_missed_while_the_live_state_is_away():
    class Away(MemoryLiveState):
        async def hold(self, *_, **__):
            raise LiveStateAway

    watch = watch_over(Away)
    await watch.come("ann", "a")
    await watch.look()
    assert await watch.look_after_orphans() == 0
    await watch.go("ann", "a")
    assert watch.connection_count == 0
    await watch.stop()
