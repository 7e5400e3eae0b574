"""Whoever waits for notes, again and again, ends when told to, also in the very moment in which something is noted."""

import asyncio

import pytest

from services.events import Bus
from services.search.notes import Kind, Notes


@pytest.mark.parametrize("steps", range(4))
async def test_a_cancellation_that_comes_with_a_note_is_not_lost(steps):
    notes = Notes(Bus())

    async def follow():
        while True:
            await notes.wait(60)

    following = asyncio.create_task(follow())
    await asyncio.sleep(0.01)
    notes.note(Kind.SONG, ["one"])
    for _ in range(steps):
        await asyncio.sleep(0)
    following.cancel()
    await asyncio.wait([following], timeout=1)
    ended = following.done()
    following.cancel()
    assert ended
