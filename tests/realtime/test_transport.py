"""The protocol machine, without a socket: exact actions, and never a wrong one for any sequence of frames."""

import orjson
from hypothesis import given, settings
from hypothesis import strategies as st

from handlers.strict_protocol import legal_close_code
from realtime.transport import Admit, Close, Limits, Pause, Send, Start, State, Stop, Transport

LIMITS = Limits(init_wait_s=10, max_operations=3, messages_per_s=10, message_burst=20, max_message_bytes=500)


def frame(type_, **parts):
    return orjson.dumps({"type": type_, **parts}).decode()


def asking(id_="1", query="{a}"):
    return frame("subscribe", id=id_, payload={"query": query})


def ready(limits=LIMITS, expires_at=None):
    transport = Transport(limits, 0.0)
    assert transport.receive(frame("connection_init"), 0.0) == [Admit(None)]
    assert transport.admitted(expires_at) == [Send(b'{"type":"connection_ack"}')]
    return transport


def started(transport, id_="1"):
    [start] = transport.receive(asking(id_), 0.0)
    assert isinstance(start, Start)
    return start.operation


def test_an_operation_runs_from_subscribe_to_complete():
    transport = ready()
    operation = started(transport)
    assert transport.next(operation, {"data": 1}) == [Send(b'{"type":"next","id":"1","payload":{"data":1}}', operation)]
    assert transport.complete(operation) == [Send(b'{"type":"complete","id":"1"}', operation)]
    assert transport.complete(operation) == transport.next(operation, {}) == transport.error(operation, []) == []


def test_results_of_a_finished_operation_do_not_reach_a_new_one_of_the_same_id():
    transport = ready()
    old = started(transport)
    assert transport.receive(frame("complete", id="1"), 0.0) == [Stop(old)]
    new = started(transport)
    assert transport.next(old, {"data": 1}) == []
    assert transport.error(old, [{}]) == []
    assert len(transport.next(new, {"data": 2})) == 1


def test_each_violation_has_its_close_code():
    def closing(transport, *frames):
        for each in frames:
            actions = transport.receive(each, 0.0)
        assert transport.state is State.CLOSED
        assert transport.receive(asking(), 0.0) == []
        return actions[-1]

    fresh = lambda: Transport(LIMITS, 0.0)  # noqa: E731 - a word for a fresh one
    assert closing(fresh(), "{nope") == Close(4400, "The message is not JSON")
    assert closing(fresh(), "x" * 501) == Close(1009, "A message has at most 500 bytes")
    assert closing(fresh(), "é" * 251) == Close(1009, "A message has at most 500 bytes")
    assert closing(fresh(), asking()) == Close(4401, "Unauthorized: wait for connection_ack")
    init = frame("connection_init")
    assert closing(fresh(), init, asking()) == Close(4401, "Unauthorized: wait for connection_ack")
    assert closing(fresh(), init, init) == Close(4429, "Too many initialisation requests")
    assert closing(ready(), init) == Close(4429, "Too many initialisation requests")
    assert closing(ready(), asking(), asking()) == Close(4409, "Subscriber for 1 already exists")


def test_without_an_init_in_time_the_socket_closes():
    transport = Transport(LIMITS, 5.0)
    assert transport.deadline() == 15.0
    assert transport.tick(14.9) == []
    assert transport.tick(15.0) == [Close(4408, "Connection initialisation timeout")]
    assert transport.tick(16.0) == []


def test_an_expired_token_ends_the_socket_and_its_operations():
    transport = ready(expires_at=60.0)
    operation = started(transport)
    assert transport.tick(59.9) == []
    assert transport.tick(60.0) == [Stop(operation), Close(4403, "Forbidden: the token has expired")]
    assert transport.next(operation, {}) == []


def test_a_ping_with_a_token_renews_one_at_a_time_and_the_newest_wins():
    transport = ready(expires_at=60.0)
    first, second, third = ({"token": name} for name in "abc")
    assert transport.receive(frame("ping", payload=first), 0.0) == [Admit(first, renewal=True)]
    assert transport.receive(frame("ping", payload=second), 0.0) == []
    assert transport.receive(frame("ping", payload=third), 0.0) == []
    assert transport.renewed(90.0) == [Send(b'{"type":"pong"}'), Admit(third, renewal=True)]
    assert transport.renewed(120.0) == [Send(b'{"type":"pong"}')]
    assert transport.tick(119.0) == []
    assert transport.deadline() == 120.0


def test_a_plain_ping_is_echoed_in_every_state():
    for transport in (Transport(LIMITS, 0.0), ready()):
        assert transport.receive(frame("ping", payload={"a": 1}), 0.0) == [Send(b'{"type":"pong","payload":{"a":1}}')]
        assert transport.receive(frame("pong"), 0.0) == []


def test_one_operation_too_many_is_refused_under_its_own_id():
    transport = ready()
    for id_ in "abc":
        started(transport, id_)
    [refusal] = transport.receive(asking("d"), 0.0)
    shown = orjson.loads(refusal.frame)
    assert shown["type"] == "error"
    assert shown["id"] == "d"
    assert shown["payload"][0]["extensions"] == {"code": "TOO_MANY"}
    transport.receive(frame("complete", id="a"), 0.0)
    started(transport, "d")


def test_a_stopping_server_takes_no_new_operation():
    transport = ready()
    transport.draining = True
    [refusal] = transport.receive(asking(), 0.0)
    assert orjson.loads(refusal.frame)["payload"][0]["extensions"] == {"code": "UNAVAILABLE"}


def test_a_client_that_talks_too_fast_is_read_at_its_allowance():
    transport = Transport(LIMITS, 0.0)
    for _ in range(20):
        assert transport.receive(frame("pong"), 0.0) == []
    assert transport.receive(frame("pong"), 0.0) == [Pause(0.1)]
    assert transport.receive(frame("pong"), 0.2) == []


FRAMES = st.sampled_from(
    [
        frame("connection_init"),
        frame("connection_init", payload={"token": "t"}),
        frame("ping"),
        frame("ping", payload={"token": "t"}),
        frame("pong"),
        asking("1"),
        asking("2"),
        asking("3"),
        asking("4"),
        frame("complete", id="1"),
        frame("complete", id="2"),
        frame("complete", id="9"),
    ]
)
RARE = (
    st.sampled_from(["{nope", b"\x00", "[]", frame("next", id="1"), frame("start"), asking(""), "x" * 600]) | st.text()
)
STEPS = st.one_of(
    st.tuples(st.just("frame"), FRAMES),
    st.tuples(st.just("frame"), FRAMES),
    st.tuples(st.just("frame"), FRAMES),
    st.tuples(st.just("frame"), RARE),
    st.tuples(st.sampled_from(["admit", "refuse"]), st.none() | st.floats(0, 50)),
    st.tuples(st.sampled_from(["next", "error", "complete"]), st.integers(0, 20)),
    st.tuples(st.just("time"), st.floats(0, 8)),
)


@settings(max_examples=400, deadline=None)
@given(st.lists(STEPS, max_size=60))
def test_no_sequence_of_frames_breaks_the_protocol(steps):
    """Every close is legal and the last word, ids are answered only between subscribe and their end."""
    transport = Transport(LIMITS, 0.0)
    now, begun, open_ids, closed, asked = 0.0, [], {}, False, []

    def check(actions):
        nonlocal closed
        for action in actions:
            assert not closed, "an action after the close"
            match action:
                case Close(code, reason):
                    closed = True
                    assert legal_close_code(code)
                    assert len(reason.encode()) <= 123
                    assert not open_ids
                case Start(operation, request):
                    assert request.id not in open_ids
                    open_ids[request.id] = operation
                    begun.append(operation)
                case Stop(operation):
                    assert open_ids.pop(operation.id) is operation
                case Admit():
                    asked.append(action)
                case Pause(seconds):
                    assert 0 < seconds <= 60 / LIMITS.messages_per_s
                case Send(sent, operation):
                    shown = orjson.loads(sent)
                    assert shown["type"] in ("connection_ack", "pong", "next", "error", "complete")
                    if shown["type"] == "next":
                        assert open_ids[shown["id"]] is operation
                    elif shown["type"] == "complete" or (shown["type"] == "error" and "TOO_MANY" not in str(shown)):
                        del open_ids[shown["id"]]

    for kind, value in steps:
        if kind == "frame":
            check(transport.receive(value, now))
        elif kind == "time":
            now += value
            check(transport.tick(now))
        elif kind in ("admit", "refuse"):
            if asked:
                ask = asked.pop(0)
                if kind == "refuse":
                    check(transport.refused("no"))
                else:
                    until = None if value is None else now + value
                    check(transport.renewed(until) if ask.renewal else transport.admitted(until))
        elif begun:
            operation = begun[value % len(begun)]
            report = {"next": {"data": {}}, "error": [{"message": "x"}]}
            check(
                transport.complete(operation)
                if kind == "complete"
                else getattr(transport, kind)(operation, report[kind])
            )
        assert (transport.state is State.CLOSED) == closed
        assert len(open_ids) <= LIMITS.max_operations
