"""A storm over one queue: any operations, sent twice, out of order and on old revisions, and what must stay true."""

from __future__ import annotations

import math
import random
from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime

from services.connect.asked import since
from services.connect.faces import face_of, patched, play_id_of
from services.connect.operations import (
    Add,
    Clear,
    Ended,
    Jump,
    Move,
    NewItem,
    Next,
    Operation,
    Origin,
    Passing,
    Pause,
    PlayNow,
    Previous,
    Remove,
    Repeat,
    Resume,
    Seek,
    SetAutoplay,
    SetRepeat,
    SetVolume,
    Shuffle,
    Transfer,
)
from services.connect.playing import AHEAD_MS, ITEMS_LIMIT, UNRECORDED_LIMIT, length_of
from services.connect.reducer import CHANGES_LIMIT, DONE_LIMIT, SILENCE_MS, UNKNOWN_MS, apply
from services.connect.shuffling import place_of
from services.errors import TuttiError
from storage.records.play_queue import PlayQueue, QueueContext

SONGS = [NewItem(f"s{at}", [0, 900, 30_000, 200_000][at % 4]) for at in range(40)]
ALBUM = QueueContext("album", "a", "A")


def empty() -> PlayQueue:
    return PlayQueue("ann", datetime(2026, 6, 1, tzinfo=UTC))


def operation(dice: random.Random, queue: PlayQueue) -> Operation:
    """Any operation, most about items that are there."""
    ids = [item.id for item in queue.items] or ["q0"]

    def some() -> str:
        return dice.choice(ids) if dice.random() < 0.9 else f"q{dice.randrange(queue.made + 3)}"

    def songs(most: int, origin: Origin = Origin.USER) -> tuple[NewItem, ...]:
        picked = dice.choices(SONGS, k=dice.randint(1, most))
        return tuple(NewItem(song.song_id, song.duration_ms, origin) for song in picked)

    passing = Passing(
        frozenset(song.song_id for song in dice.sample(SONGS, dice.choice([0, 0, 3, 40]))),
        songs(5, Origin.AUTOPLAY) if dice.random() < 0.5 else (),
    )
    made: list[Callable[[], Operation]] = [
        lambda: PlayNow(
            songs(dice.choice([5, 30, 2500]), Origin.CONTEXT),
            ALBUM,
            dice.randrange(-1, 40),
            dice.choice([0.0, 500.0, math.inf]),
            dice.choice([None, 7]),
        ),
        lambda: Add(songs(dice.choice([3, 3, 200])), dice.choice([None, some()]), dice.random() < 0.5),
        lambda: Add(songs(3), None, dice.random() < 0.5),
        lambda: Move(some(), dice.choice([None, some()])),
        lambda: Move(some(), some()),
        lambda: Remove(frozenset(some() for _ in range(dice.randint(1, 4))), passing),
        lambda: Clear(dice.random() < 0.3),
        lambda: Next(passing),
        lambda: Next(passing),
        lambda: Previous(passing),
        lambda: Jump(some()),
        lambda: Ended(queue.current_id or "q0", passing, dice.random() < 0.3),
        lambda: Ended(some(), passing),
        lambda: Ended(queue.current_id or "q0", passing, play_id=dice.choice([play_id_of(queue), "queue:1"])),
        lambda: Pause(),
        lambda: Resume(),
        lambda: Seek(dice.choice([0.0, 1e9, -5.0, math.nan, 4000.0])),
        lambda: SetRepeat(dice.choice(list(Repeat))),
        lambda: Shuffle(dice.choice([None, 1, 2])),
        lambda: SetAutoplay(dice.random() < 0.5),
        lambda: SetVolume(dice.randint(-5, 120)),
        lambda: Transfer(dice.choice(["tv", "phone"]), dice.choice([None, 1000.0]), dice.choice([None, 50]), None),
    ]
    weights = [0.3, *[1.0] * (len(made) - 1)]
    return dice.choices(made, weights)[0]()


def check(queue: PlayQueue) -> None:
    """What holds for every queue."""
    ids = [item.id for item in queue.items]
    assert len(ids) == len(set(ids)) <= ITEMS_LIMIT
    assert queue.current_id is None or queue.current_id in ids
    anchor = queue.anchor
    assert all(map(math.isfinite, (anchor.at_ms, anchor.position_ms, anchor.rate, queue.heard_ms)))
    assert anchor.position_ms >= 0
    assert queue.current_id is not None or not anchor.playing
    assert len(queue.changes) <= CHANGES_LIMIT
    assert len(queue.done) <= DONE_LIMIT
    assert len(queue.order) <= ITEMS_LIMIT
    assert queue.shuffle_seed is not None or queue.order == []
    assert 0 <= queue.volume <= 100
    assert queue.items_rev <= queue.rev
    assert queue.current_rev <= queue.rev


def check_waits(queue: PlayQueue, at_ms: float) -> None:
    """Nothing waits for a time that is not to come, whatever the clock did."""
    assert not queue.anchor.playing or queue.anchor.at_ms <= at_ms + AHEAD_MS
    if queue.anchor.playing:
        length = length_of(queue) or UNKNOWN_MS
        assert queue.due_ms is not None
        assert queue.due_ms <= at_ms + AHEAD_MS + length + SILENCE_MS
    assert len(queue.unrecorded) <= UNRECORDED_LIMIT
    assert bool(queue.unrecorded) is (queue.unrecorded_ms is not None)


def check_order(before: PlayQueue, after: PlayQueue, wanted: Operation, former: list[str]) -> None:
    """Shuffling takes and loses nothing, and is undone to the order before it, whatever was done in between.

    `former` is that order as the storm itself saw it. Only what was queued by hand and not heard may leave it.
    """
    if not isinstance(wanted, Shuffle):
        return
    assert {item.id for item in after.items} == {item.id for item in before.items}
    if wanted.seed is None and before.shuffle_seed is not None:
        at = place_of(before.items, before.current_id)
        left = [id for id in former if any(item.id == id for item in after.items)]
        passed = set(left[: left.index(before.current_id)]) if before.current_id in left else set()
        lifted = {item.id for item in before.items[at + 1 :] if item.origin == Origin.USER and item.id in passed}
        stay = [id for id in left if id not in lifted]
        assert [item.id for item in after.items if item.id in set(stay)] == stay


def storm(seed: int, steps: int) -> dict[str, int]:
    """Let it blow; how many operations were done, repeated and refused, and how many deltas were proved."""
    dice = random.Random(seed)
    queue, at_ms = empty(), 1000.0
    plays: set[str] = set()
    former: list[str] = []
    sent: deque[tuple[Operation, int | None, str | None]] = deque(maxlen=30)
    faces = deque([face_of(queue)], maxlen=60)
    counts = {"done": 0, "repeated": 0, "refused": 0, "deltas": 0}
    for step in range(steps):
        at_ms += dice.choice([0.0, 1.0, 2999.0, 31_000.0, 500_000.0])
        if dice.random() < 0.03:
            # A server begins again on a machine whose clock was wrong.
            at_ms += dice.choice([-3_600_000.0, 3_600_000.0])
        if sent and dice.random() < 0.15:
            wanted, base_rev, op_id = dice.choice(sent)
        else:
            base_rev = dice.choice([None, None, queue.rev, max(0, queue.rev - dice.randrange(6)), queue.rev + 1])
            wanted, op_id = operation(dice, queue), f"op{step}" if dice.random() < 0.6 else None
            sent.append((wanted, base_rev, op_id))
        known = {done.op_id: done.rev for done in queue.done}
        try:
            result = apply(queue, wanted, at_ms, base_rev=base_rev, op_id=op_id)
        except TuttiError as refused:
            assert refused.reason in ("STALE", "NOT_FOUND", "QUEUE_FULL")
            counts["refused"] += 1
            continue
        if op_id in known:
            assert result.repeated
            assert result.queue is queue
            assert op_id is not None
            assert result.rev == known[op_id]
            counts["repeated"] += 1
            continue
        after = result.queue
        assert after.rev == queue.rev + (after is not queue)
        check(after)
        check_waits(after, at_ms)
        check_order(queue, after, wanted, former)
        if isinstance(wanted, PlayNow) and after is not queue:
            former = list(after.order)
        elif isinstance(wanted, Shuffle) and queue.shuffle_seed is None:
            former = [item.id for item in queue.items]
        for finished in result.finished:
            assert finished.play_id not in plays
            assert finished.heard_ms >= 0
            plays.add(finished.play_id)
        queue = after
        counts["done"] += 1
        fresh = face_of(queue)
        old = dice.choice(faces)
        changes = since(queue, old["rev"]).changes
        if changes is not None:
            for change in changes:
                old = patched(old, change)
            assert old == fresh
            counts["deltas"] += 1
        faces.append(fresh)
    return counts
