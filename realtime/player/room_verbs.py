"""The operations of rooms: entering, roles, the chat, and what players report of themselves.

Owns the words (`docs/protocol/rooms.md`). Refuses to know the rules: each operation is one call of a service.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Any

from realtime.player.frames import Body
from realtime.player.room_frames import LATEST, done, operation_of, room_id_of
from realtime.player.verbs import Answer, Followed, Player, Verbs
from services.accounts.accounts import Accounts
from services.errors import Invalid
from services.rooms.bounds import (
    ADDED_AT_ONCE,
    INVITED_AT_ONCE,
    LINE_CHARACTERS,
    LONGEST_INVITE_HOURS,
    NAME_CHARACTERS,
)
from services.rooms.choosing import Choices
from services.rooms.pace import Report
from services.rooms.rights import RoomControl, RoomMode, RoomRole
from services.rooms.rooms import Rooms
from services.viewer import Viewer
from storage.records.room import Room

ROOMS = Verbs()

_SETTABLE = tuple(role.value for role in RoomRole if role != RoomRole.GUEST)


class RoomSource:
    """What a follower is told: patches from the last thing told, or the whole room. `aclose` lets the news go."""

    def __init__(
        self,
        rooms: Rooms,
        accounts: Accounts,
        viewer: Viewer,
        states: AsyncIterator[Room],
        epoch: str | None,
        last_rev: int | None,
    ) -> None:
        self._rooms = rooms
        self._accounts = accounts
        self._viewer = viewer
        self._states = states
        self._epoch = epoch
        self._last_rev = last_rev

    def __aiter__(self) -> RoomSource:
        return self

    async def __anext__(self) -> Mapping[str, Any]:
        """The next news; ends as the feed ends: NotFound for those who are no members any more."""
        room = await anext(self._states)
        if getattr(self._states, "is_seen_anew", False):
            # Patches tell what changed of the room; what its follower may see of it is told by the whole.
            self._states.is_seen_anew, self._epoch = False, None  # type: ignore[attr-defined]
            self._viewer = await self._accounts.renewed(self._viewer, fresh=True)
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
    epoch, last_rev = body.maybe_text("epoch"), body.maybe_integer("lastRev", 0, LATEST)
    states = await player.feeds.room(player.viewer, room_id)
    source = RoomSource(player.house.rooms, player.house.accounts, player.viewer, states, epoch, last_rev)
    return Followed(source)


@ROOMS.verb("room.follow", guests=True, price=2)
async def follow(player: Player, _: str, body: Body) -> Answer:
    """As `follow` with the topic `room:ID`."""
    topic = f"room:{room_id_of(body)}"
    player.follow(topic, (await opened(player, room_id_of(body), body)).source)
    return {"topic": topic}


@ROOMS.verb("room.create", price=4)
async def create(player: Player, _: str, body: Body) -> Answer:
    """A new room."""
    song_ids = body.ids("songIds", most=ADDED_AT_ONCE) if body.has("songIds") else []
    name = body.text("name", most=NAME_CHARACTERS)
    room = await player.house.rooms.create(player.viewer, name, _choices(body.inner("settings")), song_ids)
    return done(room)


@ROOMS.verb("room.join", price=2)
async def join(player: Player, _: str, body: Body) -> Answer:
    """Come in by a link's `token`, or by the `roomId` of a room one was asked into or is a member of."""
    token = body.maybe_text("token")
    if token is not None:
        return done(await player.house.room_invites.join(player.viewer, token))
    return done(await player.house.room_invitations.join(player.viewer, room_id_of(body), operation_of(body)))


@ROOMS.verb("room.invite", price=4)
async def invite(player: Player, _: str, body: Body) -> Answer:
    """Ask people in."""
    user_ids = body.ids("userIds", most=INVITED_AT_ONCE)
    hours = body.maybe_integer("expiresInHours", 1, LONGEST_INVITE_HOURS)
    ask = player.house.room_invitations.invite
    return done(await ask(player.viewer, room_id_of(body), user_ids, hours, operation_of(body)))


@ROOMS.verb("room.uninvite")
async def uninvite(player: Player, _: str, body: Body) -> Answer:
    """Ask people in no more."""
    user_ids = body.ids("userIds", most=INVITED_AT_ONCE)
    take_back = player.house.room_invitations.take_back
    return done(await take_back(player.viewer, room_id_of(body), user_ids, operation_of(body)))


@ROOMS.verb("room.leave", guests=True)
async def leave(player: Player, _: str, body: Body) -> Answer:
    """Go for good."""
    room = await player.house.rooms.leave(player.viewer, room_id_of(body), operation_of(body))
    player.unfollow(f"room:{room.id}")
    return done(room)


@ROOMS.verb("room.close")
async def close(player: Player, _: str, body: Body) -> Answer:
    """End the room, for everybody."""
    return done(await player.house.rooms.close(player.viewer, room_id_of(body), operation_of(body)))


@ROOMS.verb("room.chat", guests=True, price=2)
async def say(player: Player, _: str, body: Body) -> Answer:
    """A line in the chat."""
    text = body.text("text", most=4 * LINE_CHARACTERS)
    return done(await player.house.room_acts.say(player.viewer, room_id_of(body), text, operation_of(body)))


@ROOMS.verb("room.role")
async def role(player: Player, _: str, body: Body) -> Answer:
    """Make somebody host, co-host or member."""
    wanted = RoomRole(body.choice("role", _SETTABLE))
    acts, member_id = player.house.room_acts, body.text("memberId")
    return done(await acts.set_role(player.viewer, room_id_of(body), member_id, wanted, operation_of(body)))


@ROOMS.verb("room.kick")
async def kick(player: Player, _: str, body: Body) -> Answer:
    """Show somebody out; `ban`: for good."""
    member_id, ban = body.text("memberId"), body.flag("ban")
    acts = player.house.room_acts
    return done(await acts.show_out(player.viewer, room_id_of(body), member_id, ban=ban, op=operation_of(body)))


@ROOMS.verb("room.settings")
async def settings(player: Player, _: str, body: Body) -> Answer:
    """The host's choices."""
    choices = _choices(body)
    return done(await player.house.room_acts.choose(player.viewer, room_id_of(body), choices, operation_of(body)))


@ROOMS.verb("room.delay", guests=True)
async def delay(player: Player, _: str, body: Body) -> Answer:
    """This player's one-way delay, its warm-up, and how far its sound is off. What all members measured comes back."""
    report = Report(
        delay_ms=body.number("delayMs", 0, 60_000),
        warm_up_ms=body.number("warmUpMs", 0, 10_000, default=0),
        skew_ms=body.number("skewMs", -60_000, 60_000) if body.has("skewMs") else None,
    )
    seat = player.house.room_watch.seat_of(player)
    room = await player.house.rooms.sit(player.viewer, room_id_of(body), seat, report)
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
