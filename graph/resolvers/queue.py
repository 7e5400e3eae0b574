"""One's own queue, what can be done to it, and what plays of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from graph.bind import resolves
from graph.context import Info
from services.connect.asked import Done, Guard
from services.connect.faces import play_id_of
from services.connect.operations import Origin, Repeat
from services.connect.playing import current_of
from services.connect.shuffling import place_of
from services.connect.sources import ContextKind, Skipped
from services.errors import Invalid
from storage.records import Song
from storage.records.anchor import Anchor
from storage.records.play_queue import PlayQueue, QueueContext, QueueItem

ITEMS_LIMIT = 200


@dataclass(slots=True)
class PlayQueuePayload:
    """What an operation on the queue gives."""

    queue: PlayQueue
    rev: int
    repeated: bool
    skipped: list[Skipped]


RECORDS = {
    "PlayQueue": PlayQueue,
    "QueueItem": QueueItem,
    "QueueContext": QueueContext,
    "QueueAnchor": Anchor,
    "SkippedSong": Skipped,
    "PlayQueuePayload": PlayQueuePayload,
}
ENUMS = {"QueueOrigin": Origin, "RepeatMode": Repeat, "QueueContextKind": ContextKind}


@resolves("Query.queue")
async def queue(_: None, info: Info) -> PlayQueue:
    """As it is."""
    return await info.context.house.queues.get(info.context.viewer)


@resolves("Subscription.queue")
async def queue_changes(_: None, info: Info) -> Any:
    """As it is, then after each change."""
    return await info.context.feeds.queue(info.context.viewer, info.context.viewer.user_id or "")


@resolves("PlayQueue.itemCount")
def item_count(queue: PlayQueue, _info: Info) -> int:
    """All of them."""
    return len(queue.items)


@resolves("PlayQueue.items")
def items(queue: PlayQueue, _info: Info, offset: int = 0, limit: int = 50) -> list[QueueItem]:
    """A stretch of them."""
    if offset < 0:
        raise Invalid("offset counts from 0.", field="offset")
    if not 1 <= limit <= ITEMS_LIMIT:
        raise Invalid(f"limit is from 1 to {ITEMS_LIMIT}.", field="limit")
    return queue.items[offset : offset + limit]


@resolves("PlayQueue.current")
def current(queue: PlayQueue, _info: Info) -> QueueItem | None:
    """What plays."""
    return current_of(queue)


@resolves("PlayQueue.currentPosition")
def current_position(queue: PlayQueue, _info: Info) -> int | None:
    """Its place."""
    at = place_of(queue.items, queue.current_id)
    return at if at >= 0 else None


@resolves("PlayQueue.playId")
def play_id(queue: PlayQueue, _info: Info) -> str | None:
    """The name of this playing."""
    return play_id_of(queue)


@resolves("PlayQueue.isShuffled")
def is_shuffled(queue: PlayQueue, _info: Info) -> bool:
    """Whether there is a seed."""
    return queue.shuffle_seed is not None


@resolves("PlayQueue.repeat")
def repeat_mode(queue: PlayQueue, _info: Info) -> Repeat:
    """As chosen."""
    return Repeat(queue.repeat)


@resolves("QueueContext.kind")
def context_kind(context: QueueContext, _info: Info) -> ContextKind:
    """What it is."""
    return ContextKind(context.kind)


@resolves("QueueItem.origin")
def origin(item: QueueItem, _info: Info) -> Origin:
    """Who put it there."""
    return Origin(item.origin)


@resolves("QueueItem.song")
def song(item: QueueItem, info: Info) -> Any:
    """The song, if the viewer may see it."""
    return info.context.loaders.songs.load(item.song_id)


@resolves("QueueItem.isAvailable")
async def is_available(item: QueueItem, info: Info) -> bool:
    """Whether the viewer may see it."""
    found = info.context.loaders.songs.load(item.song_id)
    return (found if found is None or isinstance(found, Song) else await found) is not None


@resolves("Mutation.playNow")
async def play_now(
    _: None,
    info: Info,
    kind: ContextKind = ContextKind.SONGS,
    context_id: str | None = None,
    song_ids: list[str] | None = None,
    position: int = 0,
    position_ms: float = 0.0,
    shuffle: bool = False,
    **guard: Any,
) -> PlayQueuePayload:
    """The queue with all of it."""
    done = await info.context.house.queues.play(
        info.context.viewer,
        kind or ContextKind.SONGS,
        context_id=context_id,
        song_ids=song_ids or (),
        position=position or 0,
        position_ms=position_ms or 0.0,
        shuffle=bool(shuffle),
        guard=_guard(guard),
    )
    return _given(done)


@resolves("Mutation.playNext")
async def play_next(_: None, info: Info, song_ids: list[str], **guard: Any) -> PlayQueuePayload:
    """The queue with these next."""
    made = _guard(guard)
    return _given(await info.context.house.queues.add(info.context.viewer, song_ids, next=True, guard=made))


@resolves("Mutation.addToQueue")
async def add(
    _: None, info: Info, song_ids: list[str], before_item_id: str | None = None, **guard: Any
) -> PlayQueuePayload:
    """The queue with these in it."""
    made = _guard(guard)
    queues = info.context.house.queues
    return _given(await queues.add(info.context.viewer, song_ids, before_id=before_item_id, guard=made))


@resolves("Mutation.moveInQueue")
async def move(_: None, info: Info, item_id: str, before_item_id: str | None = None, **guard: Any) -> PlayQueuePayload:
    """The queue in its new order."""
    made = _guard(guard)
    return _given(await info.context.house.queues.move(info.context.viewer, item_id, before_item_id, made))


@resolves("Mutation.removeFromQueue")
async def remove(_: None, info: Info, item_ids: list[str], **guard: Any) -> PlayQueuePayload:
    """The queue without them."""
    made = _guard(guard)
    return _given(await info.context.house.queues.remove(info.context.viewer, item_ids, made))


@resolves("Mutation.clearQueue")
async def clear(_: None, info: Info, all: bool = False, **guard: Any) -> PlayQueuePayload:
    """What is left."""
    made = _guard(guard)
    return _given(await info.context.house.queues.clear(info.context.viewer, all=bool(all), guard=made))


@resolves("Mutation.skipToNext")
async def skip_to_next(_: None, info: Info, **guard: Any) -> PlayQueuePayload:
    """With the next song."""
    return _given(await info.context.house.queues.skip(info.context.viewer, _guard(guard)))


@resolves("Mutation.skipToPrevious")
async def skip_to_previous(_: None, info: Info, **guard: Any) -> PlayQueuePayload:
    """With the song before, or its beginning."""
    return _given(await info.context.house.queues.back(info.context.viewer, _guard(guard)))


@resolves("Mutation.queueItemEnded")
async def queue_item_ended(
    _: None, info: Info, item_id: str, play_id: str | None = None, **guard: Any
) -> PlayQueuePayload:
    """With what follows it."""
    made = _guard(guard)
    return _given(await info.context.house.queues.ended(info.context.viewer, item_id, made, play_id=play_id))


@resolves("Mutation.playQueueItem")
async def play_queue_item(_: None, info: Info, item_id: str, **guard: Any) -> PlayQueuePayload:
    """With this item playing."""
    return _given(await info.context.house.queues.jump(info.context.viewer, item_id, _guard(guard)))


@resolves("Mutation.pausePlayback")
async def pause(_: None, info: Info, **guard: Any) -> PlayQueuePayload:
    """Standing still."""
    return _given(await info.context.house.queues.pause(info.context.viewer, _guard(guard)))


@resolves("Mutation.resumePlayback")
async def resume(_: None, info: Info, **guard: Any) -> PlayQueuePayload:
    """Going on."""
    return _given(await info.context.house.queues.resume(info.context.viewer, _guard(guard)))


@resolves("Mutation.seekTo")
async def seek(_: None, info: Info, position_ms: float, **guard: Any) -> PlayQueuePayload:
    """At that position."""
    return _given(await info.context.house.queues.seek(info.context.viewer, position_ms, _guard(guard)))


@resolves("Mutation.setShuffle")
async def set_shuffle(_: None, info: Info, on: bool, seed: int | None = None, **guard: Any) -> PlayQueuePayload:
    """In its new order."""
    made = _guard(guard)
    return _given(await info.context.house.queues.shuffle(info.context.viewer, on, seed=seed, guard=made))


@resolves("Mutation.setRepeat")
async def set_repeat(_: None, info: Info, repeat: Repeat, **guard: Any) -> PlayQueuePayload:
    """As chosen."""
    return _given(await info.context.house.queues.repeat(info.context.viewer, repeat, _guard(guard)))


@resolves("Mutation.setVolume")
async def set_volume(_: None, info: Info, volume: int, **guard: Any) -> PlayQueuePayload:
    """As loud."""
    return _given(await info.context.house.queues.volume(info.context.viewer, volume, _guard(guard)))


@resolves("Mutation.setAutoplay")
async def set_autoplay(_: None, info: Info, on: bool, **guard: Any) -> PlayQueuePayload:
    """As chosen."""
    return _given(await info.context.house.queues.autoplay(info.context.viewer, on, _guard(guard)))


@resolves("Mutation.transferPlayback")
async def transfer(
    _: None,
    info: Info,
    device_id: str,
    position_ms: float | None = None,
    volume: int | None = None,
    playing: bool | None = None,
    **guard: Any,
) -> PlayQueuePayload:
    """On that device."""
    done = await info.context.house.queues.transfer(
        info.context.viewer,
        device_id,
        position_ms=position_ms,
        volume=volume,
        playing=playing,
        guard=_guard(guard),
    )
    return _given(done)


def _guard(given: dict[str, Any]) -> Guard:
    return Guard(given.get("base_rev"), given.get("client_op_id"))


def _given(done: Done) -> PlayQueuePayload:
    return PlayQueuePayload(done.queue, done.rev, done.repeated, list(done.skipped))
