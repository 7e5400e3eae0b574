"""Many who follow one thing cost one reading for each of its revisions."""

from __future__ import annotations

import asyncio

import pytest

from realtime.shared_readings import SharedReadings


class Shelf:
    """Answers when told to, and counts."""

    def __init__(self):
        self.rev = 1
        self.asked = 0
        self.open = asyncio.Event()
        self.broken = False

    async def load(self, _):
        self.asked += 1
        await self.open.wait()
        if self.broken:
            raise OSError("no luck")
        return self.rev


async def started(*works):
    tasks = [asyncio.create_task(work, name="reads") for work in works]
    for _ in range(3):
        await asyncio.sleep(0)
    return tasks


async def test_a_thousand_readers_of_a_revision_cost_one_reading_and_the_next_revision_another():
    shelf = Shelf()
    readings = SharedReadings(shelf.load, lambda rev: rev)
    tasks = await started(*(readings.read("a", 1) for _ in range(1000)))
    shelf.open.set()
    assert (set(await asyncio.gather(*tasks)), shelf.asked) == ({1}, 1)
    shelf.rev = 3
    # Read once as revision 2, it was the third already: who is told of that later need not read again.
    assert [await readings.read("a", 2), await readings.read("a", 3), shelf.asked] == [3, 3, 2]


async def test_a_reader_that_gives_up_or_fails_leaves_the_reading_to_the_others():
    shelf = Shelf()
    readings = SharedReadings(shelf.load, lambda rev: rev)
    first, *others = await started(*(readings.read("a", 1) for _ in range(3)))
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)
    shelf.open.set()
    assert (await asyncio.gather(*others), shelf.asked) == ([1, 1], 2)
    shelf.broken = True
    with pytest.raises(OSError, match="no luck"):
        await readings.read("a", 2)
    shelf.broken = False
    shelf.rev = 2
    assert await readings.read("a", 2) == 2


async def test_after_an_outage_nothing_old_is_believed():
    shelf = Shelf()
    shelf.open.set()
    readings = SharedReadings(shelf.load, lambda rev: rev)
    assert await readings.read("a", 1) == 1
    shelf.rev = 5
    assert await readings.read("a", None) == 1
    readings.forget()
    assert (await readings.read("a", None), await readings.read("a", None), shelf.asked) == (5, 5, 2)
