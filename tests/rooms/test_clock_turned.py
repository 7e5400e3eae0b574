"""A clock that is turned back or forth, by a restart or by NTP, holds no room up."""

from __future__ import annotations

from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from services.rooms import items, members, playing
from services.rooms.bounds import DONE_EACH, DONE_LIMIT, MEMBERS_LIMIT
from services.rooms.done import noted
from services.rooms.items import NewItem
from services.rooms.pace import Moment
from services.rooms.reducer import apply, due, tick
from services.rooms.timeline import astray_ms
from storage.records.anchor import Anchor
from storage.records.room import RoomDone
from tests.rooms.storm import HOUR_MS, Storm, new_room

NOON = 1e12


def playing_room():
    """A room that plays x (100 s) since `NOON`, with Ann in it."""

    def furnish(room, now):
        room = members.join(room, now, "ann", "ann")
        return items.add(room, "user0", [NewItem(name, name, 100_000) for name in ("x", "y")])

    room = apply(new_room(at_ms=NOON - 2_150), Moment(NOON - 2_150), furnish)
    return tick(room, Moment(NOON - 150))


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**32), st.sampled_from([-HOUR_MS, HOUR_MS]))
def test_a_clock_an_hour_off_hangs_no_room(seed, by_ms):
    storm = Storm(Random(seed))
    for _ in range(60):
        storm.step()
    storm.turn_the_clock(by_ms)
    storm.calm_down()


def test_a_song_goes_on_where_it_stood_at_the_last_step():
    room = apply(playing_room(), Moment(NOON + 30_000), lambda room, now: members.set_ready(room, "ann", "y"))
    early = NOON + 30_000 - HOUR_MS
    assert (due(room), astray_ms(room, early)) == (NOON + 100_000, HOUR_MS)
    room = tick(room, Moment(early))
    assert (room.anchor, due(room)) == (Anchor(NOON - HOUR_MS, 0.0, 1.0, True), NOON - HOUR_MS + 100_000)
    assert tick(room, Moment(early)) is room
    assert tick(room, Moment(early + 70_000)).current_id == "y"


def test_a_start_and_a_lost_host_are_waited_for_as_long_as_ever():
    room = apply(playing_room(), Moment(NOON), lambda room, now: playing.skip(room, now, "user0"))
    room = apply(room, Moment(NOON), lambda room, now: members.absent(room, now, "user0"))
    early = NOON - HOUR_MS
    room = tick(room, Moment(early))
    assert (room.start.deadline_ms, due(room)) == (early + 2_000, early + 2_000)
    room = tick(tick(room, Moment(early + 2_000)), Moment(early + 10_000))
    assert (room.anchor.playing, [member.role for member in room.members]) == (True, ["cohost", "host"])


def test_an_empty_room_closes_though_its_clock_was_turned_back():
    room = playing_room()
    for member_id in ("user0", "ann"):
        room = apply(room, Moment(NOON), lambda room, now, who=member_id: members.absent(room, now, who))
    room = tick(room, Moment(NOON - HOUR_MS))
    assert not room.closed
    assert tick(room, Moment(NOON - HOUR_MS + 600_000)).closed


def test_many_small_steps_back_do_not_add_up():
    room, now_ms = playing_room(), NOON
    for number in range(100):
        now_ms -= 1_900
        room = apply(room, Moment(now_ms), lambda room, now, n=number: members.set_quality(room, "ann", str(n)))
        assert room.anchor.at_ms <= now_ms + 1_500 + 2_000


def test_a_chatty_member_pushes_out_nobody_elses_operations():
    done = []
    for number in range(MEMBERS_LIMIT):
        for each in range(DONE_LIMIT // MEMBERS_LIMIT):
            done = noted(done, RoomDone(f"m{number}", str(each), 1))
    chatty = [f"m{number}" for number in range(6)]
    others = [each for each in done if each.member_id not in chatty]
    for number in range(200):
        for member_id in chatty:
            done = noted(done, RoomDone(member_id, f"chat {number}", number))
    assert [each for each in done if each.member_id not in chatty] == others
    assert len(done) == DONE_LIMIT
    assert max(sum(each.member_id == member_id for each in done) for member_id in chatty) <= DONE_EACH


def test_an_operation_is_done_once_however_much_another_member_says_meanwhile():
    def add(room, now):
        return items.add(room, "ann", [NewItem(f"new{room.rev}", "z", 1_000)])

    room = apply(playing_room(), Moment(NOON), add, by_id="ann", op_id="mine")
    for number in range(600):
        room = apply(room, Moment(NOON), lambda room, _: room, by_id="user0", op_id=str(number))
    assert apply(room, Moment(NOON), add, by_id="ann", op_id="mine") is room
