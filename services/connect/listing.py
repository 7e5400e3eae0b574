"""What becomes of a queue's list: songs come, go, move and are shuffled.

Pure. Refuses to know when what plays is over: `moving_on.py` does.
"""

from __future__ import annotations

from collections.abc import Sequence

from services.connect.operations import Add, NewItem, Origin, PlayNow, Remove
from services.connect.playing import ITEMS_LIMIT, Draft, begin, finish, start_item
from services.connect.shuffling import place_of, restored, shuffled
from services.errors import Conflict
from storage.records.play_queue import PlayQueue, QueueItem


def play_now(draft: Draft, operation: PlayNow) -> None:
    """Play other songs; what the owner queued stays next."""
    queue = draft.queue
    finish(draft, completed=False)
    at = place_of(queue.items, queue.current_id)
    queued = [item for item in queue.items[at + 1 :] if item.origin == Origin.USER]
    made = make(queue, operation.items[:ITEMS_LIMIT], draft.at_ms)
    start = min(max(operation.start, 0), len(made) - 1)
    queue.context, queue.order, queue.shuffle_seed = operation.context, [], None
    if not made:
        start_item(draft, None, False, 0.0)
        queue.items = queued
        return
    # What the owner queued goes first when both do not fit.
    queued = queued[: ITEMS_LIMIT - 1]
    room = ITEMS_LIMIT - len(queued)
    made = made[max(0, start - room + 1) :][:room]
    start = min(start, room - 1)
    queue.items = [*made[: start + 1], *queued, *made[start + 1 :]]
    start_item(draft, made[start].id, True, operation.position_ms)
    if operation.seed is not None:
        shuffle(queue, operation.seed)


def add(queue: PlayQueue, operation: Add, at_ms: float) -> None:
    """Queue songs. Conflict (QUEUE_FULL)."""
    if not operation.items:
        return
    make_room(queue, len(operation.items))
    items = queue.items
    made = make(queue, operation.items, at_ms)
    place = next((at for at, item in enumerate(items) if item.id == operation.before_id), None)
    if place is None:
        place = place_of(items, queue.current_id) + 1
        while not operation.next and place < len(items) and items[place].origin == Origin.USER:
            place += 1
    queue.items = [*items[:place], *made, *items[place:]]


def move(queue: PlayQueue, item_id: str, before_id: str | None) -> None:
    """Put an item right before another."""
    moved = next((item for item in queue.items if item.id == item_id), None)
    if moved is None or item_id == before_id:
        return
    others = [item for item in queue.items if item.id != item_id]
    place = next((at for at, item in enumerate(others) if item.id == before_id), None)
    if place is None:
        if before_id is not None:
            # The item it was to stand before has gone: it stays where it is.
            return
        place = len(others)
    queue.items = [*others[:place], moved, *others[place:]]


def remove(draft: Draft, operation: Remove) -> None:
    """Take items out."""
    queue = draft.queue
    gone = operation.item_ids
    if all(item.id not in gone for item in queue.items):
        return
    if queue.current_id in gone:
        was_playing = queue.anchor.playing
        at = place_of(queue.items, queue.current_id)
        hidden = operation.passing.hidden
        later = (item for item in queue.items[at + 1 :] if item.id not in gone and item.song_id not in hidden)
        following = next(later, None)
        begin(draft, None if following is None else following.id, playing=was_playing)
    queue.items = [item for item in queue.items if item.id not in gone]
    queue.order = [id for id in queue.order if id not in gone]


def clear(draft: Draft, everything: bool) -> None:
    """Take out what comes later, or everything."""
    queue = draft.queue
    if everything:
        begin(draft, None)
        queue.items, queue.order, queue.context, queue.shuffle_seed = [], [], None, None
        return
    kept = queue.items[: place_of(queue.items, queue.current_id) + 1]
    if len(kept) < len(queue.items):
        left = {item.id for item in kept}
        queue.items = kept
        queue.order = [id for id in queue.order if id in left]


def shuffle(queue: PlayQueue, seed: int | None) -> None:
    """Shuffle by a seed, or put everything back."""
    if seed is None:
        if queue.shuffle_seed is not None:
            queue.items = restored(queue.items, queue.current_id, queue.order)
            queue.order, queue.shuffle_seed = [], None
        return
    if queue.shuffle_seed is None:
        queue.order = [item.id for item in queue.items]
    queue.items = shuffled(queue.items, queue.current_id, seed)
    queue.shuffle_seed = seed


def make(queue: PlayQueue, items: Sequence[NewItem], at_ms: float) -> list[QueueItem]:
    """New items with ids of their own, not in the list yet."""
    made = [
        QueueItem(f"q{queue.made + at}", item.song_id, item.duration_ms, item.origin.value, at_ms, item.reason)
        for at, item in enumerate(items, 1)
    ]
    queue.made += len(made)
    return made


def make_room(queue: PlayQueue, count: int) -> None:
    """Forget what was heard long ago until so many more fit. Conflict (QUEUE_FULL) when that does not do."""
    over = len(queue.items) + count - ITEMS_LIMIT
    if over <= 0:
        return
    if over > max(place_of(queue.items, queue.current_id), 0):
        raise Conflict(f"A queue holds {ITEMS_LIMIT} songs.", code="QUEUE_FULL")
    gone = {item.id for item in queue.items[:over]}
    queue.items = queue.items[over:]
    queue.order = [id for id in queue.order if id not in gone]
