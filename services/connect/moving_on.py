"""How a queue moves on: to the next song and back, at a song's end, on another device.

Pure. Refuses to know how the list changes otherwise: `listing.py` does.
"""

from __future__ import annotations

from collections.abc import Set
from dataclasses import replace

from services.connect.faces import play_id_of
from services.connect.listing import make, make_room
from services.connect.operations import Ended, Origin, Passing, Repeat, Transfer
from services.connect.playing import (
    HASTE_MS,
    ITEMS_LIMIT,
    Draft,
    begin,
    coming,
    current_of,
    finish,
    goes_on,
    length_of,
    re_anchor,
    start_item,
    within,
)
from services.connect.shuffling import place_of
from services.timing.anchor import paused, position_ms, sought, started
from storage.records.play_queue import PlayQueue

RESTART_MS = 3_000.0
"""Later in a song than this, "previous" is its beginning."""
END_SLACK_MS = 5_000.0
"""How much sooner than its length a song may be over: less than that, a report is about another playing of it."""
SILENT_SONGS = 3
"""So many songs in a row the house goes on for a silent device; then the music stands still."""
HASTY_SONGS = 20
"""So many songs in a row may be over before they sounded; then the music stands still, for nothing can be played."""


def advance(draft: Draft, passing: Passing, *, completed: bool) -> None:
    """On to what can be heard next; without any, the last item stands still at its end."""
    queue = draft.queue
    following = next((item for item in coming(queue, ITEMS_LIMIT) if item.song_id not in passing.hidden), None)
    if following is None and (queue.autoplay or goes_on(queue)) and passing.more:
        more = passing.more[: ITEMS_LIMIT // 4]
        make_room(queue, len(more))
        made = make(queue, more, draft.at_ms)
        queue.items = [*queue.items, *made]
        following = made[0]
    if following is None:
        if queue.current_id is not None:
            re_anchor(queue, draft.at_ms, paused(queue.anchor, draft.at_ms))
            end = float(length_of(queue) or queue.anchor.position_ms)
            queue.anchor = replace(queue.anchor, position_ms=end)
            finish(draft, completed=completed)
            queue.current_rev = queue.rev + 1
        return
    at = place_of(queue.items, queue.current_id)
    wraps = place_of(queue.items, following.id) <= at
    begin(draft, following.id, completed=completed)
    if wraps and following.origin != Origin.USER:
        gone = {item.id for item in queue.items if item.origin == Origin.USER and item.id != following.id}
        queue.items = [item for item in queue.items if item.id not in gone]
        queue.order = [id for id in queue.order if id not in gone]


def previous(draft: Draft, passing: Passing) -> None:
    """Back to the beginning of what plays, or to what came before it."""
    queue, at_ms = draft.queue, draft.at_ms
    at = place_of(queue.items, queue.current_id)
    if at < 0:
        return
    earlier = [item for item in queue.items[:at] if item.song_id not in passing.hidden]
    if position_ms(queue.anchor, at_ms) > RESTART_MS or not earlier:
        re_anchor(queue, at_ms, sought(queue.anchor, at_ms, 0.0))
        return
    begin(draft, earlier[-1].id)


def ended(draft: Draft, operation: Ended) -> None:
    """What plays is over, if it is this item and about its time."""
    queue = draft.queue
    if queue.current_id != operation.item_id or not queue.anchor.playing:
        return
    named = operation.play_id is not None
    if named and operation.play_id != play_id_of(queue):
        return
    length, position = length_of(queue), position_ms(queue.anchor, draft.at_ms)
    slack = min(END_SLACK_MS, length / 2)
    if length and not named and not draft.turned_back and position < length - slack:
        return
    draft.silent = operation.silent
    draft.over_ms = None if operation.silent or draft.turned_back else position
    sounded = operation.silent or position >= HASTE_MS
    hasty = 0 if sounded else queue.hasty + 1
    if hasty >= HASTY_SONGS:
        re_anchor(queue, draft.at_ms, paused(queue.anchor, draft.at_ms))
        return
    silent = queue.silent + 1 if operation.silent else 0
    if operation.silent and silent >= SILENT_SONGS:
        re_anchor(queue, draft.at_ms, paused(queue.anchor, draft.at_ms))
        queue.anchor = replace(queue.anchor, position_ms=min(queue.anchor.position_ms, float(length)))
    elif queue.repeat == Repeat.ONE and (length or sounded) and not _is_hidden(queue, operation.passing):
        begin(draft, queue.current_id, completed=True)
    else:
        advance(draft, operation.passing, completed=True)
    queue.silent, queue.hasty = silent, hasty


def _is_hidden(queue: PlayQueue, passing: Passing) -> bool:
    current = current_of(queue)
    return current is not None and current.song_id in passing.hidden


def resume(queue: PlayQueue, at_ms: float, hidden: Set[str]) -> None:
    """Go on, or with the next that can be heard."""
    if queue.anchor.playing:
        return
    current, length = current_of(queue), length_of(queue)
    ended = bool(length) and queue.anchor.position_ms >= length
    if current is not None and not ended and current.song_id not in hidden:
        queue.anchor = started(queue.anchor, at_ms)
        return
    # It stood at its end: on to what was added since, else once more; what cannot be heard any more is left.
    ahead = queue.items if current is None else [*coming(queue, ITEMS_LIMIT), current]
    following = next((item for item in ahead if item.song_id not in hidden), None)
    if following is not None:
        start_item(Draft(queue, at_ms), following.id, True, 0.0)


def transfer(queue: PlayQueue, operation: Transfer, at_ms: float) -> None:
    """Play on another device from now on."""
    queue.device_id = operation.device_id
    if operation.volume is not None:
        queue.volume = min(100, max(0, operation.volume))
    if operation.position_ms is not None:
        re_anchor(queue, at_ms, sought(queue.anchor, at_ms, within(queue, operation.position_ms)))
    if operation.playing is True:
        resume(queue, at_ms, operation.passing.hidden)
    elif operation.playing is False and queue.anchor.playing:
        re_anchor(queue, at_ms, paused(queue.anchor, at_ms))
