"""Everybody's queue: what may be asked of it, and what has to be found before the reducer can do it.

Owns bounds of what is asked for, what is passed over, and what follows when a queue runs out. Refuses to know devices:
it asks whether one is known.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from services.connect.ahead import IDS_AT_ONCE, LOOK_AHEAD, QueueAhead
from services.connect.asked import (
    NO_GUARD,
    Done,
    Guard,
    Since,
    any_seed,
    check_guard,
    position_asked,
    seed_asked,
    since,
    volume_asked,
)
from services.connect.desk import Decision, QueueDesk
from services.connect.faces import play_id_of
from services.connect.hearing import Hearing
from services.connect.operations import (
    Add,
    Clear,
    Ended,
    Jump,
    Move,
    Next,
    Operation,
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
from services.connect.playing import coming
from services.connect.sources import ContextKind, QueueSources, Skipped
from services.entitlements.skips import Skips
from services.errors import Invalid, NotFound
from services.typed_text import is_id
from services.viewer import Role, Viewer
from storage.records.play_queue import PlayQueue

DeviceKnown = Callable[[str, str], Awaitable[bool]]
"""Whether somebody (the first) has a device (the second)."""


async def any_device(user_id: str, device_id: str) -> bool:
    """Every device is known: for a house without a register of devices."""
    return True


class Queues:
    """The queues, each its owner's alone."""

    def __init__(
        self,
        desk: QueueDesk,
        sources: QueueSources,
        hearing: Hearing,
        skips: Skips,
        device_known: DeviceKnown = any_device,
    ) -> None:
        self._desk = desk
        self._sources = sources
        self._hearing = hearing
        self._device_known = device_known
        self._skips = skips
        self._ahead = QueueAhead(sources, skips)

    async def get(self, viewer: Viewer) -> PlayQueue:
        """The viewer's own queue."""
        return await self._desk.read(viewer.require(Role.LISTENER))

    async def read(self, viewer: Viewer, user_id: str) -> PlayQueue:
        """The same for a feed, which names it. NotFound for somebody else's."""
        if viewer.require(Role.LISTENER) != user_id:
            raise NotFound("There is no such queue.")
        return await self._desk.read(user_id)

    async def changes_since(self, viewer: Viewer, rev: int) -> Since:
        """What changed since the viewer's client was at `rev`."""
        return since(await self.get(viewer), rev)

    async def unavailable(self, viewer: Viewer, queue: PlayQueue) -> list[str]:
        """The items whose song the viewer cannot hear, or not any more; they are passed over."""
        hidden = await self._sources.hidden(viewer, [item.song_id for item in queue.items])
        return [item.id for item in queue.items if item.song_id in hidden]

    async def play(
        self,
        viewer: Viewer,
        kind: ContextKind,
        *,
        context_id: str | None = None,
        song_ids: Sequence[str] = (),
        position: int = 0,
        position_ms: float = 0.0,
        shuffle: bool = False,
        guard: Guard = NO_GUARD,
    ) -> Done:
        """Play a whole from its song at `position` (from 0). NotFound when there is nothing that may be heard."""
        viewer.require(Role.LISTENER)
        if position < 0:
            raise Invalid("position counts from 0.", field="position")
        found = await self._sources.whole(viewer, kind, context_id, song_ids, position)
        seed = any_seed() if shuffle else None
        operation = PlayNow(found.items, found.context, found.start, position_asked(position_ms), seed)
        return await self._do(viewer, operation, guard, found.skipped)

    async def add(
        self,
        viewer: Viewer,
        song_ids: Sequence[str],
        *,
        next: bool = False,
        before_id: str | None = None,
        guard: Guard = NO_GUARD,
    ) -> Done:
        """Queue 1 to 500 songs: `next` right after what plays, else after what was queued before, or before an item."""
        viewer.require(Role.LISTENER)
        items, skipped = await self._sources.these(viewer, song_ids)
        return await self._do(viewer, Add(items, before_id, next), guard, skipped)

    async def move(self, viewer: Viewer, item_id: str, before_id: str | None, guard: Guard = NO_GUARD) -> Done:
        """Put an item right before another, at the end for None."""
        return await self._do(viewer, Move(item_id, before_id), guard)

    async def remove(self, viewer: Viewer, item_ids: Sequence[str], guard: Guard = NO_GUARD) -> Done:
        """Take items out; those that have gone are no matter. What plays is skipped by that, as by `skip`."""
        if not 1 <= len(item_ids) <= IDS_AT_ONCE:
            raise Invalid(f"Give 1 to {IDS_AT_ONCE} items.", field="itemIds")
        gone = frozenset(item_ids)

        async def decide(queue: PlayQueue, at_ms: float) -> Operation:
            await self._ahead.pay(act, viewer, queue, at_ms, leaves=queue.current_id in gone)
            if queue.current_id not in gone:
                return Remove(gone)
            later = [item.song_id for item in coming(queue, IDS_AT_ONCE) if item.id not in gone][:LOOK_AHEAD]
            return Remove(gone, Passing(await self._sources.hidden(viewer, later)))

        async with self._skips.act(viewer) as act:
            return await self._decide(viewer, decide, guard)

    async def clear(self, viewer: Viewer, *, all: bool = False, guard: Guard = NO_GUARD) -> Done:
        """Take out what comes later, or everything."""
        return await self._do(viewer, Clear(all), guard)

    async def skip(self, viewer: Viewer, guard: Guard = NO_GUARD) -> Done:
        """On to the next item that can be heard. PaymentRequired (SKIPS_SPENT) when the tier has no more this hour."""

        async def decide(queue: PlayQueue, at_ms: float) -> Operation:
            await self._ahead.pay(act, viewer, queue, at_ms)
            return Next(await self._ahead.passing(viewer, queue))

        async with self._skips.act(viewer) as act:
            return await self._decide(viewer, decide, guard, is_skip=True)

    async def back(self, viewer: Viewer, guard: Guard = NO_GUARD) -> Done:
        """To the beginning of what plays, or to the item before it."""

        async def decide(queue: PlayQueue, _: float) -> Operation:
            at = next((at for at, item in enumerate(queue.items) if item.id == queue.current_id), 0)
            earlier = [item.song_id for item in queue.items[max(0, at - LOOK_AHEAD) : at]]
            return Previous(Passing(await self._sources.hidden(viewer, earlier)))

        return await self._decide(viewer, decide, guard)

    async def jump(self, viewer: Viewer, item_id: str, guard: Guard = NO_GUARD) -> Done:
        """On to this item, a skip of what plays. NotFound when it is not there or its song cannot be heard any more."""

        async def decide(queue: PlayQueue, at_ms: float) -> Operation:
            await self._ahead.pay(act, viewer, queue, at_ms, leaves=queue.current_id != item_id)
            song_ids = [item.song_id for item in queue.items if item.id == item_id]
            if await self._sources.hidden(viewer, song_ids):
                raise NotFound("There is no such song.", field="itemId")
            return Jump(item_id)

        async with self._skips.act(viewer) as act:
            return await self._decide(viewer, decide, guard)

    async def ended(self, viewer: Viewer, item_id: str, guard: Guard = NO_GUARD, *, play_id: str | None = None) -> Done:
        """A device says that an item is over. About another item or playing, or too soon, it changes nothing.

        By the name of its playing it is believed at any time; long before the end that is a skip.
        """

        async def decide(queue: PlayQueue, at_ms: float) -> Operation | None:
            if queue.current_id != item_id:
                return None
            named = play_id is not None and play_id == play_id_of(queue)
            await self._ahead.pay(act, viewer, queue, at_ms, leaves=named)
            return Ended(item_id, await self._ahead.passing(viewer, queue), play_id=play_id)

        async with self._skips.act(viewer) as act:
            return await self._decide(viewer, decide, guard)

    async def pause(self, viewer: Viewer, guard: Guard = NO_GUARD) -> Done:
        """Stand still."""
        return await self._do(viewer, Pause(), guard)

    async def resume(self, viewer: Viewer, guard: Guard = NO_GUARD) -> Done:
        """Go on."""

        async def decide(queue: PlayQueue, _: float) -> Operation:
            return Resume(await self._ahead.at_hand(viewer, queue))

        return await self._decide(viewer, decide, guard)

    async def seek(self, viewer: Viewer, position_ms: float, guard: Guard = NO_GUARD) -> Done:
        """Go to a position of what plays, at most its end."""
        return await self._do(viewer, Seek(position_asked(position_ms)), guard)

    async def repeat(self, viewer: Viewer, repeat: Repeat, guard: Guard = NO_GUARD) -> Done:
        """Repeat nothing, everything or one."""
        return await self._do(viewer, SetRepeat(repeat), guard)

    async def shuffle(self, viewer: Viewer, on: bool, *, seed: int | None = None, guard: Guard = NO_GUARD) -> Done:
        """Shuffle, by this seed or one of ours; or put everything back."""
        chosen = (any_seed() if seed is None else seed_asked(seed)) if on else None
        return await self._do(viewer, Shuffle(chosen), guard)

    async def autoplay(self, viewer: Viewer, on: bool, guard: Guard = NO_GUARD) -> Done:
        """Whether the house goes on when the queue runs out."""
        return await self._do(viewer, SetAutoplay(on), guard)

    async def volume(self, viewer: Viewer, volume: int, guard: Guard = NO_GUARD) -> Done:
        """How loud, 0 to 100."""
        return await self._do(viewer, SetVolume(volume_asked(volume)), guard)

    async def transfer(
        self,
        viewer: Viewer,
        device_id: str,
        *,
        position_ms: float | None = None,
        volume: int | None = None,
        playing: bool | None = None,
        guard: Guard = NO_GUARD,
    ) -> Done:
        """Play on that device from now on, all at once. NotFound for a device that is not the viewer's."""
        user_id = viewer.require(Role.LISTENER)
        if not is_id(device_id) or not await self._device_known(user_id, device_id):
            raise NotFound("There is no such device.", field="deviceId")
        position = None if position_ms is None else position_asked(position_ms)
        loud = None if volume is None else volume_asked(volume)

        async def decide(queue: PlayQueue, _: float) -> Operation:
            passing = await self._ahead.at_hand(viewer, queue) if playing else Passing()
            return Transfer(device_id, position, loud, playing, passing)

        return await self._decide(viewer, decide, guard)

    async def device_gone(self, user_id: str, device_id: str) -> None:
        """The house says that a device is connected no more: what played on it stands still where it is."""

        async def decide(queue: PlayQueue, _: float) -> Operation | None:
            return Pause() if queue.device_id == device_id and queue.anchor.playing else None

        await self._decide(Viewer(user_id=user_id), decide, NO_GUARD)

    async def _do(self, viewer: Viewer, operation: Operation, guard: Guard, skipped: tuple[Skipped, ...] = ()) -> Done:
        async def decide(_: PlayQueue, __: float) -> Operation:
            return operation

        return await self._decide(viewer, decide, guard, skipped)

    async def _decide(
        self,
        viewer: Viewer,
        decide: Decision,
        guard: Guard,
        skipped: tuple[Skipped, ...] = (),
        *,
        is_skip: bool = False,
    ) -> Done:
        user_id = viewer.require(Role.LISTENER)
        check_guard(guard)
        before, result = await self._desk.change(user_id, decide, base_rev=guard.base_rev, op_id=guard.op_id)
        if result.finished and result.queue.unrecorded:
            await self._hearing.over(viewer, result.queue, result.queue.unrecorded)
        if is_skip:
            await self._sources.skipped(viewer, result.finished)
        if result.queue is not before:
            await self._hearing.now(viewer, before, result.queue)
        return Done(result.queue, result.rev, result.repeated, skipped)
