"""A connection with its tasks and timer over a wire of the test's own: whatever comes in, the protocol holds."""

import asyncio
import itertools
from types import SimpleNamespace

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.context import Caller
from handlers.strict_protocol import legal_close_code
from realtime.connection import Connection
from realtime.sockets import OpenSockets
from realtime.transport import Limits, State
from realtime.wire import WireClosed
from services.clock import Clock
from services.errors import Unauthenticated
from services.viewer import NOBODY, Viewer
from tests.realtime.small_house import until

LIMITS = Limits(max_operations=3, max_running=2, outbox_frames=2, slow_client_s=0.05, message_burst=1000)


class Wire:
    """Writes down what was sent and how it was closed; `room` empty means that the client does not read."""

    def __init__(self):
        self.log = []
        self.closes = []
        self.room = asyncio.Event()
        self.room.set()
        self.aborted = False

    async def send(self, frame):
        if self.closes or self.aborted:
            raise WireClosed
        self.log.append(("sent", orjson.loads(frame)))
        await self.room.wait()

    def close(self, code, reason):
        self.closes.append((code, reason))

    def abort(self):
        self.aborted = True


class Words:
    """An executor whose operations are named after what they do."""

    def __init__(self):
        self.open_streams = 0

    def admit(self, requests, viewer, *, caller):
        pass

    def operation_kind(self, request):
        return {"syntax": {"errors": [{"message": "no"}]}, "change": "mutation"}.get(
            request.query, "subscription" if request.query.startswith("sub") else "query"
        )

    async def execute(self, request, viewer, *, caller):
        await asyncio.sleep(0)
        return {"data": viewer.user_id}

    async def subscribe(self, request, viewer, *, caller):
        await asyncio.sleep(0)
        return {"errors": [{"message": "no"}]} if request.query == "sub refused" else self._stream(request.query)

    async def _stream(self, query):
        self.open_streams += 1
        try:
            for number in range(3) if query == "sub three" else itertools.count():
                yield {"data": number}
                await asyncio.sleep(0)
        finally:
            self.open_streams -= 1


async def admit(payload):
    await asyncio.sleep(0)
    if payload is None:
        return NOBODY
    if payload["token"] == "bad":
        raise Unauthenticated("Sign in again.")
    return Viewer(user_id=payload["token"], session_id="s")


def connected(limits=LIMITS):
    wire, words, sockets = Wire(), Words(), OpenSockets()
    connection = Connection(
        wire=wire, executor=words, admit=admit, sockets=sockets, clock=Clock(), limits=limits, caller=Caller()
    )  # fmt: skip
    assert sockets.add(connection)
    connection.start()
    return SimpleNamespace(wire=wire, words=words, sockets=sockets, connection=connection)


async def ended(scene):
    scene.connection.lost()
    await until(lambda: len(scene.sockets) == 0)
    assert scene.words.open_streams == 0


FRAMES = st.one_of(
    st.sampled_from(
        [{"type": "connection_init"}, {"type": "connection_init", "payload": {"token": "ann"}}, {"type": "ping"}]
    ),
    st.sampled_from([{"type": "ping", "payload": {"token": t}} for t in ("ann", "bob", "bad")]),
    st.builds(
        lambda id_, query: {"type": "subscribe", "id": id_, "payload": {"query": query}},
        st.sampled_from("abc"),
        st.sampled_from(["ask", "change", "syntax", "sub three", "sub endless", "sub refused"]),
    ),
    st.builds(lambda id_: {"type": "complete", "id": id_}, st.sampled_from("abc")),
    st.sampled_from([{"type": "pong"}, {"type": "next", "id": "a"}, {"type": "subscribe"}, []]),
)
STEPS = st.lists(
    st.tuples(FRAMES, st.integers(0, 6)) | st.tuples(st.sampled_from(["deaf", "deaf", "reads"]), st.integers(0, 3)),
    max_size=25,
)


@settings(max_examples=150, deadline=None)
@given(st.booleans(), STEPS)
def test_whatever_comes_in_the_protocol_holds_and_nothing_is_left(inited, steps):
    async def conversation():
        scene = connected()
        wire, connection = scene.wire, scene.connection
        if inited:
            steps.insert(0, ({"type": "connection_init", "payload": {"token": "ann"}}, 6))
        for frame, breaths in steps:
            if frame == "deaf":
                wire.room.clear()
            elif frame == "reads":
                wire.room.set()
            else:
                heard = isinstance(frame, dict) and connection._transport.state is not State.CLOSED
                if heard and frame["type"] == "subscribe":
                    wire.log.append(("subscribe", frame.get("id")))
                receiving = asyncio.create_task(connection.receive(orjson.dumps(frame).decode()), name="receive")
                await asyncio.wait({receiving}, timeout=0.005)
                if not receiving.done():
                    wire.room.set()
                await asyncio.wait_for(receiving, 1)
                # What was on its way when the client said complete may still come; nothing after it was heard.
                if heard and frame["type"] == "complete":
                    wire.log.append(("complete", frame.get("id")))
            for _ in range(breaths):
                await asyncio.sleep(0)
        await ended(scene)
        assert len(wire.closes) <= 1
        for code, reason in wire.closes:
            assert legal_close_code(code)
            assert code != 4500
            assert len(reason.encode()) <= 123
        open_ids = dict.fromkeys("abcd", 0)
        for kind, what in wire.log:
            if kind == "subscribe" and what is not None:
                open_ids[what] += 1
            elif kind == "complete":
                open_ids[what] = 0
            elif kind == "sent" and "id" in what:
                assert open_ids[what["id"]] > 0, f"{what} for an id that is over"
                if what["type"] in ("complete", "error"):
                    open_ids[what["id"]] -= 1

    loop = asyncio.new_event_loop()
    try:
        loop.run_until_complete(conversation())
    finally:
        loop.close()


async def test_a_client_that_does_not_read_is_closed_and_its_streams_end():
    scene = connected()
    await scene.connection.receive('{"type":"connection_init"}')
    await until(lambda: scene.wire.log == [("sent", {"type": "connection_ack"})])
    await scene.connection.receive('{"type":"subscribe","id":"1","payload":{"query":"sub endless"}}')
    await until(lambda: scene.words.open_streams == 1)
    scene.wire.room.clear()
    await until(lambda: scene.wire.closes)
    assert scene.wire.closes == [(4490, "Too slow: read faster or subscribe to less")]
    await until(lambda: scene.words.open_streams == 0)
    await ended(scene)


async def test_results_that_wait_are_forgotten_when_the_client_completes():
    scene = connected()
    await scene.connection.receive('{"type":"connection_init"}')
    await until(lambda: scene.wire.log == [("sent", {"type": "connection_ack"})])
    scene.wire.room.clear()
    await scene.connection.receive('{"type":"subscribe","id":"1","payload":{"query":"sub endless"}}')
    await until(lambda: scene.words.open_streams == 1 and len(scene.wire.log) == 2)
    await scene.connection.receive('{"type":"complete","id":"1"}')
    scene.wire.room.set()
    await scene.connection.receive('{"type":"ping"}')
    await until(lambda: scene.wire.log[-1] == ("sent", {"type": "pong"}))
    assert [what["type"] for _, what in scene.wire.log] == ["connection_ack", "next", "pong"]
    await ended(scene)


async def test_a_bug_outside_every_operation_closes_with_4500(log_watch):
    log_watch.expect("socket task failed")
    scene = connected()
    await scene.connection.receive('{"type":"connection_init","payload":{}}')
    await until(lambda: scene.wire.closes)
    assert scene.wire.closes == [(4500, "Something went wrong")]
    await ended(scene)


@pytest.mark.parametrize("end", ["close", "abort", "drain"])
async def test_each_way_out_ends_every_task(end):
    scene = connected()
    await scene.connection.receive('{"type":"connection_init"}')
    await until(lambda: scene.wire.log == [("sent", {"type": "connection_ack"})])
    for id_, query in enumerate(("sub endless", "ask", "change")):
        message = {"type": "subscribe", "id": str(id_), "payload": {"query": query}}
        await scene.connection.receive(orjson.dumps(message).decode())
    if end == "close":
        scene.connection.close(1001, "bye")
    elif end == "abort":
        await scene.connection.abort()
        assert scene.wire.aborted
    else:
        draining = asyncio.create_task(scene.connection.drain(1), name="drain")
        await until(lambda: scene.wire.closes)
        scene.connection.lost()
        await draining
        assert scene.wire.closes == [(1001, "The server is going away")]
    await ended(scene)


async def test_a_client_that_vanishes_while_it_is_made_to_wait_leaves_nothing():
    scene = connected(Limits(max_operations=3, max_running=2, outbox_frames=2))
    await scene.connection.receive('{"type":"connection_init"}')
    await until(lambda: scene.wire.log == [("sent", {"type": "connection_ack"})])
    scene.wire.room.clear()
    asks = [orjson.dumps({"type": "subscribe", "id": id_, "payload": {"query": "ask"}}).decode() for id_ in "abc"]
    for ask in asks:
        await scene.connection.receive(ask)
    waiting = asyncio.create_task(scene.connection.receive('{"type":"ping"}'), name="receive")
    await until(lambda: len(scene.wire.log) == 2)
    assert not waiting.done()
    scene.wire.abort()
    scene.wire.room.set()
    await until(lambda: len(scene.sockets) == 0)
    await waiting
