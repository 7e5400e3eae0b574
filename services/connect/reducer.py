"""What an operation does to a queue: pure, so that any order of operations can be tried.

One total order for each queue. An operation that was done already is answered once; one about what plays that was
meant for another song, or one about a list that others have changed, is refused with the queue as it is; what names
items means the same on any list. Refuses to know who may, where songs come from and who hears of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from services.connect.faces import Face, as_text, face_of, patch_between
from services.connect.listing import add, clear, move, play_now, remove, shuffle
from services.connect.moving_on import advance, ended, previous, resume, transfer
from services.connect.operations import (
    Add,
    Clear,
    Ended,
    Jump,
    Move,
    Next,
    Operation,
    Pause,
    PlayNow,
    Previous,
    Remove,
    Resume,
    Seek,
    SetAutoplay,
    SetRepeat,
    SetVolume,
    Shuffle,
    Transfer,
)
from services.connect.playing import Draft, begin, draft_of, length_of, re_anchor, within
from services.errors import Conflict, NotFound
from services.timing.anchor import ends_at_ms, paused, sought
from storage.records.play_queue import PlayQueue, QueueChange, QueueDone, QueueHeard

CHANGES_LIMIT = 200
CHANGES_BYTES = 64 * 1024
DONE_LIMIT = 200
SILENCE_MS = 30_000.0
"""So long after a song's end nobody said so: its device is silent."""
UNKNOWN_MS = 7_200_000
"""What a song of unknown length is taken to last when its device is silent."""


class Stale(Conflict):
    """Refused: what it was meant for has changed since. Carries the queue as it is now."""

    def __init__(self, queue: PlayQueue) -> None:
        super().__init__("The queue changed meanwhile.", code="STALE", field="baseRev")
        self.face: Face = face_of(queue)

    @property
    def extensions(self) -> dict[str, Any]:
        """With the revision of now."""
        return {**super().extensions, "rev": self.face["rev"]}

    @property
    def state(self) -> dict[str, Any]:
        """The queue as it is now, for the socket: there the player need not ask for it."""
        return {"queue": self.face}


@dataclass(frozen=True, slots=True)
class Result:
    """The queue after an operation, the same object when nothing changed. `rev` is what the operation led to."""

    queue: PlayQueue
    rev: int
    repeated: bool = False
    finished: tuple[QueueHeard, ...] = ()


def apply(
    queue: PlayQueue, operation: Operation, at_ms: float, *, base_rev: int | None = None, op_id: str | None = None
) -> Result:
    """The queue after an operation, `rev` one higher, unless nothing changed and nobody names the operation.

    Stale when its meaning is gone; NotFound for an item to jump to that is not there; Conflict (QUEUE_FULL).
    """
    for done in queue.done if op_id is not None else ():
        if done.op_id == op_id:
            return Result(queue, done.rev, repeated=True)
    _check_base(queue, operation, base_rev)
    draft = draft_of(queue, at_ms)
    _perform(draft, operation)
    after = draft.queue
    _settle(queue, after, operation)
    patch = patch_between(queue, after)
    if not patch and op_id is None and after.silent == queue.silent:
        return Result(queue, queue.rev)
    after.rev = rev = queue.rev + 1
    if after.items is not queue.items:
        after.items_rev = rev
    after.changes = _tail([*queue.changes, QueueChange(rev, as_text(patch_between(queue, after)))])
    if op_id is not None:
        after.done = [*queue.done, QueueDone(op_id, rev)][-DONE_LIMIT:]
    return Result(after, rev, finished=tuple(draft.finished))


def _check_base(queue: PlayQueue, operation: Operation, base_rev: int | None) -> None:
    if base_rev is None or base_rev == queue.rev:
        return
    if base_rev > queue.rev:
        raise Stale(queue)
    match operation:
        case Next() | Previous() | Seek():
            stale = base_rev < queue.current_rev
        case Clear():
            stale = base_rev < queue.items_rev
        case Jump(item_id):
            stale = all(item.id != item_id for item in queue.items)
        case _:
            stale = False
    if stale:
        raise Stale(queue)


def _perform(draft: Draft, operation: Operation) -> None:
    queue, at_ms = draft.queue, draft.at_ms
    match operation:
        case PlayNow():
            play_now(draft, operation)
        case Add():
            add(queue, operation, at_ms)
        case Move(item_id, before_id):
            move(queue, item_id, before_id)
        case Remove():
            remove(draft, operation)
        case Clear(everything):
            clear(draft, everything)
        case Next(passing):
            advance(draft, passing, completed=False)
        case Previous(passing):
            previous(draft, passing)
        case Jump(item_id):
            if all(item.id != item_id for item in queue.items):
                raise NotFound("There is no such item in the queue.", field="itemId")
            begin(draft, item_id)
        case Ended():
            ended(draft, operation)
        case Pause():
            re_anchor(queue, at_ms, paused(queue.anchor, at_ms)) if queue.anchor.playing else None
        case Resume(passing):
            resume(queue, at_ms, passing.hidden)
        case Seek(position):
            re_anchor(queue, at_ms, sought(queue.anchor, at_ms, within(queue, position)))
        case SetRepeat(repeat):
            queue.repeat = repeat.value
        case Shuffle(seed):
            shuffle(queue, seed)
        case SetAutoplay(on):
            queue.autoplay = on
        case SetVolume(volume):
            queue.volume = min(100, max(0, volume))
        case Transfer():
            transfer(queue, operation, at_ms)


def _settle(before: PlayQueue, after: PlayQueue, operation: Operation) -> None:
    """When the house looks after it by itself, and whether its owner was heard of."""
    if not isinstance(operation, Ended):
        after.silent = after.hasty = 0
    length = float(length_of(after) or UNKNOWN_MS)
    end = ends_at_ms(after.anchor, length) if after.current_id is not None else None
    after.due_ms = None if end is None else end + SILENCE_MS
    if after.due_ms == before.due_ms:
        after.due_ms = before.due_ms


def _tail(changes: list[QueueChange]) -> list[QueueChange]:
    """The newest changes, within both bounds; a change too big for them leaves none, so that a snapshot is sent."""
    kept: list[QueueChange] = []
    size = 0
    for change in reversed(changes[-CHANGES_LIMIT:]):
        size += len(change.patch)
        if size > CHANGES_BYTES:
            break
        kept.append(change)
    return kept[::-1]
