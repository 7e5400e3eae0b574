"""The operations of rooms: entering, what plays, the queue, the chat, and what players report of themselves.

Owns the words (`docs/protocol/rooms.md`). Refuses to know the rules: each operation is one call of a service.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Any

from realtime.player.frames import Body
from realtime.player.verbs import Answer, Followed, Player, Verbs
from services.audio.renditions import Quality
from services.errors import Invalid
from services.rooms.bounds import ADDED_AT_ONCE, LINE_CHARACTERS, NAME_CHARACTERS, OP_CHARACTERS
from services.rooms.choosing import Choices
from services.rooms.pace import Report
from services.rooms.reducer import Stale
from services.rooms.rights import RoomControl, RoomMode, RoomRole
from services.rooms.rooms import Operation, Rooms
from services.viewer import Viewer
from storage.records.room import Room

ROOMS = Verbs()

_LATEST = 2**53
_SETTABLE = tuple(role.value for role in RoomRole if role != RoomRole.GUEST)


class RoomSource:
    """What a follower is told: patches from the last thing told, or the whole room. `aclose` lets the news go."""

    def __init__(
        self, rooms: Rooms, viewer: Viewer, states: AsyncIterator[Room], epoch: str | None, last_rev: int | None
    ) -> None:
        self._rooms = rooms
        self._viewer = viewer
        self._states = states
        self._epoch = epoch
        self._last_rev = last_rev

    def __aiter__(self) -> RoomSource:
        return self

    async def __anext__(self) -> Mapping[str, Any]:
        """The next news; ends as the feed ends: NotFound for those who are no members any more."""
        room = await anext(self._states)
        news = await self._rooms.news(self._viewer, room, self._epoch, self._last_rev)
        self._epoch, self._last_rev = room.epoch, room.rev
        return news

    async def aclose(self) -> None:
        """Let go."""
        close = getattr(self._states, "aclose", None)
        if close is not None:
            await close()


@ROOMS.topic("room", guests=True)
async def opened(player: Player, room_id: str, body: Body) -> Followed:
    """The room now, or what changed since `lastRev` of `epoch`; then each change. The player sits in it from now on."""
    # Read first: what is wrong with the frame must not leave a source behind.
    epoch, last_rev = body.maybe_text("epoch"), body.maybe_integer("lastRev", 0, _LATEST)
    states = await player.feeds.room(player.viewer, room_id)
    source = RoomSource(player.house.rooms, player.viewer, states, epoch, last_rev)
    return Followed(source)


@ROOMS.verb("room.follow", guests=True, price=2)
async def follow(player: Player, _: str, body: Body) -> Answer:
    """As `follow` with the topic `room:ID`."""
    topic = f"room:{_room(body)}"
    player.follow(topic, (await opened(player, _room(body), body)).source)
    return {"topic": topic}


@ROOMS.verb("room.create", price=4)
async def create(player: Player, _: str, body: Body) -> Answer:
    """A new room."""
    song_ids = body.ids("songIds", most=ADDED_AT_ONCE) if body.has("songIds") else []
    name = body.text("name", most=NAME_CHARACTERS)
    room = await player.house.rooms.create(player.viewer, name, _choices(body.inner("settings")), song_ids)
    return _done(room)


@ROOMS.verb("room.join", price=2)
async def join(player: Player, _: str, body: Body) -> Answer:
    """Come in by a link's `token`, or back into a room by its `roomId`."""
    token = body.maybe_text("token")
    if token is not None:
        return _done(await player.house.room_invites.join(player.viewer, token))
    return _done(await player.house.rooms.return_to(player.viewer, _room(body), _operation(body)))


@ROOMS.verb("room.leave", guests=True)
async def leave(player: Player, _: str, body: Body) -> Answer:
    """Go for good."""
    room = await player.house.rooms.leave(player.viewer, _room(body), _operation(body))
    player.unfollow(f"room:{room.id}")
    return _done(room)


@ROOMS.verb("room.close")
async def close(player: Player, _: str, body: Body) -> Answer:
    """End the room, for everybody."""
    return _done(await player.house.rooms.close(player.viewer, _room(body), _operation(body)))


@ROOMS.verb("room.play", guests=True)
async def play(player: Player, _: str, body: Body) -> Answer:
    """Go on."""
    return await _about_playing(player.house.room_acts.play(player.viewer, _room(body), _operation(body)))


@ROOMS.verb("room.pause", guests=True)
async def pause(player: Player, _: str, body: Body) -> Answer:
    """Stand still."""
    return await _about_playing(player.house.room_acts.pause(player.viewer, _room(body), _operation(body)))


@ROOMS.verb("room.seek", guests=True)
async def seek(player: Player, _: str, body: Body) -> Answer:
    """Be elsewhere in the song."""
    position_ms = body.number("positionMs", 0, 86_400_000)
    acts = player.house.room_acts
    return await _about_playing(acts.seek(player.viewer, _room(body), position_ms, _operation(body)))


@ROOMS.verb("room.next", guests=True)
async def skip(player: Player, _: str, body: Body) -> Answer:
    """On to the next song."""
    return await _about_playing(player.house.room_acts.skip(player.viewer, _room(body), _operation(body)))


@ROOMS.verb("room.jump", guests=True)
async def jump(player: Player, _: str, body: Body) -> Answer:
    """On to this item."""
    acts = player.house.room_acts
    return await _about_playing(acts.jump(player.viewer, _room(body), _item(body), _operation(body)))


@ROOMS.verb("room.voteToSkip", guests=True)
async def vote_to_skip(player: Player, _: str, body: Body) -> Answer:
    """Be for leaving the current item."""
    acts = player.house.room_acts
    return _done(await acts.vote_to_skip(player.viewer, _room(body), _item(body), _operation(body)))


@ROOMS.verb("room.add", guests=True, price=2)
async def add(player: Player, _: str, body: Body) -> Answer:
    """Put songs into the queue."""
    song_ids, before_id = body.ids("songIds", most=ADDED_AT_ONCE), body.maybe_text("beforeItemId", most=64)
    acts = player.house.room_acts
    return _done(await acts.add(player.viewer, _room(body), song_ids, before_id, _operation(body)))


@ROOMS.verb("room.move", guests=True)
async def move(player: Player, _: str, body: Body) -> Answer:
    """Put an item before another one."""
    before_id = body.maybe_text("beforeItemId", most=64)
    acts = player.house.room_acts
    return _done(await acts.move(player.viewer, _room(body), _item(body), before_id, _operation(body)))


@ROOMS.verb("room.remove", guests=True)
async def remove(player: Player, _: str, body: Body) -> Answer:
    """Take items out of the queue."""
    item_ids = body.ids("itemIds", most=ADDED_AT_ONCE)
    return _done(await player.house.room_acts.remove(player.viewer, _room(body), item_ids, _operation(body)))


@ROOMS.verb("room.vote", guests=True)
async def vote(player: Player, _: str, body: Body) -> Answer:
    """Be for an item, or (`up` false) not any more."""
    acts, up = player.house.room_acts, body.flag("up", True)
    return _done(await acts.vote(player.viewer, _room(body), _item(body), up, _operation(body)))


@ROOMS.verb("room.chat", guests=True, price=2)
async def say(player: Player, _: str, body: Body) -> Answer:
    """A line in the chat."""
    text = body.text("text", most=4 * LINE_CHARACTERS)
    return _done(await player.house.room_acts.say(player.viewer, _room(body), text, _operation(body)))


@ROOMS.verb("room.ready", guests=True)
async def ready(player: Player, _: str, body: Body) -> Answer:
    """This player holds the item's sound."""
    return _done(await player.house.room_acts.ready(player.viewer, _room(body), _item(body), _operation(body)))


@ROOMS.verb("room.quality", guests=True)
async def quality(player: Player, _: str, body: Body) -> Answer:
    """The quality in which this member hears the room; null for what they always hear."""
    wanted = body.choice("quality", tuple(Quality)) if body.has("quality") else None
    return _done(await player.house.room_acts.set_quality(player.viewer, _room(body), wanted, _operation(body)))


@ROOMS.verb("room.sound", guests=True, price=2)
async def sound(player: Player, _: str, body: Body) -> Answer:
    """Where this member hears an item, and finds what belongs to it."""
    found = await player.house.room_sounds.of_item(player.viewer, _room(body), _item(body))
    return {
        "url": found.url,
        "hlsUrl": found.hls_url,
        "waveformUrl": found.waveform_url,
        "lyricsUrl": found.lyrics_url,
        "coverUrl": found.cover_url,
    }


@ROOMS.verb("room.role")
async def role(player: Player, _: str, body: Body) -> Answer:
    """Make somebody host, co-host or member."""
    wanted = RoomRole(body.choice("role", _SETTABLE))
    acts, member_id = player.house.room_acts, body.text("memberId")
    return _done(await acts.set_role(player.viewer, _room(body), member_id, wanted, _operation(body)))


@ROOMS.verb("room.kick")
async def kick(player: Player, _: str, body: Body) -> Answer:
    """Show somebody out; `ban`: for good."""
    member_id, ban = body.text("memberId"), body.flag("ban")
    acts = player.house.room_acts
    return _done(await acts.show_out(player.viewer, _room(body), member_id, ban=ban, op=_operation(body)))


@ROOMS.verb("room.settings")
async def settings(player: Player, _: str, body: Body) -> Answer:
    """The host's choices."""
    choices = _choices(body)
    return _done(await player.house.room_acts.choose(player.viewer, _room(body), choices, _operation(body)))


@ROOMS.verb("room.delay", guests=True)
async def delay(player: Player, _: str, body: Body) -> Answer:
    """This player's one-way delay, its warm-up, and how far its sound is off. What all members measured comes back."""
    report = Report(
        delay_ms=body.number("delayMs", 0, 60_000),
        warm_up_ms=body.number("warmUpMs", 0, 10_000, default=0),
        skew_ms=body.number("skewMs", -60_000, 60_000) if body.has("skewMs") else None,
    )
    seat = player.house.room_watch.seat_of(player)
    room = await player.house.rooms.sit(player.viewer, _room(body), seat, report)
    # Whoever sits must get up again, also a player that reports without following.
    rooms, viewer = player.house.rooms, player.viewer
    player.on_leaving(f"room report:{room.id}", lambda: rooms.stand_up(viewer, room.id, seat))
    reports = await rooms.reports(room)
    return {
        "members": {
            member_id: {"delayMs": each.delay_ms, "warmUpMs": each.warm_up_ms, "skewMs": each.skew_ms}
            for member_id, each in reports.items()
        }
    }


async def _about_playing(work: Any) -> Answer:
    try:
        return _done(await work)
    except Stale as stale:
        # Refused, with the room as it is, so that the player need not ask.
        return {"ok": False, "error": {**stale.extensions, "message": stale.message}, "room": stale.face}


def _done(room: Room) -> Answer:
    return {"roomId": room.id, "rev": room.rev}


def _room(body: Body) -> str:
    return body.text("roomId", most=64)


def _item(body: Body) -> str:
    return body.text("itemId", most=64)


def _operation(body: Body) -> Operation:
    return Operation(body.maybe_text("clientOpId", most=OP_CHARACTERS), body.maybe_integer("baseRev", 0, _LATEST))


def _choices(body: Body) -> Choices:
    control, mode = body.maybe_text("control"), body.maybe_text("mode")
    if control is not None and control not in tuple(RoomControl):
        raise Invalid(f"control is one of {', '.join(RoomControl)}.", field="control")
    if mode is not None and mode not in tuple(RoomMode):
        raise Invalid(f"mode is one of {', '.join(RoomMode)}.", field="mode")
    return Choices(
        name=body.maybe_text("name", most=NAME_CHARACTERS),
        control=None if control is None else RoomControl(control),
        mode=None if mode is None else RoomMode(mode),
        wait_for_all=body.flag("waitForAll") if body.has("waitForAll") else None,
        wait_ms=body.maybe_integer("waitMs", 0, 10**9),
        chat=body.flag("chat") if body.has("chat") else None,
        guests=body.flag("guests") if body.has("guests") else None,
    )
