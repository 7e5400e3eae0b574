"""How a client speaks to each contestant: what it says, what it is answered, and where a delivery bears its moment.

Owns WebSocket framing as a client does it, and three languages above it: the players' protocol, Socket.IO's over
Engine.IO 4, and Centrifuge's in JSON. Refuses to know sockets.
"""

from __future__ import annotations

import base64
import json
import os
import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

PONG_HEAD = b"\x8a\x80\0\0\0\0"
TEXT, PING = 1, 9


def masked(text: bytes) -> bytes:
    """A client's text frame. A mask of zeros is a mask, and costs nothing."""
    size = len(text)
    head = bytes([0x81, 0x80 | size]) if size < 126 else b"\x81\xfe" + struct.pack(">H", size)
    return head + b"\0\0\0\0" + text


def handshake(path: str) -> bytes:
    """The request for a socket."""
    key = base64.b64encode(os.urandom(16)).decode()
    lines = [f"GET {path} HTTP/1.1", "Host: here", "Upgrade: websocket", "Connection: Upgrade"]
    lines += ["Sec-WebSocket-Version: 13", f"Sec-WebSocket-Key: {key}", "", ""]
    return "\r\n".join(lines).encode()


def frames_of(buffer: bytes) -> tuple[list[tuple[int, bytes]], bytes]:
    """The whole frames at the beginning, each with its opcode, and what is left."""
    found: list[tuple[int, bytes]] = []
    at, length = 0, len(buffer)
    while length - at >= 2:
        size, start = buffer[at + 1] & 127, at + 2
        if size >= 126:
            width, form = (2, ">H") if size == 126 else (8, ">Q")
            if length < start + width:
                break
            size, start = struct.unpack_from(form, buffer, start)[0], start + width
        if length < start + size:
            break
        found.append((buffer[at] & 15, buffer[start : start + size]))
        at = start + size
    return found, buffer[at:]


@dataclass(frozen=True, slots=True)
class Dialect:
    """One language. `says` is what a client says, each sentence after the answer to the one before."""

    path: str
    says: Callable[[bool], list[bytes]]
    """The sentences of one who comes in, and follows if so asked."""
    hears_first: int
    """How many frames come before it may speak."""
    asks: Callable[[str, dict[str, Any]], bytes]
    """A question: what is to be done, and with what."""
    answer: Callable[[bytes], dict[str, Any] | None]
    """What a frame answers to a question, None when it is none."""
    ping: bytes | None = None
    pong: bytes = b""


def _player_says(follows: bool) -> list[bytes]:
    hello = {"op": "hello", "id": "1", "token": "bench"}
    follow = {"op": "follow", "id": "2", "topic": "queue:bench"}
    return [json.dumps(each).encode() for each in [hello, follow][: 1 + follows]]


def _player_answer(frame: bytes) -> dict[str, Any] | None:
    said: dict[str, Any] = json.loads(frame)
    return said if said.get("re") == "ask" else None


def _socket_io_answer(frame: bytes) -> dict[str, Any] | None:
    """An acknowledgement, `43`, of the question with id 7."""
    return dict(json.loads(frame[3:])[0]) if frame.startswith(b"437") else None


PLAYER = Dialect(
    "/ws",
    _player_says,
    0,
    lambda op, members: json.dumps({"op": f"bench.{op}", "id": "ask", **members}).encode(),
    _player_answer,
)


def _centrifuge_asks(op: str, members: dict[str, Any]) -> bytes:
    asked: dict[str, Any] = {"rpc": {"method": op}}
    if op == "say":
        said = {"rev": members["n"], "at": members["at"], "pad": "x" * members["pad"]}
        asked = {"publish": {"channel": "bench", "data": said}}
    return json.dumps({"id": 7, **asked}, separators=(",", ":")).encode()


def _centrifuge_answer(frame: bytes) -> dict[str, Any] | None:
    """Answers and news may come in one frame, a line each."""
    for line in frame.splitlines():
        said = json.loads(line)
        if said.get("id") == 7:
            assert "error" not in said, said
            return dict(said.get("rpc", {}).get("data", {}))
    return None


CENTRIFUGE = Dialect(
    "/connection/websocket",
    lambda follows: [b'{"id":1,"connect":{}}', b'{"id":2,"subscribe":{"channel":"bench"}}'][: 1 + follows],
    0,
    _centrifuge_asks,
    _centrifuge_answer,
    ping=b"{}",
    pong=b"{}",
)
SOCKET_IO = Dialect(
    "/socket.io/?EIO=4&transport=websocket",
    # `40` joins the namespace, as a hello does with a token; `42` is an event, and a number behind it wants an answer.
    lambda follows: [b'40{"token":"bench"}', b'421["follow"]'][: 1 + follows],
    1,
    lambda op, members: b"427" + json.dumps([op, members]).encode(),
    _socket_io_answer,
    ping=b"2",
    pong=b"3",
)


def moment_of(frame: bytes) -> float | None:
    """When a delivery was published, by the monotonic clock that all processes of a machine share."""
    at = frame.find(b'"at":')
    if at < 0:
        return None
    end = at + 5
    while frame[end] in b"0123456789.e-+":
        end += 1
    return float(frame[at + 5 : end])


DIALECTS = {"player": PLAYER, "socket.io": SOCKET_IO, "centrifuge": CENTRIFUGE}
