"""What an operation does to a queue: pure, so that any order of operations can be tried.

One total order for each queue. An operation that was done already is answered once; one about what plays that was
meant for another song, or one about a list that others have changed, is refused with the queue as it is; what names
items means the same on any list. Refuses to know who may, where songs come from and who hears of it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence, Set
from dataclasses import dataclass, field, replace
from typing import Any

from services.connect.faces import Face, as_text, face_of, patch_between, play_id_of
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
from services.connect.shuffling import place_of, restored, shuffled
from services.errors import Conflict, NotFound
from services.timing.anchor import ends_at_ms, paused, position_ms, sought, started
from storage.records.anchor import Anchor
from storage.records.play_queue import PlayQueue, QueueChange, QueueDone, QueueItem

ITEMS_LIMIT = 2_000
CHANGES_LIMIT = 200
CHANGES_BYTES = 64 * 1024
DONE_LIMIT = 200
RESTART_MS = 3_000.0
"""Later in a song than this, "previous" is its beginning."""
END_SLACK_MS = 5_000.0
"""How much sooner than its length a song may be over: less than that, a report is about another playing of it."""
SILENCE_MS = 30_000.0
"""So long after a song's end nobody said so: its device is silent."""
SILENT_SONGS = 3
"""So many songs in a row the house goes on for a silent device; then the music stands still."""


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
class Finished:
    """A playing that is over: for the ledger, under the id that its player may have used too."""

    play_id: str
    song_id: str
    origin: str
    duration_ms: int
    began_ms: float
    heard_ms: int
    completed: bool


@dataclass(slots=True)
class _Draft:
    queue: PlayQueue
    at_ms: float
    finished: list[Finished] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Result:
    """The queue after an operation, the same object when nothing changed. `rev` is what the operation led to."""

    queue: PlayQueue
    rev: int
    repeated: bool = False
    finished: tuple[Finished, ...] = ()


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
    draft = _Draft(replace(queue), at_ms)
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


def current_of(queue: PlayQueue) -> QueueItem | None:
    """What plays, or stands still."""
    at = place_of(queue.items, queue.current_id)
    return queue.items[at] if at >= 0 else None


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


def _perform(draft: _Draft, operation: Operation) -> None:
    queue, at_ms = draft.queue, draft.at_ms
    match operation:
        case PlayNow():
            _play_now(draft, operation)
        case Add():
            _add(queue, operation, at_ms)
        case Move(item_id, before_id):
            _move(queue, item_id, before_id)
        case Remove():
            _remove(draft, operation)
        case Clear(everything):
            _clear(draft, everything)
        case Next(passing):
            _advance(draft, passing, completed=False)
        case Previous(passing):
            _previous(draft, passing)
        case Jump(item_id):
            if all(item.id != item_id for item in queue.items):
                raise NotFound("There is no such item in the queue.", field="itemId")
            _begin(draft, item_id)
        case Ended():
            _ended(draft, operation)
        case Pause():
            _anchor(queue, at_ms, paused(queue.anchor, at_ms)) if queue.anchor.playing else None
        case Resume(passing):
            _resume(queue, at_ms, passing.hidden)
        case Seek(position):
            _anchor(queue, at_ms, sought(queue.anchor, at_ms, _within(queue, position)))
        case SetRepeat(repeat):
            queue.repeat = repeat.value
        case Shuffle(seed):
            _shuffle(queue, seed)
        case SetAutoplay(on):
            queue.autoplay = on
        case SetVolume(volume):
            queue.volume = min(100, max(0, volume))
        case Transfer():
            _transfer(queue, operation, at_ms)


def _play_now(draft: _Draft, operation: PlayNow) -> None:
    queue = draft.queue
    at = place_of(queue.items, queue.current_id)
    queued = [item for item in queue.items[at + 1 :] if item.origin == Origin.USER]
    made = _make(queue, operation.items[:ITEMS_LIMIT], draft.at_ms)
    start = min(max(operation.start, 0), len(made) - 1)
    queue.context, queue.order, queue.shuffle_seed = operation.context, [], None
    if not made:
        _begin(draft, None)
        queue.items = queued
        return
    # What the owner queued goes first when both do not fit.
    queued = queued[: ITEMS_LIMIT - 1]
    room = ITEMS_LIMIT - len(queued)
    made = made[max(0, start - room + 1) :][:room]
    start = min(start, room - 1)
    _finish(draft, completed=False)
    queue.items = [*made[: start + 1], *queued, *made[start + 1 :]]
    _start_item(draft, made[start].id, True, operation.position_ms)
    if operation.seed is not None:
        _shuffle(queue, operation.seed)


def _add(queue: PlayQueue, operation: Add, at_ms: float) -> None:
    if not operation.items:
        return
    _make_room(queue, len(operation.items))
    items = queue.items
    made = _make(queue, operation.items, at_ms)
    place = next((at for at, item in enumerate(items) if item.id == operation.before_id), None)
    if place is None:
        place = place_of(items, queue.current_id) + 1
        while not operation.next and place < len(items) and items[place].origin == Origin.USER:
            place += 1
    queue.items = [*items[:place], *made, *items[place:]]


def _move(queue: PlayQueue, item_id: str, before_id: str | None) -> None:
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


def _remove(draft: _Draft, operation: Remove) -> None:
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
        _begin(draft, None if following is None else following.id, playing=was_playing)
    queue.items = [item for item in queue.items if item.id not in gone]
    queue.order = [id for id in queue.order if id not in gone]


def _clear(draft: _Draft, everything: bool) -> None:
    queue = draft.queue
    if everything:
        _begin(draft, None)
        queue.items, queue.order, queue.context, queue.shuffle_seed = [], [], None, None
        return
    kept = queue.items[: place_of(queue.items, queue.current_id) + 1]
    if len(kept) < len(queue.items):
        left = {item.id for item in kept}
        queue.items = kept
        queue.order = [id for id in queue.order if id in left]


def _advance(draft: _Draft, passing: Passing, *, completed: bool) -> None:
    """On to what can be heard next; without any, the last item stands still at its end."""
    queue = draft.queue
    following = next((item for item in coming(queue, ITEMS_LIMIT) if item.song_id not in passing.hidden), None)
    if following is None and queue.autoplay and passing.more:
        more = passing.more[: ITEMS_LIMIT // 4]
        _make_room(queue, len(more))
        made = _make(queue, more, draft.at_ms)
        queue.items = [*queue.items, *made]
        following = made[0]
    if following is None:
        if queue.current_id is not None:
            _anchor(queue, draft.at_ms, paused(queue.anchor, draft.at_ms))
            end = float(_length(queue) or queue.anchor.position_ms)
            queue.anchor = replace(queue.anchor, position_ms=end)
            _finish(draft, completed=completed)
            queue.current_rev = queue.rev + 1
        return
    at = place_of(queue.items, queue.current_id)
    wraps = place_of(queue.items, following.id) <= at
    _begin(draft, following.id, completed=completed)
    if wraps and following.origin != Origin.USER:
        gone = {item.id for item in queue.items if item.origin == Origin.USER and item.id != following.id}
        queue.items = [item for item in queue.items if item.id not in gone]
        queue.order = [id for id in queue.order if id not in gone]


def _previous(draft: _Draft, passing: Passing) -> None:
    queue, at_ms = draft.queue, draft.at_ms
    at = place_of(queue.items, queue.current_id)
    if at < 0:
        return
    earlier = [item for item in queue.items[:at] if item.song_id not in passing.hidden]
    if position_ms(queue.anchor, at_ms) > RESTART_MS or not earlier:
        _anchor(queue, at_ms, sought(queue.anchor, at_ms, 0.0))
        return
    _begin(draft, earlier[-1].id)


def _ended(draft: _Draft, operation: Ended) -> None:
    queue = draft.queue
    if queue.current_id != operation.item_id or not queue.anchor.playing:
        return
    length = _length(queue)
    slack = min(END_SLACK_MS, length / 2)
    if length and position_ms(queue.anchor, draft.at_ms) < length - slack:
        return
    silent = queue.silent + 1 if operation.silent else 0
    if operation.silent and silent >= SILENT_SONGS:
        _anchor(queue, draft.at_ms, paused(queue.anchor, draft.at_ms))
        queue.anchor = replace(queue.anchor, position_ms=min(queue.anchor.position_ms, float(length)))
    elif queue.repeat == Repeat.ONE and length and not _is_hidden(queue, operation.passing):
        _begin(draft, queue.current_id, completed=True)
    else:
        _advance(draft, operation.passing, completed=True)
    queue.silent = silent


def _is_hidden(queue: PlayQueue, passing: Passing) -> bool:
    current = current_of(queue)
    return current is not None and current.song_id in passing.hidden


def _resume(queue: PlayQueue, at_ms: float, hidden: Set[str]) -> None:
    if queue.anchor.playing:
        return
    current, length = current_of(queue), _length(queue)
    ended = bool(length) and queue.anchor.position_ms >= length
    if current is not None and not ended and current.song_id not in hidden:
        queue.anchor = started(queue.anchor, at_ms)
        return
    # It stood at its end: on to what was added since, else once more; what cannot be heard any more is left.
    ahead = queue.items if current is None else [*coming(queue, ITEMS_LIMIT), current]
    following = next((item for item in ahead if item.song_id not in hidden), None)
    if following is not None:
        _start_item(_Draft(queue, at_ms), following.id, True, 0.0)


def _shuffle(queue: PlayQueue, seed: int | None) -> None:
    if seed is None:
        if queue.shuffle_seed is not None:
            queue.items = restored(queue.items, queue.current_id, queue.order)
            queue.order, queue.shuffle_seed = [], None
        return
    if queue.shuffle_seed is None:
        queue.order = [item.id for item in queue.items]
    queue.items = shuffled(queue.items, queue.current_id, seed)
    queue.shuffle_seed = seed


def _transfer(queue: PlayQueue, operation: Transfer, at_ms: float) -> None:
    queue.device_id = operation.device_id
    if operation.volume is not None:
        queue.volume = min(100, max(0, operation.volume))
    if operation.position_ms is not None:
        _anchor(queue, at_ms, sought(queue.anchor, at_ms, _within(queue, operation.position_ms)))
    if operation.playing is True:
        _resume(queue, at_ms, operation.passing.hidden)
    elif operation.playing is False and queue.anchor.playing:
        _anchor(queue, at_ms, paused(queue.anchor, at_ms))


def _begin(draft: _Draft, item_id: str | None, *, completed: bool = False, playing: bool = True) -> None:
    _finish(draft, completed=completed)
    _start_item(draft, item_id, playing and item_id is not None, 0.0)


def _start_item(draft: _Draft, item_id: str | None, playing: bool, position: float) -> None:
    queue, at_ms = draft.queue, draft.at_ms
    queue.current_id = item_id
    queue.current_rev = queue.rev + 1
    queue.began_ms, queue.heard_ms = at_ms, 0.0
    queue.anchor = Anchor(at_ms, _within(queue, position), 1.0, playing)


def _finish(draft: _Draft, *, completed: bool) -> None:
    """What played is over, as far as it was heard."""
    queue = draft.queue
    item, play_id = current_of(queue), play_id_of(queue)
    if item is None or play_id is None:
        return
    heard = queue.heard_ms + _heard(queue, draft.at_ms)
    if heard > 0:
        draft.finished.append(
            Finished(play_id, item.song_id, item.origin, item.duration_ms, queue.began_ms, round(heard), completed)
        )
    queue.heard_ms = 0.0


def _heard(queue: PlayQueue, at_ms: float) -> float:
    """What was heard since the anchor, in milliseconds: no more than the song had left."""
    anchor = queue.anchor
    if not anchor.playing:
        return 0.0
    return max(0.0, min(position_ms(anchor, at_ms), float(_length(queue) or math.inf)) - anchor.position_ms)


def _anchor(queue: PlayQueue, at_ms: float, anchor: Anchor) -> None:
    """Another anchor within the same playing."""
    if queue.current_id is None:
        return
    queue.heard_ms += _heard(queue, at_ms)
    queue.anchor = replace(anchor, position_ms=_within(queue, anchor.position_ms))


def _within(queue: PlayQueue, position: float) -> float:
    if not math.isfinite(position):
        return 0.0
    length = _length(queue)
    return max(0.0, min(position, float(length))) if length else max(0.0, position)


def _length(queue: PlayQueue) -> int:
    item = current_of(queue)
    return 0 if item is None else item.duration_ms


def _make(queue: PlayQueue, items: Sequence[NewItem], at_ms: float) -> list[QueueItem]:
    made = [
        QueueItem(f"q{queue.made + at}", item.song_id, item.duration_ms, item.origin.value, at_ms, item.reason)
        for at, item in enumerate(items, 1)
    ]
    queue.made += len(made)
    return made


def _make_room(queue: PlayQueue, count: int) -> None:
    """Forget what was heard long ago until so many more fit. Conflict (QUEUE_FULL) when that does not do."""
    over = len(queue.items) + count - ITEMS_LIMIT
    if over <= 0:
        return
    if over > max(place_of(queue.items, queue.current_id), 0):
        raise Conflict(f"A queue holds {ITEMS_LIMIT} songs.", code="QUEUE_FULL")
    gone = {item.id for item in queue.items[:over]}
    queue.items = queue.items[over:]
    queue.order = [id for id in queue.order if id not in gone]


def _settle(before: PlayQueue, after: PlayQueue, operation: Operation) -> None:
    """When the house looks after it by itself, and whether its owner was heard of."""
    if not isinstance(operation, Ended):
        after.silent = 0
    end = ends_at_ms(after.anchor, float(_length(after))) if after.current_id is not None else None
    after.due_ms = None if end is None or not _length(after) else end + SILENCE_MS
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
