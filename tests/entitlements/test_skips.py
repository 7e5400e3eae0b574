"""Skips per hour: what counts as one, and that two processes count together."""

from __future__ import annotations

import asyncio

import pytest

from services.connect.asked import Guard
from services.connect.reducer import Stale
from services.connect.sources import ContextKind
from services.entitlements.skips import Skips
from services.errors import NotFound, PaymentRequired
from services.viewer import SYSTEM, Viewer
from storage.live.interface import LiveStateAway
from storage.live.memory import MemoryLiveState
from tests.catalogue_rig import Rig

SKIP = "mutation($op: String) { skipToNext(clientOpId: $op) { rev } }"


async def play(rig: Rig, viewer: Viewer) -> list[str]:
    done = await rig.house.queues.play(viewer, ContextKind.SONGS, song_ids=["s1", "s2", "s3", "b1"] * 5)
    return [item.id for item in done.queue.items]


async def test_six_skips_an_hour_and_the_seventh_says_when(strict: Rig) -> None:
    ann = await strict.sign_up("ann")
    items = await play(strict, ann)
    await strict.house.queues.skip(ann, Guard(None, "once"))
    await strict.house.queues.skip(ann, Guard(None, "once"))
    strict.clock.turn(60)
    await strict.house.queues.jump(ann, items[5])
    await strict.house.queues.remove(ann, [items[5]])
    await strict.house.queues.ended(ann, items[6], play_id=f"queue:{(await strict.house.queues.get(ann)).current_rev}")
    assert (await strict.house.skips.used(ann)).used == 4
    for _ in range(2):
        await strict.data(SKIP, ann)
    before = await strict.house.queues.get(ann)
    (refused,) = await strict.errors(SKIP, ann)
    assert refused == {"code": "SKIPS_SPENT", "retryAfter": 3540.0}
    with pytest.raises(PaymentRequired):
        await strict.house.queues.remove(ann, [str(before.current_id)])
    assert await strict.house.queues.get(ann) == before
    strict.clock.turn(3540)
    await play(strict, ann)
    await strict.house.queues.skip(ann)
    with pytest.raises(PaymentRequired):
        await strict.house.queues.skip(ann)
    # Who pays is not counted.
    await strict.house.accounts.set_tier(SYSTEM, "ann", "premium")
    ann = await strict.house.accounts.renewed(ann)
    for _ in range(3):
        await strict.house.queues.skip(ann)


async def test_what_is_no_skip_costs_none(strict: Rig) -> None:
    ann = await strict.sign_up("ann")
    queues = strict.house.queues
    await queues.skip(ann)
    items = await play(strict, ann)
    strict.clock.turn(170)
    await queues.skip(ann)
    with pytest.raises(Stale):
        await queues.skip(ann, Guard(1, "late"))
    with pytest.raises(NotFound):
        await queues.jump(ann, "never")
    await queues.jump(ann, items[1])
    await queues.back(ann)
    await queues.remove(ann, [items[9]])
    await play(strict, ann)
    strict.clock.turn(200)
    queue = await queues.get(ann)
    await queues.ended(ann, str(queue.current_id), play_id=f"queue:{queue.current_rev}")
    # What cannot be heard any more may be left.
    queue = await queues.get(ann)
    await strict.store.songs.update({"_id": "s2"}, {"$set": {"is_hidden": True}})
    await queues.skip(ann)
    assert (await strict.house.skips.used(ann)).used == 0


async def test_two_processes_count_together(strict: Rig) -> None:
    ann, live = Viewer("ann"), MemoryLiveState(strict.clock.monotonic)
    table = strict.house.tier_table
    here, there = Skips(live, strict.clock, table), Skips(live, strict.clock, table)
    answers = await asyncio.gather(*((here, there)[n % 2].spend(ann) for n in range(9)), return_exceptions=True)
    assert sum(isinstance(answer, int) for answer in answers) == 6
    refusals = [answer for answer in answers if isinstance(answer, PaymentRequired)]
    assert [(refusal.reason, refusal.retry_after) for refusal in refusals] == [("SKIPS_SPENT", 3600.0)] * 3


class Away(MemoryLiveState):
    async def get(self, key: str) -> None:
        raise LiveStateAway


async def test_nobody_is_refused_while_nobody_can_count(strict: Rig) -> None:
    skips = Skips(Away(strict.clock.monotonic), strict.clock, strict.house.tier_table)
    for _ in range(8):
        assert await skips.spend(Viewer("ann")) is None
    assert (await skips.used(Viewer("ann"))).used == 0
