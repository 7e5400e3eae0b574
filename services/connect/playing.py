"""What plays of a queue, while a step is worked out: where it is, what was heard of it, what comes after it.

Pure. Owns how one playing begins and how it is over. Refuses to know operations.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace

from services.connect.faces import play_id_of
from services.connect.operations import Origin, Repeat
from services.connect.shuffling import place_of
from services.listening.listens import LISTEN_MS, is_listen
from services.timing.anchor import position_ms
from storage.records.anchor import Anchor
from storage.records.play_queue import PlayQueue, QueueHeard, QueueItem

ITEMS_LIMIT = 2_000
UNRECORDED_LIMIT = 20
"""So many playings wait for the ledger at most; the oldest goes first, after being tried for minutes."""
HASTE_MS = 250.0
"""What is over sooner did not sound; of no length that is stated is it taken for the truth."""
AHEAD_MS = 1_000.0
"""An anchor further ahead than this is not of this clock: the house's was turned back since."""


@dataclass(slots=True)
class Draft:
    """A queue in the middle of a step at `at_ms`. `turned_back`: by the house's clock the song had not begun yet;
    `silent`: nobody told of the step, so nothing that it finishes is known to have been heard; `over_ms`: how far into
    the song its device says that it is over."""

    queue: PlayQueue
    at_ms: float
    turned_back: bool = False
    silent: bool = False
    over_ms: float | None = None
    finished: list[QueueHeard] = field(default_factory=list)


def draft_of(queue: PlayQueue, at_ms: float) -> Draft:
    """A draft that may be changed. What began in a future that is not to come goes on from where it was, now."""
    draft = Draft(replace(queue), at_ms, queue.anchor.at_ms > at_ms + AHEAD_MS)
    if draft.turned_back:
        draft.queue.anchor = replace(queue.anchor, at_ms=at_ms)
    draft.queue.began_ms = min(queue.began_ms, at_ms)
    if queue.unrecorded_ms is not None and queue.unrecorded_ms > at_ms + AHEAD_MS:
        draft.queue.unrecorded_ms = at_ms
    return draft


def current_of(queue: PlayQueue) -> QueueItem | None:
    """What plays, or stands still."""
    at = place_of(queue.items, queue.current_id)
    return queue.items[at] if at >= 0 else None


def repeated(queue: PlayQueue) -> list[QueueItem]:
    """What plays, where it begins again at its end."""
    current = current_of(queue)
    return [current] if current is not None and queue.repeat == Repeat.ONE else []


def coming(queue: PlayQueue, most: int) -> list[QueueItem]:
    """What comes next, as far as `most`; round to the beginning when everything is repeated."""
    at = place_of(queue.items, queue.current_id)
    after = queue.items[at + 1 : at + 1 + most]
    if len(after) < most and queue.repeat == Repeat.ALL:
        # What the owner queued was to be heard once, not each time round, unless there is nothing else.
        passed = queue.items[: at + 1]
        again = [item for item in passed if item.origin != Origin.USER] or ([] if after else passed)
        after = [*after, *again][:most]
    return after


def runs_out(queue: PlayQueue, hidden: frozenset[str] = frozenset()) -> bool:
    """Whether nothing comes next that can be heard."""
    return all(item.song_id in hidden for item in coming(queue, ITEMS_LIMIT))


def goes_on(queue: PlayQueue) -> bool:
    """Whether what plays has no end by itself, so that more of it follows whatever its owner wants of autoplay."""
    return queue.context is not None and queue.context.kind == "radio"


def begin(draft: Draft, item_id: str | None, *, completed: bool = False, playing: bool = True) -> None:
    """Finish what plays and begin an item at its beginning; None for nothing."""
    finish(draft, completed=completed)
    start_item(draft, item_id, playing and item_id is not None, 0.0)


def start_item(draft: Draft, item_id: str | None, playing: bool, position: float) -> None:
    """Begin an item at a position, with what played before already finished."""
    queue, at_ms = draft.queue, draft.at_ms
    queue.current_id = item_id
    queue.current_rev = queue.rev + 1
    queue.began_ms, queue.heard_ms = at_ms, 0.0
    queue.anchor = Anchor(at_ms, within(queue, position), 1.0, playing)


def finish(draft: Draft, *, completed: bool) -> None:
    """What played is over, as far as it was heard."""
    queue = draft.queue
    item, play_id = current_of(queue), play_id_of(queue)
    if item is None or play_id is None:
        return
    heard = queue.heard_ms + _heard(queue, draft.at_ms)
    if heard > 0:
        # Whose place in the context it was is known now and not any more when the ledger is told later.
        context = queue.context if item.origin == Origin.CONTEXT else None
        length = _true_length(draft, item) if completed else item.duration_ms
        draft.finished.append(
            QueueHeard(play_id, item.song_id, item.origin, length, queue.began_ms, round(heard), completed, context)
        )
        # Half of a song whose length nobody knows is not known either.
        listened = is_listen(round(heard), length) if length else heard >= LISTEN_MS
        if not draft.silent and listened:
            queue.unrecorded = [*queue.unrecorded, draft.finished[-1]][-UNRECORDED_LIMIT:]
            if queue.unrecorded_ms is None:
                queue.unrecorded_ms = draft.at_ms
    queue.heard_ms = 0.0


def _true_length(draft: Draft, item: QueueItem) -> int:
    """How long a song is that its device played to its end: what is stated may be too long, or nothing."""
    over = draft.over_ms
    if over is None or over < HASTE_MS or 0 < item.duration_ms <= over:
        return item.duration_ms
    return round(over)


def _heard(queue: PlayQueue, at_ms: float) -> float:
    """What was heard since the anchor, in milliseconds: no more than the song had left."""
    anchor = queue.anchor
    if not anchor.playing:
        return 0.0
    return max(0.0, min(position_ms(anchor, at_ms), float(length_of(queue) or math.inf)) - anchor.position_ms)


def re_anchor(queue: PlayQueue, at_ms: float, anchor: Anchor) -> None:
    """Another anchor within the same playing."""
    if queue.current_id is None:
        return
    queue.heard_ms += _heard(queue, at_ms)
    queue.anchor = replace(anchor, position_ms=within(queue, anchor.position_ms))


def within(queue: PlayQueue, position: float) -> float:
    """A position within the song that plays; 0 for what is no number."""
    if not math.isfinite(position):
        return 0.0
    length = length_of(queue)
    return max(0.0, min(position, float(length))) if length else max(0.0, position)


def length_of(queue: PlayQueue) -> int:
    """How long the song that plays is, in milliseconds; 0 when nobody knows."""
    item = current_of(queue)
    return 0 if item is None else item.duration_ms
