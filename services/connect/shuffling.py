"""The order of a shuffled queue and the way back: pure.

By a seed that everybody may know, so that every client shuffles alike. Refuses to know what plays when.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from services.connect.operations import Origin
from storage.records.play_queue import QueueItem


def rank(seed: int, item_id: str) -> str:
    """By what shuffled items are sorted: the hexadecimal SHA-256 of `seed:id`."""
    return hashlib.sha256(f"{seed}:{item_id}".encode()).hexdigest()


def place_of(items: Sequence[QueueItem], current_id: str | None) -> int:
    """The index of what plays; -1 for nothing, so that everything comes later."""
    return next((at for at, item in enumerate(items) if item.id == current_id), -1)


def shuffled(items: Sequence[QueueItem], current_id: str | None, seed: int) -> list[QueueItem]:
    """What the owner queued and heard, what plays, what the owner queued, then all the others by rank."""
    at = place_of(items, current_id)
    heard = [item for item in items[: max(at, 0)] if item.origin == Origin.USER]
    queued = [item for item in items[at + 1 :] if item.origin == Origin.USER]
    current = [items[at]] if at >= 0 else []
    rest = [item for index, item in enumerate(items) if index != at and item.origin != Origin.USER]
    return [*heard, *current, *queued, *sorted(rest, key=lambda item: rank(seed, item.id))]


def restored(items: Sequence[QueueItem], current_id: str | None, order: Sequence[str]) -> list[QueueItem]:
    """The items in the order they had, without those that have gone.

    Of those added meanwhile, the heard ones stand right before what plays, the owner's others right after it, the
    house's at the end. What the owner queued and has not heard comes right after what plays even if it was before it.
    """
    known = {item.id: item for item in items}
    former = set(order)
    at = place_of(items, current_id)
    original = [known[id] for id in order if id in known]
    original_at = place_of(original, current_id)
    before = {item.id for item in original[: max(original_at, 0)]}
    heard = [item for item in items[: max(at, 0)] if item.id not in former]
    queued = [
        item for item in items[at + 1 :] if item.origin == Origin.USER and (item.id not in former or item.id in before)
    ]
    later = [item for item in items[at + 1 :] if item.origin != Origin.USER and item.id not in former]
    lifted = {item.id for item in queued}
    current = [items[at]] if at >= 0 else []
    first = [item for item in original[: max(original_at, 0)] if item.id not in lifted]
    last = [item for item in original[original_at + 1 :] if item.id not in lifted]
    return [*first, *heard, *current, *queued, *last, *later]
