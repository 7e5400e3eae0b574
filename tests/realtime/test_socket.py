"""The `/graphql` socket, server and client real: every close code, limits, slow clients, the way out."""

import asyncio
import base64
import contextlib
import os
import struct

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from handlers.socket import token_in
from handlers.strict_protocol import legal_close_code
from handlers.websocket_base import SocketManners
from realtime.player.crowd import CrowdLimits
from realtime.transport import Limits
from services.errors import Unauthenticated
from services.events import SessionEnded
from tests.realtime.small_house import open_house, until


async def test_a_query_a_mutation_and_a_subscription_on_one_socket():
    async with open_house() as house, house.client() as ann:
        assert await ann.init("ann") == {"type": "connection_ack"}
        await ann.subscribe("query Q($a: Boolean = true) { me @include(if: $a) hello }", variables={"a": True})
        assert await ann.receive() == {
            "type": "next", "id": "1", "payload": {"data": {"me": "ann", "hello": "world"}}
        }  # fmt: skip
        assert await ann.receive() == {"type": "complete", "id": "1"}
        await ann.subscribe('mutation { play(songId: "s") }')
        assert (await ann.receive())["payload"] == {"data": {"play": True}}
        assert await ann.receive() == {"type": "complete", "id": "1"}
        await ann.subscribe("subscription { count(to: 3) }")
        assert [(await ann.receive())["payload"]["data"]["count"] for _ in range(3)] == [1, 2, 3]
        assert await ann.receive() == {"type": "complete", "id": "1"}


@pytest.mark.parametrize("token", ["", "ann", "ann/tablet"])
async def test_who_says_nothing_is_nobody_and_who_shows_a_token_is_somebody(token):
    async with open_house() as house, house.client() as client:
        payload = {"Authorization": f"Bearer {token}"} if token else None
        await client.send({"type": "connection_init", "payload": payload})
        assert (await client.receive())["type"] == "connection_ack"
        await client.subscribe("{ me }")
        assert (await client.receive())["payload"] == {"data": {"me": "ann" if token else None}}


async def test_4400_for_what_is_no_message():
    async with open_house() as house:
        for frame, reason in [
            ("{nope", "The message is not JSON"),
            (b"\xff\x00", "Binary frames are not part of this protocol; send JSON text"),
            ({"type": "start"}, "Unknown message type 'start'"),
            ({"type": "subscribe", "id": "1", "payload": {"query": 1}}, "payload.query must be a string"),
        ]:
            async with house.client() as client:
                await client.init()
                await client.send(frame)
                assert await client.closed() == (4400, reason)


async def test_people_and_addresses_have_no_more_sockets_than_they_may():
    async with open_house(crowd=CrowdLimits(per_user=1, per_address=2)) as house:
        async with house.client() as one, house.client() as two:
            await one.init("ann")
            await two.send({"type": "connection_init", "payload": {"token": "ann"}})
            assert await two.closed() == (1013, "You have 1 sockets open; close one first.")
            await until(lambda: len(house.crowd) == 1)
            async with house.client() as other, house.client() as third:
                await other.init("bob")
                assert await third.closed() == (1013, "Too many sockets of your address")
        await until(lambda: len(house.crowd) == 0)
        async with house.client() as again:
            assert await again.init("ann") == {"type": "connection_ack"}


async def test_4401_before_the_ack():
    async with open_house() as house, house.client() as client:
        await client.subscribe("{ hello }")
        assert await client.closed() == (4401, "Unauthorized: wait for connection_ack")


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        ({"token": "bad"}, "Forbidden: Sign in again."),
        ({"token": 7}, "Forbidden: the token is not a string"),
        ({"Authorization": "Basic x"}, "Forbidden: use Authorization: Bearer TOKEN"),
    ],
)
async def test_4403_for_a_token_that_is_not_good(payload, reason):
    async with open_house() as house, house.client() as client:
        await client.send({"type": "connection_init", "payload": payload})
        await client.subscribe("{ hello }", id="never")
        code, said = await client.closed()
        assert (code, said) in [(4403, reason), (4401, "Unauthorized: wait for connection_ack")]
        async with house.client() as patient:
            await patient.send({"type": "connection_init", "payload": payload})
            assert await patient.closed() == (4403, reason)


async def test_4403_the_moment_a_token_runs_out_and_not_when_it_is_renewed():
    async with open_house() as house:
        house.doorman.lasts_s = {"ann": 0.4, "ann/renewed": 60.0}
        async with house.client() as late, house.client() as wise:
            ack = await late.init("ann")
            assert ack["payload"]["expiresAt"].endswith("+00:00")
            await wise.init("ann")
            await late.subscribe("subscription { forever }")
            await wise.send({"type": "ping", "payload": {"token": "ann/renewed"}})
            pong = await wise.receive()
            assert pong["type"] == "pong"
            assert pong["payload"]["expiresAt"] > ack["payload"]["expiresAt"]
            assert "token" not in str(pong)
            assert await late.closed() == (4403, "Forbidden: the token has expired")
            await wise.subscribe("{ me }")
            assert (await wise.receive())["payload"] == {"data": {"me": "ann"}}


async def test_4403_for_renewing_with_somebody_elses_token_or_a_bad_one():
    async with open_house() as house:
        for first, second, reason in [
            ("ann", "bob", "Forbidden: this socket belongs to somebody else"),
            (None, "ann", "Forbidden: this socket belongs to somebody else"),
            ("ann", "bad", "Forbidden: Sign in again."),
        ]:
            async with house.client() as client:
                await client.init(first)
                await client.send({"type": "ping", "payload": {"token": second}})
                assert await client.closed() == (4403, reason)


async def test_4403_at_once_when_the_session_ends_and_only_for_that_session():
    async with open_house() as house, house.client() as phone, house.client() as tablet:
        await phone.init("ann/phone")
        await tablet.init("ann/tablet")
        await phone.subscribe("subscription { forever }")
        house.bus.publish(SessionEnded("ann", "phone"))
        assert await phone.closed() == (4403, "Forbidden: the session has ended")
        await tablet.subscribe("{ me }")
        assert (await tablet.receive())["payload"] == {"data": {"me": "ann"}}
        async with house.client() as again:
            await again.send({"type": "connection_init", "payload": {"token": "ann/phone"}})
            assert await again.closed() == (4403, "Forbidden: the session has ended")


@pytest.mark.parametrize("offered", [None, ["graphql-ws"], ["nope", "neither"]])
async def test_4406_without_our_subprotocol(offered):
    async with open_house() as house, house.client(subprotocols=offered) as client:
        assert await client.closed() == (4406, "Subprotocol not acceptable: offer graphql-transport-ws")


async def test_ours_is_chosen_among_several_subprotocols():
    async with open_house() as house, house.client(subprotocols=["a", "graphql-transport-ws"]) as client:
        assert client.ws.subprotocol == "graphql-transport-ws"


async def test_4408_without_an_init():
    async with open_house(limits=Limits(init_wait_s=0.15)) as house, house.client() as client:
        await client.send({"type": "ping"})
        assert await client.closed() == (4408, "Connection initialisation timeout")


async def test_4409_for_an_id_in_use_by_any_kind_of_operation():
    async with open_house() as house:
        for query in ("subscription { forever }", "{ wait }"):
            async with house.client() as client:
                await client.init()
                await client.subscribe(query, id="é1")
                await client.subscribe("{ hello }", id="é1")
                assert await client.closed() == (4409, "Subscriber for é1 already exists")


async def test_4429_for_a_second_init():
    async with open_house() as house:
        for times in (1, 2):
            async with house.client() as client:
                for _ in range(times):
                    await client.send({"type": "connection_init"})
                await client.send({"type": "connection_init"})
                assert await client.closed() == (4429, "Too many initialisation requests")


async def test_4500_for_a_bug_of_ours_without_its_words(log_watch):
    log_watch.expect("socket task failed")
    async with open_house() as house, house.client() as client:
        await client.send({"type": "connection_init", "payload": {"token": "bug"}})
        assert await client.closed() == (4500, "Something went wrong")


async def test_1013_while_the_stores_are_away_or_the_house_is_full():
    async with open_house(max_sockets=1) as house, house.client() as client:
        await client.send({"type": "ping"})
        await client.receive()
        async with house.client() as second:
            assert await second.closed() == (1013, "No room for another socket just now")
        await client.send({"type": "connection_init", "payload": {"token": "away"}})
        assert await client.closed() == (1013, "The store is away.")


async def test_1009_for_a_message_that_is_too_large():
    limits, manners = Limits(max_message_bytes=1000), SocketManners(max_frame_bytes=4000)
    async with open_house(limits=limits, socket_manners=manners) as house:
        async with house.client() as client:
            await client.init()
            await client.subscribe("#" * 2000)
            assert await client.closed() == (1009, "A message has at most 1000 bytes")
        async with house.client() as client:
            await client.init()
            await client.subscribe("#" * 5000)
            code, _ = await client.closed()
            assert code in (1009, 1006), "the frame layer does not read on to say it"


async def test_failures_stay_with_their_operation(log_watch):
    log_watch.expect("socket operation failed")
    async with open_house() as house, house.client() as client:
        await client.init("bob")
        cases = [
            ("{", "Syntax Error: Expected Name, found <EOF>.", None),
            ("{ nope }", "Cannot query field 'nope' on type 'Query'.", None),
            ('subscription { nowPlaying(userId: "stranger") { at } }', "No such listener.", "NOT_FOUND"),
            ("query explode { hello }", "Something went wrong.", "INTERNAL"),
        ]
        for query, message, code in cases:
            await client.subscribe(query)
            answer = await client.receive()
            assert (answer["type"], answer["id"]) == ("error", "1"), answer
            assert answer["payload"][0]["message"] == message
            if code == "INTERNAL":
                assert answer["payload"][0]["extensions"]["code"] == code
        await client.subscribe("{ hello missing }")
        partly = await client.receive()
        assert partly["type"] == "next"
        assert partly["payload"]["data"] == {"hello": "world", "missing": None}
        assert partly["payload"]["errors"][0]["extensions"] == {"code": "NOT_FOUND"}
        assert await client.receive() == {"type": "complete", "id": "1"}


async def test_a_stream_that_fails_ends_with_an_error_and_hides_what_is_a_bug(log_watch):
    log_watch.expect("socket operation failed")
    async with open_house() as house, house.client() as client:
        await client.init()
        for query, message in [
            ("subscription { boom }", "It is gone."),
            ("subscription { refused }", "Something went wrong."),
        ]:
            await client.subscribe(query)
            assert (await client.receive())["payload"]["data"] is not None
            answer = await client.receive()
            assert answer["type"] == "error"
            assert answer["payload"][0]["message"] == message
        await client.subscribe("{ hello }")
        assert (await client.receive())["type"] == "next"


async def test_nothing_comes_for_an_id_after_its_complete():
    async with open_house() as house, house.client() as client:
        await client.init()
        await client.subscribe("subscription { flood(bytes: 10) }", id="a")
        await client.receive()
        await client.send({"type": "complete", "id": "a"})
        await client.send({"type": "ping", "payload": {"mark": 1}})
        while (await client.receive())["type"] != "pong":
            pass
        await client.subscribe("{ hello }", id="b")
        assert [(await client.receive())["id"] for _ in range(2)] == ["b", "b"]
        await until(lambda: house.graph.open_streams == 0)


async def test_a_burst_of_queries_beyond_every_bound_is_answered_and_subscriptions_are_bounded():
    async with open_house(limits=Limits(max_operations=4, max_running=2)) as house, house.client() as client:
        await client.init()
        for number in range(60):
            await client.subscribe("{ hello }", id=str(number))
        ids = [(m["type"], m["id"]) for m in [await client.receive() for _ in range(120)]]
        assert sorted(ids) == sorted((t, str(n)) for n in range(60) for t in ("next", "complete"))
        for id_ in "abcd":
            await client.subscribe('subscription { nowPlaying(userId: "x") { at } }', id=id_)
            assert (await client.receive())["type"] == "error"
        await client.ws.close()
        async with house.client() as ann:
            await ann.init("ann")
            for id_ in "abcde":
                await ann.subscribe('subscription { nowPlaying(userId: "bob") { at } }', id=id_)
            refusal = await ann.receive()
            assert (refusal["type"], refusal["id"]) == ("error", "e")
            assert refusal["payload"][0]["extensions"] == {"code": "TOO_MANY"}


async def test_a_client_that_talks_too_fast_is_slowed_down_and_loses_nothing():
    limits = Limits(messages_per_s=100, message_burst=10)
    async with open_house(limits=limits) as house, house.client() as client:
        await client.init()
        started = house.clock.monotonic()
        for number in range(40):
            await client.send({"type": "ping", "payload": {"n": number}})
        assert [(await client.receive())["payload"]["n"] for _ in range(40)] == list(range(40))
        assert house.clock.monotonic() - started >= 0.25


async def test_a_slow_client_is_sent_away_and_costs_the_others_nothing():
    limits = Limits(outbox_frames=4, slow_client_s=0.4)
    async with open_house(limits=limits) as house, house.client(max_queue=1) as slow, house.client() as quick:
        await slow.init()
        await quick.init()
        await slow.subscribe("subscription { flood(bytes: 400000) }")
        await until(lambda: house.graph.open_streams == 1)
        for number in range(20):
            await quick.subscribe("{ hello }", id=str(number))
            assert (await asyncio.wait_for(quick.receive(), 1))["id"] == str(number)
            await quick.receive()
        await until(lambda: house.graph.open_streams == 0)
        assert await slow.closed() == (4490, "Too slow: read faster or subscribe to less")
        await until(lambda: len(house.sockets) == 1)


async def test_draining_lets_operations_finish_refuses_new_ones_and_closes_with_1001():
    async with open_house() as house, house.client() as busy, house.client() as idle:
        await busy.init()
        await idle.init()
        await busy.subscribe("mutation { slow }")
        await busy.subscribe("subscription { forever }", id="2")
        assert (await busy.receive())["id"] == "2"
        draining = asyncio.create_task(house.sockets.drain(5), name="drain")
        assert await idle.closed() == (1001, "The server is going away")
        await busy.subscribe("{ hello }", id="3")
        while (refusal := await busy.receive())["id"] != "3":
            pass
        assert refusal["payload"][0]["extensions"] == {"code": "UNAVAILABLE"}
        house.graph.release.set()
        while (answer := await busy.receive())["id"] != "1":
            pass
        assert answer["payload"] == {"data": {"slow": True}}
        assert await busy.closed() == (1001, "The server is going away")
        await draining
        assert len(house.sockets) == 0
        async with house.client() as late:
            assert await late.closed() == (1001, "The server is going away")


async def test_draining_does_not_wait_for_ever(log_watch):
    log_watch.expect("sockets torn down")
    async with open_house() as house:
        reader, writer = await handshake(house)
        writer.write(masked(0x1, b'{"type":"connection_init"}'))
        await reader.readuntil(b"connection_ack")
        await asyncio.wait_for(house.sockets.drain(0, 0.1), 2)
        assert len(house.sockets) == 0
        await hang_up(writer)


async def test_a_mutation_ends_by_itself_when_its_client_is_gone():
    async with open_house() as house:
        async with house.client() as client:
            await client.init()
            await client.subscribe("mutation { slow }")
            await client.subscribe("subscription { forever }", id="2")
            await client.receive()
        await until(lambda: house.graph.open_streams == 0)
        assert len(house.sockets) == 1
        house.graph.release.set()
        await until(lambda: len(house.sockets) == 0)
        assert house.graph.finished_mutations == 1


async def test_a_torn_connection_leaves_nothing_behind():
    async with open_house() as house:
        for _ in range(5):
            async with house.client() as client:
                await client.init("ann")
                await client.subscribe('subscription { nowPlaying(userId: "bob") { at } }')
                await client.subscribe("subscription { forever }", id="2")
                await client.receive()
                client.ws.transport.abort()
        await until(lambda: len(house.sockets) == 0 and len(house.hub) == 0 and house.graph.open_streams == 0)


@pytest.mark.parametrize("origin", [None, "same", "https://friend.test"])
async def test_same_origin_listed_origins_and_non_browsers_come_in(origin):
    async with open_house() as house:
        headers = {} if origin is None else {"Origin": f"http://127.0.0.1:{house.port}" if origin == "same" else origin}
        async with house.client(additional_headers=headers) as client:
            await client.init()


@pytest.mark.parametrize("origin", ["https://evil.test", "null"])
async def test_other_origins_stay_outside(origin, log_watch):
    log_watch.expect("403 GET /graphql")
    async with open_house() as house:
        with pytest.raises(InvalidStatus) as refusal:
            async with house.client(additional_headers={"Origin": origin}):
                pass
        assert refusal.value.response.status_code == 403
        assert len(house.sockets) == 0


async def test_compression_is_not_negotiated():
    async with open_house() as house, house.client(compression="deflate") as client:
        assert client.ws.response.headers.get("Sec-WebSocket-Extensions") is None


async def test_a_dead_peer_is_found_by_pings():
    manners = SocketManners(ping_interval_s=0.1, ping_timeout_s=0.1)
    async with open_house(socket_manners=manners) as house:
        _, writer = await handshake(house)
        await until(lambda: len(house.sockets) == 1)
        await until(lambda: len(house.sockets) == 0)
        await hang_up(writer)


def masked(opcode, payload):
    mask = os.urandom(4)
    length = bytes([0x80 | len(payload)])
    return bytes([0x80 | opcode]) + length + mask + bytes(b ^ mask[i % 4] for i, b in enumerate(payload))


async def handshake(house):
    reader, writer = await asyncio.open_connection("127.0.0.1", house.port)
    key = base64.b64encode(os.urandom(16)).decode()
    writer.write(
        f"GET /graphql HTTP/1.1\r\nHost: 127.0.0.1:{house.port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n".encode()
    )
    head = await reader.readuntil(b"\r\n\r\n")
    assert b" 101 " in head
    return reader, writer


async def hang_up(writer):
    writer.close()
    with contextlib.suppress(OSError):
        await writer.wait_closed()


async def answer_to(house, frame):
    reader, writer = await handshake(house)
    writer.write(frame)
    header = await asyncio.wait_for(reader.readexactly(2), 5)
    body = await reader.readexactly(header[1])
    await hang_up(writer)
    assert header[0] == 0x88, "a close frame"
    return struct.unpack(">H", body[:2])[0] if body else None


async def test_illegal_closes_are_answered_1002_and_legal_ones_echoed():
    async with open_house() as house:
        for code in (0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65535):
            assert not legal_close_code(code)
            assert await answer_to(house, masked(0x8, struct.pack(">H", code))) == 1002, code
        for code in (1000, 1001, 1003, 1007, 1014, 3000, 4999):
            assert await answer_to(house, masked(0x8, struct.pack(">H", code) + b"bye")) == code
        assert await answer_to(house, masked(0x8, b"")) is None
        assert await answer_to(house, masked(0x8, b"\x03")) == 1002
        assert await answer_to(house, masked(0x8, b"\x03\xe8\xff")) == 1007
        assert await answer_to(house, masked(0x1, b"\xff\xfe")) == 1007


def test_where_a_token_may_be():
    assert token_in(None) is None
    assert token_in({"other": 1}) is None
    assert token_in({"token": " t "}) == "t"
    assert token_in({"Authorization": "bearer t"}) == "t"
    for wrong in ({"token": ""}, {"token": {}}, {"Authorization": "t"}, {"Authorization": 1}):
        with pytest.raises(Unauthenticated):
            token_in(wrong)


async def test_nothing_is_sent_to_a_client_that_said_goodbye():
    async with open_house() as house, house.client() as client:
        await client.init()
        await client.subscribe("subscription { forever }")
        await client.receive()
        await client.ws.close(1000)
        with pytest.raises(ConnectionClosed):
            await client.send("{}")
        await until(lambda: len(house.sockets) == 0)
