"""The rules of a room, one by one."""

from __future__ import annotations

import pytest

from services.errors import Denied, NotFound, TooLarge
from services.rooms import items, members, playing
from services.rooms.choosing import Choices, chosen
from services.rooms.items import NewItem
from services.rooms.pace import Moment, Report, lead_ms
from services.rooms.reducer import apply, due, patches_since, tick
from services.rooms.rights import RoomMode, RoomRole
from storage.records.anchor import Anchor
from tests.rooms.storm import new_room


def a_room(*songs, mode=RoomMode.ORDER, **choices):
    """The host's room with Ann, Ben and a guest; songs are `name@adder`, 100 s each."""

    def furnish(room, now):
        for name in ("ann", "ben", "guest"):
            room = members.join(room, now, name, name, guest=name == "guest")
        room = chosen(room, Choices(mode=mode, **choices))
        for song in songs:
            name, _, adder = song.partition("@")
            room = items.add(room, adder or "user0", [NewItem(name, name, 100_000)])
        return room

    return apply(new_room(), Moment(0.0), furnish)


def order(room):
    """The queue, as text."""
    return " ".join(item.id for item in room.items)


def test_everybody_has_a_turn_however_much_the_others_add():
    room = a_room("a1@ann", "a2@ann", "a3@ann", "b1@ben", "g1@guest", "b2@ben", mode=RoomMode.ROUND_ROBIN)
    assert order(room) == "a1 b1 g1 a2 b2 a3"


def test_what_has_more_votes_comes_first_and_then_what_was_added_first():
    room = a_room("x", "p", "q", "r", mode=RoomMode.VOTES)
    for member, item in (("ann", "r"), ("ben", "r"), ("ann", "q")):
        room = items.vote(room, member, item)
    assert order(room) == "x r q p"
    assert order(items.vote(items.vote(room, "ann", "r", False), "ben", "r", False)) == "x q p r"


def test_votes_of_who_left_and_of_guests_who_are_away_order_nothing():
    room = a_room("x", "p", "q", "r", mode=RoomMode.VOTES)
    room = items.vote(items.vote(room, "guest", "r"), "ann", "q")
    assert order(room) == "x q r p"
    away = members.absent(room, Moment(0.0), "guest")
    assert order(items.vote(away, "ben", "r")) == "x q r p"
    assert order(members.absent(items.vote(room, "ben", "r"), Moment(0.0), "guest")) == "x q r p"
    back = members.returned(items.vote(away, "ben", "r"), Moment(0.0), "guest")
    assert order(back) == "x r q p"
    assert order(members.leave(room, Moment(0.0), "ann")) == "x r p q"


def test_a_song_starts_once_half_of_those_present_hold_it():
    room = a_room("x")
    assert (room.start.quorum, room.anchor.playing, due(room)) == (2, False, 2_000.0)
    room = a_room("x", wait_for_all=True, wait_ms=5_000)
    for member in ("user0", "ann", "ben"):
        room = apply(room, Moment(100.0, 300.0), lambda room, _, m=member: members.set_ready(room, m, "x"))
    assert room.start is not None
    room = apply(room, Moment(200.0, 300.0), lambda room, now: members.absent(room, now, "guest"))
    assert room.anchor == Anchor(500.0, 0.0, 1.0, True)


def test_the_next_song_follows_without_a_gap_and_a_late_notice_skips_nothing():
    room = tick(a_room("x", "y", "z"), Moment(2_000.0))
    assert room.anchor == Anchor(2_150.0, 0.0, 1.0, True)
    assert (due(room), tick(room, Moment(102_149.0))) == (102_150.0, room)
    room = tick(room, Moment(102_400.0))
    assert (room.current_id, room.anchor) == ("y", Anchor(102_150.0, 0.0, 1.0, True))
    late = tick(room, Moment(300_000.0))
    assert (late.current_id, late.start.position_ms, late.start.deadline_ms) == ("z", 0.0, 302_000.0)


def test_a_pause_is_at_the_same_place_for_all():
    room = tick(a_room("x"), Moment(2_000.0))
    room = apply(room, Moment(10_000.0, 400.0), lambda room, now: playing.pause(room, now, "user0"))
    assert (room.anchor, room.paused_by) == (Anchor(10_400.0, 8_250.0, 1.0, False), "user0")
    assert due(room) is None
    room = apply(room, Moment(20_000.0, 200.0), lambda room, now: playing.play(room, now, "user0"))
    assert room.anchor == Anchor(20_200.0, 8_250.0, 1.0, True)


def test_more_than_half_of_those_present_leave_a_song():
    room = a_room("x", "y")
    for voter, current in (("ann", "x"), ("ben", "x"), ("guest", "y")):
        room = apply(room, Moment(10.0), lambda room, now, v=voter: playing.vote_to_skip(room, now, v, "x"))
        assert room.current_id == current


def test_a_host_who_is_lost_is_followed_by_the_cohost_after_ten_seconds():
    room = a_room()
    room = apply(room, Moment(0.0), lambda room, now: members.set_role(room, "user0", "ben", RoomRole.COHOST))
    room = apply(room, Moment(1_000.0), lambda room, now: members.absent(room, now, "user0"))
    assert due(room) == 11_000.0
    assert tick(room, Moment(10_999.0)) is room
    room = tick(room, Moment(11_000.0))
    assert [member.role for member in room.members] == ["cohost", "member", "host", "guest"]


def test_a_guest_may_add_and_not_control():
    room = a_room("x", "y")
    for step in (
        lambda: playing.pause(room, Moment(0.0), "guest"),
        lambda: items.move(room, "guest", "y", "x"),
        lambda: items.remove(room, "guest", frozenset({"y"})),
        lambda: members.remove(room, "guest", "ann"),
        lambda: items.add(room, "guest", [NewItem("z", "z", 1_000)], "y"),
    ):
        with pytest.raises(Denied):
            step()
    assert order(items.add(room, "guest", [NewItem("z", "z", 1_000)])) == "x y z"


@pytest.mark.parametrize(
    ("reports", "expected"),
    [
        ([], 150.0),
        ([Report(10.0)], 150.0),
        ([Report(100.0), Report(200.0, 30.0)], 430.0),
        ([Report(5_000.0)], 1_500.0),
        ([Report(80.0)] * 99 + [Report(5_000.0)], 160.0),
    ],
)
def test_how_far_ahead_a_start_lies(reports, expected):
    assert lead_ms(reports) == expected


def test_who_missed_too_much_or_knows_another_life_takes_the_whole():
    room = a_room("x")
    assert patches_since(room, "e1", room.rev) == []
    assert len(patches_since(room, "e1", 1)) == room.rev - 1
    for epoch, rev in (("e0", room.rev), ("e1", None), ("e1", room.rev + 1), ("e1", -1)):
        assert patches_since(room, epoch, rev) is None


def test_guests_do_not_push_out_who_has_an_account():
    room = a_room()
    for member in ("ann", "ben"):
        room = members.absent(room, Moment(1.0), member)
    for number in range(196):
        room = members.join(room, Moment(2.0), f"guest{number}", "Guest", guest=True)
    with pytest.raises(TooLarge):
        members.join(room, Moment(3.0), "one more", "Guest", guest=True)
    room = members.absent(room, Moment(4.0), "guest7")
    assert members.present_ids(members.join(room, Moment(5.0), "eve", "eve"))[-1] == "eve"
    names = {member.id for member in members.join(room, Moment(5.0), "eve", "eve").members}
    assert {"ann", "ben"} <= names and "guest7" not in names


def test_a_banned_guest_does_not_come_back_by_the_same_link_under_another_name():
    room = a_room()
    room = members.join(room, Moment(1.0), "guest:1", "Troll", guest=True, invite_id="link")
    room = members.join(room, Moment(1.0), "guest:2", "Friend", guest=True, invite_id="link")
    room = members.remove(room, "user0", "guest:1", ban=True)
    with pytest.raises(NotFound):
        members.join(room, Moment(2.0), "guest:3", "Nobody", guest=True, invite_id="link")
    assert {"guest:2", "eve"} <= {
        member.id for member in members.join(room, Moment(2.0), "eve", "eve", invite_id="link").members
    }
