"""A server killed with -9 under operations: each that was answered is in the queue once, however often it is sent."""

from __future__ import annotations

import asyncio
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from server.composition import open_household
from server.config import load_settings
from services.connect.asked import Guard
from services.viewer import Viewer
from storage.records import Song
from tests.warm_python import warm_python

pytestmark = pytest.mark.faults

CHILD = Path(__file__).with_name("killed_queue.py")
NOW = datetime(2026, 6, 1, tzinfo=UTC)
ANSWERED = 40


async def test_what_was_answered_before_a_kill_is_there_once_after_it(tmp_path: Path) -> None:
    settings = load_settings(None, {"TUTTI_STORAGE_DATA_DIR": str(tmp_path / "data"), "TUTTI_LIBRARY_DEMO": "false"})
    async with open_household(settings) as household:
        song = Song("song", "Song", "song", "song", "artist", "Artist", NOW, NOW)
        await household.store.songs.insert(song)
    child = warm_python().start(CHILD, str(tmp_path), env=os.environ, pipe=True)
    assert child.stdout is not None
    with child.stdout:
        answered = [(await asyncio.to_thread(child.stdout.readline)).strip() for _ in range(ANSWERED)]
        child.kill()
        answered += child.stdout.read().split()
    assert child.wait() == -9
    async with open_household(settings) as household:
        queues, ann = household.house.queues, Viewer("ann")
        kept = await queues.get(ann)
        done = {each.op_id for each in kept.done}
        assert set(answered[-100:]) <= done
        # At most those in flight were done and not answered.
        assert len(answered) <= len(kept.items) <= len(answered) + 4
        before = kept.rev
        for op_id in answered[-20:]:
            assert (await queues.add(ann, ["song"], guard=Guard(None, op_id))).repeated is True
        again = await queues.get(ann)
        assert (again.rev, len({item.id for item in again.items})) == (before, len(kept.items))
