"""Garbage over sockets: frames of `/ws` and of graphql-transport-ws, wrong inside, and wrong in form."""

from __future__ import annotations

import asyncio
import contextlib
import json
import struct
from typing import Any

import orjson

from tests.faults.fuzz.graphql_kinds import written
from tests.faults.fuzz.house import FuzzedHouse
from tests.faults.fuzz.kinds import Kind, Trouble
from tests.faults.fuzz.mutator import Mutator
from tests.faults.fuzz.wire import BOUND_S, Hang
from tests.realtime.player.mutations import shown_frames
from tests.realtime.raw_socket import BINARY, CLOSE, CONTINUATION, PING, PONG, TEXT, RawSocket, frame

LARGEST = 60_000
OPCODES = [CONTINUATION, TEXT, TEXT, TEXT, BINARY, CLOSE, PING, PONG, 3, 11]


class Socket(Kind):
    """A socket that is opened again whenever it was closed."""

    path: str
    protocol: str | None = None

    def __init__(self, house: FuzzedHouse, lane: int) -> None:
        super().__init__(house, lane)
        self.socket: RawSocket | None = None
        self.number = 0
        self.sent = b""

    async def come(self) -> RawSocket:
        """An open socket on which everybody knows who speaks."""
        await self.leave()
        opened = RawSocket(f"ws://127.0.0.1:{self.house.port}{self.path}", protocol=self.protocol)
        await opened.__aenter__()
        self.socket, self.sent = opened, b"a greeting"
        await self.greet(opened)
        return opened

    async def greet(self, socket: RawSocket) -> None:
        """Say who speaks."""
        raise NotImplementedError

    async def leave(self) -> None:
        """Hang up."""
        socket, self.socket = self.socket, None
        if socket is not None:
            await socket.__aexit__()
        await super().leave()

    async def until(self, socket: RawSocket, is_last: Any) -> str | None:
        """Read frames up to the one that is waited for: None; or how the socket was closed. Hang after the bound."""
        try:
            async with asyncio.timeout(BOUND_S):
                while True:
                    opcode, data = await socket.receive()
                    if opcode == PING:
                        socket.send(frame(PONG, data))
                    if opcode == CLOSE:
                        code = struct.unpack("!H", data[:2])[0] if data else 0
                        await self.leave()
                        if code in (1011, 4500, 1006):
                            raise Trouble(f"closed with {code} {data[2:]!r}")
                        return f"closed {code}"
                    if opcode == TEXT:
                        if b'"INTERNAL"' in data:
                            raise Trouble(f"{data[:600]!r}")
                        if is_last(orjson.loads(data)):
                            return None
        except (asyncio.IncompleteReadError, ConnectionError):
            await self.leave()
            return "hung up"
        except TimeoutError:
            await self.leave()
            raise Hang(f"no answer and no close; last sent {self.sent[:600]!r}") from None

    def raw(self, by: Mutator, data: bytes) -> bytes:
        """One or more frames that no client would send."""
        pieces = []
        for _ in range(by.of([1, 1, 2, 5])):
            told = by.of([None, None, None, 0, 125, 126, 127, 65_535, 65_536, 2**31, 2**63 - 1])
            pieces.append(
                frame(
                    by.of(OPCODES), data[: by.of([0, 1, 2, 125, 126, 3000])], final=by.chance.random() < 0.8,
                    rsv=by.of([0, 0, 0, 0x40, 0x20, 0x10]), masked=by.chance.random() < 0.9, length=told,
                    wide=by.of([None, None, 1, 2, 8]),
                )
            )  # fmt: skip
        sent = b"".join(pieces)
        return by.data(sent, most=2) if by.chance.random() < 0.5 else sent

    async def finish_raw(self, socket: RawSocket, sent: bytes) -> str:
        """Send it, end our half, and read on until the server ends too."""
        socket.send(sent)
        with contextlib.suppress(OSError):
            socket.writer.write_eof()
        told = await self.until(socket, lambda _: False)
        return f"raw: {told}"


class Players(Socket):
    """`/ws`."""

    name, share, lanes, door, path = "/ws frames", 14, 4, "/ws", "/ws"
    frames: list[dict[str, Any]] = [each for each in shown_frames() if each["op"] not in ("hello", "renew")]

    async def greet(self, socket: RawSocket) -> None:
        for _ in range(2):
            device = {"deviceId": f"fuzz{self.lane}", "name": "Fuzz"}
            socket.send({"op": "hello", "id": "h", "token": self.house.tokens["wsx"], "device": device})
            closed = await self.until(socket, lambda told: told.get("re") == "h")
            if closed is None:
                return
            await self.house.come_again(self.line, "wsx")
            socket = self.socket = await RawSocket(f"ws://127.0.0.1:{self.house.port}{self.path}").__aenter__()
        raise Trouble(f"no hello is taken: {closed}")

    async def throw(self, by: Mutator) -> str:
        if by.chance.random() < 0.1:
            return await self._stranger(by)
        socket = self.socket or await self.come()
        made = by.of(self.frames) | {"id": "1"}
        text = json.dumps(made)
        for name, value in self.house.names.items():
            text = text.replace(f'"{name}"', f'"{value}"')
        if by.chance.random() < 0.75:
            spoiled = by.tree(json.loads(text))
            if isinstance(spoiled, dict) and by.chance.random() < 0.9:
                # Without these it is no frame at all, and goes no further than the door.
                spoiled |= {"op": made["op"], "id": "1"}
            if isinstance(spoiled, dict) and spoiled.get("op") in ("hello", "renew"):
                spoiled["op"] = "ping"
            text = json.dumps(spoiled)
        else:
            text = by.text(text, most=3)
        data = text.encode("utf-8", "surrogatepass")[:LARGEST]
        self.sent = data
        if by.chance.random() < 0.08:
            return await self.finish_raw(socket, self.raw(by, data))
        self.number += 1
        after = f"after{self.number}"
        socket.send(frame(BINARY if by.chance.random() < 0.02 else TEXT, data), {"op": "ping", "id": after})
        told: list[str] = []

        def is_last(answer: dict[str, Any]) -> bool:
            if answer.get("re") == "1":
                told.append(f"refused {answer['error'].get('code')}" if "error" in answer else "taken")
            return bool(answer.get("re") == after)

        closed = await self.until(socket, is_last)
        return closed or (told[0] if told else "passed over")

    async def _stranger(self, by: Mutator) -> str:
        """Somebody who was not let in yet, with a spoiled hello."""
        async with RawSocket(f"ws://127.0.0.1:{self.house.port}{self.path}") as socket:
            hello = {"op": "hello", "id": "1", "token": "x.y.z", "room": "a", "device": {"deviceId": "d", "name": "n"}}
            text = by.json(hello) if by.chance.random() < 0.8 else by.text(json.dumps(by.of(self.frames)))
            kept, self.socket = self.socket, None
            try:
                return (
                    f"stranger: {await self.finish_raw(socket, frame(TEXT, text.encode('utf-8', 'replace')[:LARGEST]))}"
                )
            finally:
                self.socket = kept


class Subscribers(Socket):
    """graphql-transport-ws."""

    name, share, lanes, door, path, protocol = (
        "GraphQL frames",
        7,
        3,
        "/graphql socket",
        "/graphql",
        "graphql-transport-ws",
    )

    async def greet(self, socket: RawSocket) -> None:
        for _ in range(2):
            socket.send({"type": "connection_init", "payload": {"token": self.house.tokens["sub"]}})
            closed = await self.until(socket, lambda told: told.get("type") == "connection_ack")
            if closed is None:
                return
            await self.house.come_again(self.line, "sub")
            socket = self.socket = await RawSocket(
                f"ws://127.0.0.1:{self.house.port}{self.path}", protocol=self.protocol
            ).__aenter__()
        raise Trouble(f"no connection_init is taken: {closed}")

    async def throw(self, by: Mutator) -> str:
        socket = self.socket or await self.come()
        made: dict[str, Any] = {"id": "1", "type": "subscribe", "payload": written(by, self.house.names)}
        match by.chance.randrange(10):
            case 0 | 1:
                text = by.json(made)
            case 2:
                text = by.text(json.dumps(made))
            case 3:
                text = by.json(
                    {"type": by.of(["ping", "pong", "complete", "next", "connection_init"]), "id": "1", "payload": {}}
                )
            case _:
                text = json.dumps(made)
        data = text.encode("utf-8", "surrogatepass")[:LARGEST]
        self.sent = data
        if by.chance.random() < 0.08:
            return await self.finish_raw(socket, self.raw(by, data))
        socket.send(frame(TEXT, data), {"type": "complete", "id": "1"}, {"type": "ping"})
        told: list[str] = []

        def is_last(answer: dict[str, Any]) -> bool:
            if answer.get("type") in ("next", "error"):
                told.append(answer["type"])
            return bool(answer.get("type") == "pong")

        closed = await self.until(socket, is_last)
        return closed or (told[0] if told else "passed over")
