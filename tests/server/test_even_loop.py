"""However many sockets are ready, a turn of the loop is short, and nobody waits for ever."""

from __future__ import annotations

import asyncio
import socket

import pytest
from tornado.netutil import bind_sockets

from server.even_loop import LET_IN_AT_ONCE, READY_AT_ONCE, TURN_S, EvenSelector, even_listeners, even_loop


def test_all_that_are_ready_are_told_of_in_as_few_turns_as_it_takes_the_longest_waiting_first():
    selector = EvenSelector(lambda: 0.0)
    pairs = [socket.socketpair() for _ in range(3 * READY_AT_ONCE - 1)]
    try:
        for ours, theirs in pairs:
            selector.register(ours, 1)
            theirs.send(b"!")
        # Nobody is read from, so that those of the first turn are ready again: they have to wait.
        turns = [{key.fd for key, _ in selector.select(0)} for _ in range(3)]
        assert [len(turn) for turn in turns] == [READY_AT_ONCE] * 3
        assert set().union(*turns) == {ours.fileno() for ours, _ in pairs}
    finally:
        selector.close()
        for pair in pairs:
            for one in pair:
                one.close()


def test_after_a_turn_of_too_much_work_the_next_serves_half_as_many_and_then_one_more_each():
    worked_s = [0.0]
    selector = EvenSelector(lambda: worked_s[0])
    pairs = [socket.socketpair() for _ in range(2 * READY_AT_ONCE)]
    try:
        for ours, theirs in pairs:
            selector.register(ours, 1)
            theirs.send(b"!")
        served = []
        for turn_s in (0.0, 2 * TURN_S, 2 * TURN_S, TURN_S / 2, TURN_S / 2, *[2 * TURN_S] * 6):
            worked_s[0] += turn_s
            served.append(len(selector.select(0)))
        half = READY_AT_ONCE // 4
        assert served[:5] == [READY_AT_ONCE, READY_AT_ONCE // 2, half, half + 1, half + 2]
        assert served[-1] == 1
    finally:
        selector.close()
        for pair in pairs:
            for one in pair:
                one.close()


def test_a_listener_lets_a_few_in_then_pauses_for_a_turn():
    [listener] = even_listeners(bind_sockets(0, "127.0.0.1"))
    clients = [socket.create_connection(listener.getsockname()) for _ in range(LET_IN_AT_ONCE + 1)]
    inside = []
    try:
        for expected in (LET_IN_AT_ONCE, 1):
            before = len(inside)
            with pytest.raises(BlockingIOError):
                while True:
                    inside.append(listener.accept()[0])
            assert len(inside) - before == expected
    finally:
        for one in [listener, *clients, *inside]:
            one.close()


def test_a_timer_is_not_kept_waiting_by_a_crowd():
    """Counted in turns, not in time: the timer's turn comes before the crowd is served."""
    pairs = [socket.socketpair() for _ in range(10 * READY_AT_ONCE)]
    served = []

    async def crowd():
        loop = asyncio.get_running_loop()
        for ours, theirs in pairs:
            loop.add_reader(ours, lambda ours=ours: served.append(ours.recv(1)))
            theirs.send(b"!")
        await asyncio.sleep(0)
        loop.call_later(0, lambda: served.append("timer"))
        while len(served) <= len(pairs):  # noqa: ASYNC110 - turns are counted
            await asyncio.sleep(0)
        for ours, _ in pairs:
            loop.remove_reader(ours)

    with asyncio.Runner(loop_factory=even_loop) as runner:
        runner.run(crowd())
    assert served.index("timer") <= 3 * READY_AT_ONCE
    for pair in pairs:
        for one in pair:
            one.close()
