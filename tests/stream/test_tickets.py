"""Playback tickets."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.accounts.tickets import Ticket, Tickets
from services.clock import SetClock
from services.errors import Unauthenticated

START = datetime(2026, 1, 1, tzinfo=UTC)


def make(lifetime_s=60, key=b"0123456789abcdef", remembered=4096):
    clock = SetClock(START)
    return Tickets(key, clock=clock, lifetime_s=lifetime_s, remembered=remembered), clock


def issue(tickets, song="song", session="s1"):
    return tickets.issue(user_id="ada", session_id=session, song_id=song, quality="high")


def refused(tickets, ticket, song="song"):
    with pytest.raises(Unauthenticated) as refusal:
        tickets.open(ticket, song)
    return refusal.value.reason


def test_a_ticket_says_who_what_and_until_when():
    tickets, _ = make()
    ends = int(START.timestamp() * 1000) + 60_000
    assert tickets.open(issue(tickets), "song") == Ticket("ada", "s1", "song", "high", ends)


def test_a_ticket_is_safe_in_a_url():
    tickets, _ = make()
    assert set(issue(tickets, song="ünï/?&")) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_")


def test_a_ticket_plays_one_song_only():
    tickets, _ = make()
    assert refused(tickets, issue(tickets), "other") == "TICKET_INVALID"


def test_a_ticket_ends_even_when_it_was_opened_before():
    tickets, clock = make(lifetime_s=60)
    ticket = issue(tickets)
    clock.turn(59.999)
    tickets.open(ticket, "song")
    clock.turn(0.001)
    assert refused(tickets, ticket) == "TICKET_EXPIRED"


def test_another_key_opens_nothing():
    tickets, _ = make()
    strangers, _ = make(key=b"fedcba9876543210")
    assert refused(strangers, issue(tickets)) == "TICKET_INVALID"


def test_no_character_of_a_ticket_can_be_changed():
    tickets, _ = make()
    ticket = issue(tickets)
    for at in range(len(ticket) - 1):
        changed = "B" if ticket[at] == "A" else "A"
        assert refused(tickets, ticket[:at] + changed + ticket[at + 1 :]) == "TICKET_INVALID"


@given(st.text(max_size=80))
def test_nonsense_is_refused_not_crashed_on(text):
    tickets, _ = make()
    assert refused(tickets, text) == "TICKET_INVALID"


def test_a_very_long_ticket_is_refused_unread():
    tickets, _ = make()
    assert refused(tickets, "A" * 100_000) == "TICKET_INVALID"


def test_an_ended_session_takes_its_tickets_with_it():
    tickets, clock = make(lifetime_s=60)
    mine, other = issue(tickets, session="s1"), issue(tickets, session="s2")
    tickets.open(mine, "song")
    tickets.end_session("s1")
    assert refused(tickets, mine) == "TICKET_EXPIRED"
    assert tickets.open(other, "song").session_id == "s2"
    clock.turn(61)
    tickets.end_session("s3")
    assert list(tickets._ended) == ["s3"]


def test_what_is_remembered_is_bounded():
    tickets, _ = make(remembered=3)
    for number in range(50):
        tickets.open(issue(tickets, song=str(number)), str(number))
        tickets.end_session(f"ended {number}")
    assert len(tickets._opened) == 3
    assert len(tickets._ended) == 30


def test_a_short_key_and_a_nul_are_refused_at_once():
    with pytest.raises(ValueError, match="16 bytes"):
        make(key=b"short")
    tickets, _ = make()
    with pytest.raises(ValueError, match="NUL"):
        issue(tickets, song="a\x00b")
