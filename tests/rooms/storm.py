"""A house full of unreliable people: random operations on one room, late, twice, out of order, from old revisions.

Owns what is done at random and what must hold afterwards; `test_storm.py` runs a little of it, `bench/room_storm.py` a
great deal.
"""

from __future__ import annotations

from collections import deque
from datetime import UTC, datetime
from random import Random
from typing import Any

from services.errors import TuttiError
from services.rooms import chat, choosing, items, members, playing
from services.rooms.bounds import (
    BACKSTEP_MS,
    CHANGES_LIMIT,
    CHANGES_WEIGHT,
    CHAT_LIMIT,
    DONE_EACH,
    DONE_LIMIT,
    EMPTY_GRACE_MS,
    HOST_ABSENCE_MS,
    LEASE_S,
    MOST_WAIT_MS,
)
from services.rooms.choosing import Choices
from services.rooms.faces import face_of, patched
from services.rooms.pace import Moment
from services.rooms.reducer import Step, apply, closed, due, patches_since, tick
from services.rooms.rights import RoomControl, RoomMode, RoomRole
from services.rooms.timeline import astray_ms
from storage.records.room import Room

PEOPLE = [*(f"user{number}" for number in range(6)), "guest-a", "guest-b"]
LONGEST_SONG_MS = 40_000
LEAD_MS = 150.0
EPOCH_MS = 1.7e12
HOUR_MS = 3_600_000.0


def new_room(host_id: str = "user0", *, at_ms: float = 0.0) -> Room:
    """A fresh room with its host in it."""
    moment = datetime(2026, 6, 1, tzinfo=UTC)
    room = Room(id="room", name="Kitchen", epoch="e1", created_at=moment, updated_at=moment)
    return apply(room, Moment(at_ms), lambda room, now: members.join(room, now, host_id, host_id))


class Follower:
    """A player that hears of some changes only, and catches up by patches where that is possible."""

    def __init__(self, room: Room) -> None:
        self.face = face_of(room)
        self.snapshots = 0

    def catch_up(self, room: Room) -> None:
        """Ask with the last revision."""
        patches = patches_since(room, self.face["epoch"], self.face["rev"])
        if patches is None:
            self.face = face_of(room)
            self.snapshots += 1
        for patch in patches or ():
            self.face = patched(self.face, patch)
        assert self.face == face_of(room)


class Storm:
    """One room, its people and time; `step` does something at random and checks what must hold."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.now_ms = 0.0
        self.clock_ms = EPOCH_MS
        """What the house's clock shows when `now_ms` is 0: it is turned back and forth, time itself is not."""
        self.room = new_room(at_ms=self.house_ms)
        self.leases: dict[str, float] = {"user0": LEASE_S * 1000}
        self.silent: set[str] = set()
        self.sent: deque[tuple[str, str, Step, int | None]] = deque(maxlen=20)
        self.followers = [Follower(self.room) for _ in range(3)]
        self.count = 0
        self.refused = 0

    @property
    def house_ms(self) -> float:
        """What the house's clock shows."""
        return self.now_ms + self.clock_ms

    def step(self) -> None:
        """One event."""
        self.count += 1
        kind = self.random.random()
        if self.random.random() < 0.01:
            self.turn_the_clock(self.random.choice([-HOUR_MS, HOUR_MS, -BACKSTEP_MS, -100.0]))
        if kind < 0.2:
            self._pass(self.random.choice([0, 10, 200, 1_000, 4_000, 15_000]))
        elif kind < 0.22 and self.random.random() < 0.2:
            self._pass(700_000)
        elif kind < 0.35 and self.sent:
            # Twice, or late and out of order.
            self._send(*self.random.choice(self.sent))
        elif kind < 0.5:
            self._come_and_go()
        else:
            self._operate()
        if self.random.random() < 0.04:
            self.random.choice(self.followers).catch_up(self.room)
        if self.room.closed and self.random.random() < 0.3:
            self.room = new_room(at_ms=self.house_ms)
            self.leases = {"user0": self.now_ms + LEASE_S * 1000}
            self.followers = [Follower(self.room) for _ in range(3)]
        self.check()

    def check(self) -> None:
        """What holds in every state."""
        room = self.room
        hosts = [member for member in room.members if member.role == RoomRole.HOST]
        assert len(hosts) == 1 and not hosts[0].id.startswith("guest")
        assert len(room.changes) <= CHANGES_LIMIT and sum(change.weight for change in room.changes) <= CHANGES_WEIGHT
        assert len(room.chat) <= CHAT_LIMIT and len(room.done) <= DONE_LIMIT
        assert all(sum(done.member_id == who for done in room.done) <= DONE_EACH for who in PEOPLE)
        assert room.due_ms == due(room)
        assert len({item.id for item in room.items}) == len(room.items)
        if room.start is not None:
            assert room.start.item_id == room.current_id and not room.anchor.playing and room.paused_by is None
            assert room.start.deadline_ms <= room.start.asked_ms + MOST_WAIT_MS
        # Within a bounded time it changes by itself, or whoever watches sees at once that the clock was turned back.
        latest = self.house_ms + BACKSTEP_MS + LEAD_MS + EMPTY_GRACE_MS + LONGEST_SONG_MS
        assert room.closed or room.due_ms is None or astray_ms(room, self.house_ms) or room.due_ms <= latest
        assert room.closed or room.anchor.at_ms <= room.stepped_ms + LEAD_MS
        here = [member for member in room.members if member.present]
        assert room.closed or (room.empty_ms is None) == bool(here)
        able = [member for member in here if member.role != RoomRole.GUEST]
        if able and not hosts[0].present and not room.closed:
            assert room.due_ms is not None and room.due_ms <= hosts[0].since_ms + HOST_ABSENCE_MS

    def turn_the_clock(self, by_ms: float) -> None:
        """The house's clock shows another time from now on; nobody's lease knows of it."""
        self.clock_ms += by_ms

    def calm_down(self) -> None:
        """Nobody does anything more: the room comes to rest, everybody sees the same, and at last it closes."""
        here = {member.id for member in self.room.members if member.present} - self.silent
        if not self.room.closed and here:
            for member_id in here:
                self.leases[member_id] = self.now_ms + 10 * EMPTY_GRACE_MS
            self._run_until(self.now_ms + LEASE_S * 1000 + MOST_WAIT_MS + 2_000)
            if self.room.start is not None:
                # A song ended just now, and the room waits for the next one: not longer than it said.
                self._run_until(self.room.start.deadline_ms - self.clock_ms)
            self.assert_alive()
        for follower in self.followers:
            follower.catch_up(self.room)
        self.leases.clear()
        self._tick()
        self._run_until(self.now_ms + LEASE_S * 1000 + EMPTY_GRACE_MS + 1_000)
        assert self.room.closed
        for follower in self.followers:
            follower.catch_up(self.room)

    def assert_alive(self) -> None:
        """It plays, somebody paused it, or there is nothing left to play; the host is there."""
        room = self.room
        left = [item for item in items.upcoming(room) if not item.gone]
        assert room.anchor.playing or room.paused_by is not None or not left
        assert room.start is None
        host = next(member for member in room.members if member.role == RoomRole.HOST)
        assert host.present or all(member.role == RoomRole.GUEST for member in room.members if member.present)

    def _run_until(self, end_ms: float) -> None:
        """Time passes; the room is looked at now, when it is due and when a lease ends."""
        self._tick()
        while True:
            lapses = [until for until in self.leases.values() if until > self.now_ms]
            due_ms = due(self.room)
            times = [time for time in (None if due_ms is None else due_ms - self.clock_ms, *lapses) if time is not None]
            times = [time for time in times if time <= end_ms]
            if not times:
                break
            before = self.now_ms
            self.now_ms = max(self.now_ms, min(times))
            self._tick()
            if self.now_ms == before and due(self.room) is not None:
                assert due(self.room) > self.house_ms, "a tick at its time leaves nothing due"
        self.now_ms = end_ms
        self._tick()

    def _pass(self, ms: float) -> None:
        self.now_ms += ms
        for member in self.room.members:
            if member.present and member.id not in self.silent and member.id in self.leases:
                self.leases[member.id] = self.now_ms + LEASE_S * 1000
        if self.random.random() < 0.7:
            self._tick()

    def _tick(self) -> None:
        here = {id for id, until in self.leases.items() if until > self.now_ms}
        losses = {"song0": "hidden"} if self.random.random() < 0.02 else {}
        room = tick(self.room, self._moment(), here=here, losses=losses)
        assert tick(room, self._moment(), here=here) is room, "a second tick changes nothing"
        self.room = room

    def _moment(self) -> Moment:
        return Moment(self.house_ms, LEAD_MS)

    def _send(self, by_id: str, op_id: str, step: Step, base_rev: int | None) -> None:
        room = self.room
        repeated = any(done.member_id == by_id and done.op_id == op_id for done in room.done)
        try:
            after = apply(room, self._moment(), step, by_id=by_id, op_id=op_id, playing_base_rev=base_rev)
        except TuttiError:
            self.refused += 1
            return
        assert after.rev in (room.rev, room.rev + 1)
        assert not repeated or after is room
        self.room = after

    def _come_and_go(self) -> None:
        random, who = self.random, self.random.choice(PEOPLE)
        match random.choice(["join", "join", "join", "leave", "drop", "silent", "return"]):
            case "join":
                self.leases[who] = self.now_ms + LEASE_S * 1000
                self.silent.discard(who)
                self._do(who, lambda room, now: members.join(room, now, who, who, guest=who.startswith("guest")))
            case "leave":
                self._do(who, lambda room, now: members.leave(room, now, who))
            case "drop":
                self.leases.pop(who, None)
                self.room = apply(self.room, self._moment(), lambda room, now: members.absent(room, now, who))
            case "silent":
                self.silent.add(who)
            case "return":
                self.silent.discard(who)
                self.leases[who] = self.now_ms + LEASE_S * 1000
                self._do(who, lambda room, now: members.returned(room, now, who))

    def _operate(self) -> None:
        random, who = self.random, self.random.choice(PEOPLE)
        other = random.choice(PEOPLE)
        item_ids = [item.id for item in self.room.items] or ["none"]
        item, before = random.choice(item_ids), random.choice([*item_ids, None])
        number = self.count
        new = [
            items.NewItem(f"i{number}-{each}", f"song{random.randrange(20)}", random.randrange(1_000, LONGEST_SONG_MS))
            for each in range(random.randrange(1, 4))
        ]
        position = random.choice([0.0, 500.0, 20_000.0, 1e9])
        choices = Choices(
            control=random.choice([None, *RoomControl]),
            mode=random.choice([None, *RoomMode]),
            wait_for_all=random.choice([None, True, False]),
            wait_ms=random.choice([None, 1_000, 30_000]),
            chat=random.choice([None, True]),
            guests=random.choice([None, None, None, False, True]),
        )
        role, up, ban = random.choice(list(RoomRole)), random.random() < 0.7, random.random() < 0.1
        steps: list[Step] = [
            lambda room, now: items.add(room, who, new),
            lambda room, now: items.add(room, who, new),
            lambda room, now: items.add(room, who, new, before),
            lambda room, now: items.move(room, who, item, before),
            lambda room, now: items.remove(room, who, frozenset({item})),
            lambda room, now: items.vote(room, who, item, up),
            lambda room, now: playing.play(room, now, who),
            lambda room, now: playing.play(room, now, who),
            lambda room, now: playing.pause(room, now, who),
            lambda room, now: playing.seek(room, now, who, position),
            lambda room, now: playing.skip(room, now, who),
            lambda room, now: playing.jump(room, now, who, item),
            lambda room, now: playing.vote_to_skip(room, now, who, item),
            lambda room, now: members.set_ready(room, who, item),
            lambda room, now: members.set_ready(room, who, room.current_id or ""),
            lambda room, now: members.set_role(room, who, other, role),
            lambda room, now: members.remove(room, who, other, ban=ban),
            lambda room, now: members.set_quality(room, who, "high" if up else None),
            lambda room, now: choosing.choose(room, who, choices),
            lambda room, now: chat.say(room, now, who, f"l{number}", "hello"),
            lambda room, now: closed(room, now) if random.random() < 0.02 else room,
        ]
        at = random.randrange(len(steps))
        base_rev = random.choice([None, self.room.rev, self.room.rev - 3]) if 6 <= at <= 11 else None
        self._do(who, steps[at], base_rev)

    def _do(self, who: str, step: Step, base_rev: int | None = None) -> None:
        operation: tuple[str, str, Step, Any] = (who, f"op{self.count}", step, base_rev)
        self.sent.append(operation)
        if self.random.random() < 0.9:
            self._send(*operation)
