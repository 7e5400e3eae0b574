"""What no client library sends, at both socket doors: each mistake has its code, and nobody else notices."""

from __future__ import annotations

import asyncio
import zlib

import pytest

from handlers.websocket_base import SocketManners
from realtime.messages import SUBPROTOCOL
from realtime.player.limits import PlayerLimits
from tests.realtime.player.street import open_street
from tests.realtime.raw_socket import BINARY, CLOSE, CONTINUATION, PING, PONG, RSV1, RSV2, RSV3, TEXT, RawSocket, frame
from tests.realtime.small_house import open_house, until

PING_OP = b'{"op":"ping","id":"p"}'
SOUND = "é漢🎵".encode()
BOMB = zlib.compress(b"0" * 10_000_000)
MOST = 64_000

WRONG = {
    "the first reserved bit": ([frame(TEXT, PING_OP, rsv=RSV1)], 1002),
    "the second reserved bit": ([frame(TEXT, PING_OP, rsv=RSV2)], 1002),
    "the third reserved bit": ([frame(PING, b"", rsv=RSV3)], 1002),
    "a deflate bomb nobody agreed on": ([frame(TEXT, BOMB, rsv=RSV1)], 1002),
    "a frame that is not masked": ([frame(TEXT, PING_OP, masked=False)], 1002),
    "a ping that is not masked": ([frame(PING, b"", masked=False)], 1002),
    "an unknown data frame": ([frame(0x3, b"x")], 1002),
    "an unknown control frame": ([frame(0xB, b"x")], 1002),
    "a ping of 126 bytes": ([frame(PING, b"x" * 126)], 1002),
    "a ping in pieces": ([frame(PING, b"x", final=False)], 1002),
    "a close in pieces": ([frame(CLOSE, b"\x03\xe8", final=False)], 1002),
    "a continuation of nothing": ([frame(CONTINUATION, b"x")], 1002),
    "a piece of a continuation of nothing": ([frame(CONTINUATION, b"x", final=False)], 1002),
    "a message inside a message": ([frame(TEXT, b"{", final=False), frame(TEXT, b"}")], 1002),
    "two beginnings": ([frame(TEXT, b"{", final=False), frame(BINARY, b"}", final=False)], 1002),
    "a length in more bytes than it takes": ([frame(TEXT, PING_OP, wide=2)], 1002),
    "a length in far more bytes than it takes": ([frame(TEXT, b"x" * 300, wide=8)], 1002),
    "a length of more than there is": ([frame(TEXT, b"x", length=2**63, wide=8)], 1002),
    "a length of a gigabyte": ([frame(TEXT, b"x", length=2**30, wide=8)], 1009),
    "a byte too many": ([frame(TEXT, b"x" * (MOST + 1))], 1009),
    "a byte too many in pieces": ([frame(TEXT, b"x" * MOST, final=False), frame(CONTINUATION, b"x")], 1009),
    "half a character at the end": ([frame(TEXT, SOUND[:-1])], 1007),
    "half a character at the end of pieces": (
        [frame(TEXT, SOUND[:3], final=False), frame(CONTINUATION, SOUND[3:-1])],
        1007,
    ),
    "a lone surrogate": ([frame(TEXT, b'"\xed\xa0\x80"')], 1007),
    "an overlong slash": ([frame(TEXT, b'"\xc0\xaf"')], 1007),
    "a close of one byte": ([frame(CLOSE, b"\x03")], 1002),
    "a close with a reason that is no text": ([frame(CLOSE, b"\x03\xe8\xff\xfe")], 1007),
    **{
        f"a close with {code}": ([frame(CLOSE, code.to_bytes(2))], 1002)
        for code in (0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65535)
    },
    **{
        f"a close with {code}": ([frame(CLOSE, code.to_bytes(2))], code)
        for code in (1000, 1001, 1003, 1011, 3000, 4999)
    },
    "a close that says nothing": ([frame(CLOSE)], 0),
}


@pytest.fixture
async def doors(tmp_path):
    """Both socket doors, and a peer who behaves at each."""
    manners = SocketManners(max_frame_bytes=MOST)
    async with open_street(tmp_path, manners=manners) as street, open_house(socket_manners=manners) as house:
        ann = await street.rig.sign_in("ann")
        async with street.greeted(ann) as other:
            street.other, street.ann = other, ann
            yield {"players": (street.url, None), "graphql": (house.url, SUBPROTOCOL)}, street, house


async def test_every_mistake_has_its_code_at_both_doors(doors):
    urls, street, house = doors
    for url, protocol in urls.values():
        for name, (pieces, code) in WRONG.items():
            async with RawSocket(url, protocol=protocol) as raw:
                assert "Sec-WebSocket-Extensions" not in raw.head
                raw.send(*pieces)
                told, reason = await raw.closed()
                assert told == code, (name, told, reason)
    assert (await street.other.ask("ping", "2"))["ok"] is True
    await until(lambda: (len(street.sockets), len(house.sockets)) == (1, 0))


async def test_pieces_with_control_frames_between_are_one_message(doors):
    _, street, _ = doors
    async with RawSocket(street.url) as raw:
        at_any_place = [frame(TEXT, PING_OP[:1], final=False)]
        for byte in PING_OP[1:-1]:
            at_any_place += [frame(PING, b"still"), frame(PONG, b"unasked")]
            at_any_place.append(frame(CONTINUATION, bytes([byte]), final=False))
        at_any_place += [frame(CONTINUATION, b"", final=False), frame(CONTINUATION, PING_OP[-1:])]
        raw.send(*at_any_place)
        assert await raw.next(PONG) == b"still"
        assert (await raw.next())["re"] == "p"
        text = '{"op":"ping","id":"é漢🎵"}'.encode()
        cut = text.index("🎵".encode()) + 2
        raw.send(frame(TEXT, text[:cut], final=False), frame(CONTINUATION, text[cut:]))
        assert (await raw.next())["re"] == "é漢🎵"
        raw.send(frame(PING, b"x" * 125))
        assert await raw.next(PONG) == b"x" * 125


async def test_who_was_told_of_a_mistake_is_heard_no_more_and_hung_up_on(doors):
    _, street, _ = doors
    async with RawSocket(street.url) as raw:
        raw.send(frame(CONTINUATION, b"x"), *[{"op": "hello", "id": "1", "token": street.ann.token}] * 2)
        assert (await raw.closed())[0] == 1002
        for _ in range(20):
            raw.send(frame(TEXT, b"x" * 60_000))
        await raw.hung_up()
    await until(lambda: len(street.sockets) == 1)
    assert street.parts.crowd._people.total() == 1


async def test_a_flood_of_pings_is_slowed_down_and_costs_no_memory(doors):
    _, street, _ = doors
    async with RawSocket(street.url) as raw:
        raw.send({"op": "ping", "id": "first"})
        assert (await raw.next())["re"] == "first"
        before = set(street.sockets._sockets)
        for _ in range(100):
            raw.send(b"".join(frame(PING, b"x" * 100) for _ in range(20)))
        started = asyncio.get_running_loop().time()
        assert (await street.other.ask("ping", "2"))["ok"] is True
        assert asyncio.get_running_loop().time() - started < 2.0
        [mine] = [each for each in before if not each.viewer.signed_in]
        stream = mine._wire._handler.ws_connection.stream
        assert len(stream._write_buffer) < 100_000
        assert mine._wire._handler.ws_connection._extras_left < 0, "it is read on later"


async def test_an_unfinished_message_does_not_keep_a_silent_player(tmp_path):
    async with open_street(tmp_path, limits=PlayerLimits(hello_s=0.0)) as street, RawSocket(street.url) as raw:
        raw.send(frame(TEXT, b"{", final=False))
        assert (await raw.closed())[0] == 4408
