"""Rooms as their members use them: open, enter, leave, say what plays, talk; and what each member is shown.

Owns who is meant by a viewer and what a viewer sees of a room. Refuses to know how steps are written (`desk.py`), what
they do (the pure modules) and how news travels.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from services.clock import Clock
from services.entitlements.table import TierTable
from services.errors import Invalid, PaymentRequired, TooLarge
from services.rooms import choosing, items, members
from services.rooms.bounds import ADDED_AT_ONCE, KEPT_CLOSED_DAYS, OP_CHARACTERS, OPEN_ROOMS_LIMIT
from services.rooms.choosing import Choices
from services.rooms.desk import RoomDesk
from services.rooms.news import RoomNews, Told
from services.rooms.pace import Moment, Report
from services.rooms.presence import RoomPresence
from services.rooms.reducer import Stale, Step, closed
from services.rooms.rights import find, no_such_room, require_host
from services.rooms.room_songs import RoomSongs
from services.rooms.watching import RoomWatch
from services.typed_text import is_id
from services.viewer import Role, Viewer
from storage.collections.store import Store
from storage.records.room import Room

HTTP_SEAT = "http"
"""The seat of somebody who came by a request and has no socket: it lasts 15 s after each."""
NO_REPORTS: Mapping[str, Report] = {}


@dataclass(frozen=True, slots=True)
class Operation:
    """How a client names what it asks for, so that a repetition is known, and which revision it had in mind."""

    op_id: str | None = None
    base_rev: int | None = None


PLAIN = Operation()


class Rooms:
    """The rooms where people listen together."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        desk: RoomDesk,
        presence: RoomPresence,
        songs: RoomSongs,
        watch: RoomWatch,
        news: RoomNews,
        tiers: TierTable,
    ) -> None:
        self._store = store
        self._clock = clock
        self._desk = desk
        self._presence = presence
        self._songs = songs
        self._watch = watch
        self._news = news
        self._tiers = tiers

    async def create(
        self, viewer: Viewer, name: str, choices: Choices | None = None, song_ids: Sequence[str] = ()
    ) -> Room:
        """A new room with the viewer as its host; songs begin at once. TooLarge (TOO_MANY_ROOMS) for a member of 50.

        PaymentRequired for a tier that opens none.
        """
        user_id = viewer.require(Role.LISTENER)
        if not self._tiers.of_viewer(viewer).host_rooms:
            raise PaymentRequired("Opening rooms is part of a subscription.")
        plain = choosing.read_name(name)
        await self.refuse_too_many(user_id)
        new = await self.new_items(viewer, song_ids)
        member_name = await self.name_of(user_id)
        now = self._clock.now()
        room = Room(id=self._clock.new_id(), name=plain, epoch=self._clock.new_id(), created_at=now, updated_at=now)

        def furnish(room: Room, moment: Moment) -> Room:
            room = members.join(room, moment, user_id, member_name)
            room = choosing.chosen(room, choices or Choices())
            return items.add(room, user_id, new) if new else room

        await self._watch.stay_awhile(room.id, user_id, HTTP_SEAT)
        return await self._desk.open(room, furnish)

    async def read(self, viewer: Viewer, room_id: str, *, fresh: bool = False) -> Room:
        """A room that the viewer is a member of; for admins any. NotFound for absent and invisible alike."""
        room = await self._desk.read(room_id, fresh=fresh)
        if find(room, member_id_in(viewer, room_id)) is None and not viewer.has(Role.ADMIN):
            raise no_such_room()
        return room

    async def mine(self, viewer: Viewer) -> list[Room]:
        """The open rooms that the viewer is a member of, the last changed first; at most 50."""
        return await self._store.rooms.open_of(viewer.require(Role.LISTENER), limit=OPEN_ROOMS_LIMIT)

    async def news(self, viewer: Viewer, room: Room, epoch: str | None, last_rev: int | None) -> Told:
        """What brings a client from `last_rev` to this state: `patches`, or a `room` where only the whole will do."""
        return await self._news.since(viewer, room, epoch, last_rev)

    async def reports(self, room: Room) -> Mapping[str, Report]:
        """What the members say of their distance and error."""
        return await self._presence.reports(room.id) or NO_REPORTS

    async def return_to(self, viewer: Viewer, room_id: str, op: Operation = PLAIN) -> Room:
        """Come back into a room whose member the viewer still is. NotFound otherwise: an invitation opens it."""
        member_id = member_in(viewer, room_id)
        if find(await self._desk.read(room_id), member_id) is None:
            # Before a seat is taken: who is nobody here is not here either.
            raise no_such_room()
        await self._watch.stay_awhile(room_id, member_id, HTTP_SEAT)
        return await self.act(viewer, room_id, lambda room, now: members.returned(room, now, member_id), op)

    async def enter(self, viewer: Viewer, room_id: str, invite_id: str) -> Room:
        """Come in by an invitation that was found good."""
        user_id = viewer.require(Role.LISTENER)

        def step(room: Room, moment: Moment, name: str) -> Room:
            return members.join(room, moment, user_id, name, invite_id=invite_id)

        return await self.come(viewer, room_id, step)

    async def come(
        self, viewer: Viewer, room_id: str, step: Callable[[Room, Moment, str], Room], op: Operation = PLAIN
    ) -> Room:
        """Come in by a step that takes the name one has there. TooLarge (TOO_MANY_ROOMS) for a member of 50."""
        user_id = viewer.require(Role.LISTENER)
        await self.refuse_too_many(user_id, but=room_id)
        name = await self.name_of(user_id)
        await self._watch.stay_awhile(room_id, user_id, HTTP_SEAT)
        return await self._desk.change(room_id, lambda room, now: step(room, now, name), by_id=user_id, op_id=op.op_id)

    async def leave(self, viewer: Viewer, room_id: str, op: Operation = PLAIN) -> Room:
        """Go for good."""
        member_id = member_in(viewer, room_id)

        def step(room: Room, moment: Moment) -> Room:
            if find(room, member_id) is None:
                raise no_such_room()
            return members.leave(room, moment, member_id)

        room = await self.act(viewer, room_id, step, op)
        await self._watch.vacate(room_id, member_id)
        return room

    async def sit(self, viewer: Viewer, room_id: str, seat: str, report: Report | None = None) -> Room:
        """Be there, on a seat that is held until `stand_up`; with the last report of that seat, unless a new one."""
        member_id = member_in(viewer, room_id)
        room = await self.read(viewer, room_id)
        member = find(room, member_id)
        if member is None or room.closed:
            return room
        await self._watch.stay(room_id, member_id, seat, report)
        if member.present:
            return room
        return await self._desk.change(room_id, lambda room, now: members.returned(room, now, member_id))

    async def stand_up(self, viewer: Viewer, room_id: str, seat: str) -> None:
        """Leave a seat. A member without any is absent, and may come back."""
        member_id = member_in(viewer, room_id)
        if await self._watch.go(room_id, member_id, seat):
            await self._desk.change(room_id, lambda room, now: members.absent(room, now, member_id))

    async def act(
        self, viewer: Viewer, room_id: str, step: Step, op: Operation = PLAIN, *, about_playing: bool = False
    ) -> Room:
        """The room after a step of the viewer's. NotFound for everybody who is no member; Stale carries the room."""
        member_id = member_in(viewer, room_id)
        if op.op_id is not None and not 1 <= len(op.op_id) <= OP_CHARACTERS:
            raise Invalid(f"An operation's id has 1 to {OP_CHARACTERS} characters.", field="clientOpId")
        base_rev = op.base_rev if about_playing else None
        try:
            return await self._desk.change(room_id, step, by_id=member_id, op_id=op.op_id, playing_base_rev=base_rev)
        except Stale as stale:
            if find(await self._desk.read(room_id), member_id) is None:
                raise no_such_room() from None
            stale.face = await self._songs.masked_face(viewer, stale.face)
            raise

    async def close(self, viewer: Viewer, room_id: str, op: Operation = PLAIN) -> Room:
        """End a room: its host's, or an admin's doing."""
        if viewer.has(Role.ADMIN):
            return await self._desk.change(room_id, closed)
        me = member_in(viewer, room_id)

        def step(room: Room, moment: Moment) -> Room:
            require_host(room, me)
            return closed(room, moment)

        return await self.act(viewer, room_id, step, op)

    async def sweep(self) -> int:
        """Forget rooms that closed a week ago; how many."""
        before = self._clock.now() - timedelta(days=KEPT_CLOSED_DAYS)
        return await self._store.rooms.delete({"closed": True, "updated_at": {"$lt": before}}, many=True)

    async def refuse_too_many(self, user_id: str, *, but: str | None = None) -> None:
        """TooLarge (TOO_MANY_ROOMS) for a member of 50 open rooms, unless `but` is one of them."""
        rooms = await self._store.rooms.open_of(user_id, limit=OPEN_ROOMS_LIMIT)
        if len(rooms) >= OPEN_ROOMS_LIMIT and all(room.id != but for room in rooms):
            raise TooLarge(f"One is in {OPEN_ROOMS_LIMIT} rooms at most; leave one.", code="TOO_MANY_ROOMS")

    async def new_items(self, viewer: Viewer, song_ids: Sequence[str]) -> list[items.NewItem]:
        """Songs on their way into a queue. NotFound for those the viewer may not see; TooLarge beyond 100."""
        if len(song_ids) > ADDED_AT_ONCE:
            raise TooLarge(f"At most {ADDED_AT_ONCE} songs are added at once.", field="songIds")
        if not all(is_id(id) for id in song_ids):
            raise Invalid("These are no songs' ids.", field="songIds")
        songs = await self._songs.wanted(viewer, song_ids) if song_ids else []
        return [
            items.NewItem(
                id=self._clock.new_id(),
                song_id=song.id,
                duration_ms=max(items.SHORTEST_MS, song.duration_ms),
                title=song.title,
                credit=song.artist_credit,
                cover_id=song.cover_id,
            )
            for song in songs
        ]

    async def name_of(self, user_id: str) -> str:
        """What members call a user."""
        user = await self._store.users.get(user_id)
        return user_id if user is None else user.username


def member_id_in(viewer: Viewer, room_id: str) -> str | None:
    """Who the viewer is in that room: themselves, or its guest. A guest of another room is nobody here."""
    if viewer.user_id is not None:
        return viewer.user_id
    return viewer.guest_id if viewer.room_id == room_id else None


def member_in(viewer: Viewer, room_id: str) -> str:
    """As `member_id_in`. Unauthenticated for nobody at all."""
    member_id = member_id_in(viewer, room_id)
    return viewer.require(Role.LISTENER) if member_id is None else member_id
