"""The operations of the queue: reading and following it, its songs, and what plays of it.

Owns the words (`docs/protocol/queue.md`). Refuses to know the rules: each operation is one call of a service.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Any

from realtime.player.frames import Body
from realtime.player.verbs import Answer, Followed, Player, Verbs
from services.connect.ahead import IDS_AT_ONCE
from services.connect.asked import OP_ID_LIMIT, POSITION_LIMIT_MS, SEED_LIMIT, Done, Guard, since
from services.connect.faces import face_of
from services.connect.operations import Repeat
from services.connect.queues import Queues
from services.connect.sources import SONGS_AT_ONCE, ContextKind
from services.errors import NotFound
from services.viewer import Viewer
from storage.records.play_queue import PlayQueue

QUEUE = Verbs()

_LATEST = 2**53
_KINDS = tuple(kind.value for kind in ContextKind)
_REPEATS = tuple(repeat.value for repeat in Repeat)


class QueueSource:
    """What a follower is told: the changes since the last thing told, or the whole. `aclose` lets the news go."""

    def __init__(self, queues: Queues, viewer: Viewer, states: AsyncIterator[PlayQueue], last_rev: int | None) -> None:
        self._queues = queues
        self._viewer = viewer
        self._states = states
        self._last_rev = last_rev

    def __aiter__(self) -> QueueSource:
        return self

    async def __anext__(self) -> Mapping[str, Any]:
        """The next news, as it was told last; with `lastRev` of now, that nothing changed."""
        queue = await anext(self._states)
        told = await news(self._queues, self._viewer, queue, self._last_rev)
        self._last_rev = queue.rev
        return told

    async def aclose(self) -> None:
        """Let go."""
        close = getattr(self._states, "aclose", None)
        if close is not None:
            await close()


async def news(queues: Queues, viewer: Viewer, queue: PlayQueue, last_rev: int | None) -> dict[str, Any]:
    """`from` and `changes` for somebody who was at `last_rev`, when they are kept; else the whole `queue`."""
    changes = None if last_rev is None else since(queue, last_rev).changes
    if changes is not None:
        return {"rev": queue.rev, "from": last_rev, "changes": changes}
    return {
        "rev": queue.rev,
        "queue": {**face_of(queue), "unavailable": await queues.unavailable(viewer, queue)},
    }


@QUEUE.topic("queue")
async def opened(player: Player, id: str, body: Body) -> Followed:
    """One's own queue now, or what changed since `lastRev`; then each change."""
    if id not in ("", player.viewer.user_id):
        raise NotFound("There is no such queue.", field="topic")
    last_rev = body.maybe_integer("lastRev", 0, _LATEST)
    states = await player.feeds.queue(player.viewer, player.viewer.user_id or "")
    return Followed(QueueSource(player.house.queues, player.viewer, states, last_rev))


@QUEUE.verb("queue.follow", price=2)
async def follow(player: Player, _: str, body: Body) -> Answer:
    """As `follow` with the topic `queue`."""
    player.follow("queue", (await opened(player, "", body)).source)
    return {"topic": "queue"}


@QUEUE.verb("queue.get", price=2)
async def get(player: Player, _: str, body: Body) -> Answer:
    """What changed since `lastRev`, or the whole."""
    last_rev = body.maybe_integer("lastRev", 0, _LATEST)
    queues = player.house.queues
    return await news(queues, player.viewer, await queues.get(player.viewer), last_rev)


@QUEUE.verb("queue.play", price=4)
async def play(player: Player, _: str, body: Body) -> Answer:
    """Play an album, playlist, artist, station or list from its song at `position`."""
    return _told(
        await player.house.queues.play(
            player.viewer,
            ContextKind(body.choice("kind", _KINDS, default="songs")),
            context_id=body.maybe_text("contextId", most=64),
            song_ids=body.ids("songIds", most=SONGS_AT_ONCE) if body.has("songIds") else (),
            position=body.integer("position", 0, 100_000, default=0),
            position_ms=body.number("positionMs", 0, POSITION_LIMIT_MS, default=0),
            shuffle=body.flag("shuffle"),
            guard=_guard(body),
        )
    )


@QUEUE.verb("queue.add", price=2)
async def add(player: Player, _: str, body: Body) -> Answer:
    """Queue songs: after those queued before, `next`, or right before `beforeId`."""
    song_ids = body.ids("songIds", most=SONGS_AT_ONCE)
    return _told(
        await player.house.queues.add(
            player.viewer,
            song_ids,
            next=body.flag("next"),
            before_id=body.maybe_text("beforeId"),
            guard=_guard(body),
        )
    )


@QUEUE.verb("queue.move")
async def move(player: Player, _: str, body: Body) -> Answer:
    """Put an item right before `beforeId`, at the end without."""
    item_id, before_id = body.text("itemId"), body.maybe_text("beforeId")
    return _told(await player.house.queues.move(player.viewer, item_id, before_id, _guard(body)))


@QUEUE.verb("queue.remove")
async def remove(player: Player, _: str, body: Body) -> Answer:
    """Take items out."""
    item_ids = body.ids("itemIds", most=IDS_AT_ONCE)
    return _told(await player.house.queues.remove(player.viewer, item_ids, _guard(body)))


@QUEUE.verb("queue.clear")
async def clear(player: Player, _: str, body: Body) -> Answer:
    """Take out what comes later, or `all`."""
    return _told(await player.house.queues.clear(player.viewer, all=body.flag("all"), guard=_guard(body)))


@QUEUE.verb("queue.next", price=2)
async def skip(player: Player, _: str, body: Body) -> Answer:
    """On to the next item."""
    return _told(await player.house.queues.skip(player.viewer, _guard(body)))


@QUEUE.verb("queue.previous")
async def back(player: Player, _: str, body: Body) -> Answer:
    """To the beginning, or the item before."""
    return _told(await player.house.queues.back(player.viewer, _guard(body)))


@QUEUE.verb("queue.jump")
async def jump(player: Player, _: str, body: Body) -> Answer:
    """On to this item."""
    return _told(await player.house.queues.jump(player.viewer, body.text("itemId"), _guard(body)))


@QUEUE.verb("queue.ended", price=2)
async def ended(player: Player, _: str, body: Body) -> Answer:
    """The device says that an item is over; of which playing, with `playId`."""
    item_id, play_id = body.text("itemId"), body.maybe_text("playId", most=64)
    return _told(await player.house.queues.ended(player.viewer, item_id, _guard(body), play_id=play_id))


@QUEUE.verb("queue.pause")
async def pause(player: Player, _: str, body: Body) -> Answer:
    """Stand still."""
    return _told(await player.house.queues.pause(player.viewer, _guard(body)))


@QUEUE.verb("queue.resume")
async def resume(player: Player, _: str, body: Body) -> Answer:
    """Go on."""
    return _told(await player.house.queues.resume(player.viewer, _guard(body)))


@QUEUE.verb("queue.seek")
async def seek(player: Player, _: str, body: Body) -> Answer:
    """Go to a position of what plays."""
    position_ms = body.number("positionMs", 0, POSITION_LIMIT_MS)
    return _told(await player.house.queues.seek(player.viewer, position_ms, _guard(body)))


@QUEUE.verb("queue.repeat")
async def repeat(player: Player, _: str, body: Body) -> Answer:
    """Repeat nothing, everything or one."""
    chosen = Repeat(body.choice("repeat", _REPEATS))
    return _told(await player.house.queues.repeat(player.viewer, chosen, _guard(body)))


@QUEUE.verb("queue.shuffle")
async def shuffle(player: Player, _: str, body: Body) -> Answer:
    """Shuffle, by a `seed` or one of the house; `on` false puts everything back."""
    on, seed = body.flag("on", True), body.maybe_integer("seed", 0, SEED_LIMIT)
    return _told(await player.house.queues.shuffle(player.viewer, on, seed=seed, guard=_guard(body)))


@QUEUE.verb("queue.autoplay")
async def autoplay(player: Player, _: str, body: Body) -> Answer:
    """Whether the house goes on when the queue runs out."""
    return _told(await player.house.queues.autoplay(player.viewer, body.flag("on", True), _guard(body)))


@QUEUE.verb("queue.volume")
async def volume(player: Player, _: str, body: Body) -> Answer:
    """How loud, 0 to 100."""
    return _told(await player.house.queues.volume(player.viewer, body.integer("volume", 0, 100), _guard(body)))


@QUEUE.verb("queue.transfer", price=2)
async def transfer(player: Player, _: str, body: Body) -> Answer:
    """Play on that device, with position, volume and whether it plays, all at once."""
    return _told(
        await player.house.queues.transfer(
            player.viewer,
            body.text("deviceId", most=64),
            position_ms=body.number("positionMs", 0, POSITION_LIMIT_MS) if body.has("positionMs") else None,
            volume=body.maybe_integer("volume", 0, 100),
            playing=body.flag("playing") if body.has("playing") else None,
            guard=_guard(body),
        )
    )


def _guard(body: Body) -> Guard:
    return Guard(body.maybe_integer("baseRev", 0, _LATEST), body.maybe_text("clientOpId", most=OP_ID_LIMIT))


def _told(done: Done) -> dict[str, Any]:
    """What an operation led to; the queue itself comes to those who follow it."""
    answer: dict[str, Any] = {"rev": done.rev}
    if done.repeated:
        answer["repeated"] = True
    if done.skipped:
        answer["skipped"] = [{"songId": each.song_id, "code": each.code} for each in done.skipped]
    return answer
