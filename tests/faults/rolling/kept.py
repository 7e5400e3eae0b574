"""People behind a web server in front: their requests go one after another over connections that are kept."""

from __future__ import annotations

import asyncio
import contextlib
import json
from random import Random
from typing import Any
from urllib.parse import urlsplit

from tests.faults.killing.line import Line, Lost
from tests.server.pair import ADD

READ = "{ songs(first: 3) { edges { node { id title } } } }"

MOST = 300
"""Songs that each adds: a playlist has a bound."""


class KeptLine:
    """One kept connection, strictly: nothing is asked again. `told_to_go` counts answers with `Connection: close`,
    `ended` connections that were over, cleanly, when the next request was to be sent."""

    def __init__(self, base: str, token: str) -> None:
        self._where = urlsplit(base)
        self._token = token
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        self.opened = self.told_to_go = self.ended = 0

    async def ask(self, method: str, path: str, body: bytes = b"", **headers: str) -> tuple[int, bytes]:
        """Status and body. Lost when the connection broke under the request."""
        reader, writer = await self._connection()
        fields = {"Host": self._where.netloc, "Authorization": f"Bearer {self._token}", **headers}
        if body:
            fields |= {"Content-Type": "application/json", "Content-Length": str(len(body))}
        head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
        try:
            writer.write(f"{method} {path} HTTP/1.1\r\n{head}\r\n".encode() + body)
            await writer.drain()
            async with asyncio.timeout(30):
                return await self._read(reader)
        except (OSError, asyncio.IncompleteReadError, TimeoutError) as fault:
            await self.close()
            raise Lost(f"{method} {path}: {fault!r}") from fault

    async def close(self) -> None:
        """Hang up."""
        streams, self._streams = self._streams, None
        if streams is not None:
            streams[1].close()
            with contextlib.suppress(OSError):
                await streams[1].wait_closed()

    async def _connection(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if self._streams is not None and self._streams[0].at_eof():
            # A reset would have made the reader raise instead.
            assert self._streams[0].exception() is None, self._streams[0].exception()
            self.ended += 1
            await self.close()
        if self._streams is None:
            self._streams = await asyncio.open_connection(self._where.hostname, self._where.port)
            self.opened += 1
        return self._streams

    async def _read(self, reader: asyncio.StreamReader) -> tuple[int, bytes]:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        first, *lines = head.strip().split("\r\n")
        fields = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        if fields.get("transfer-encoding") == "chunked":
            body = b""
            while size := int(await reader.readline(), 16):
                body += await reader.readexactly(size)
                await reader.readline()
            await reader.readline()
        else:
            body = await reader.readexactly(int(fields.get("content-length", 0)))
        if fields.get("connection", "").lower() == "close":
            self.told_to_go += 1
            await self.close()
        return int(first.split()[1]), body


class Regular:
    """Somebody whose requests share a connection: reads, writes that are counted, ranges of sound, plain pages."""

    def __init__(self, line: Line, random: Random, song_id: str, playlist_id: str) -> None:
        self.kept = KeptLine(line.house.base, line.token)
        self._random = random
        self._song_id, self._playlist_id = song_id, playlist_id
        self.added = 0

    async def step(self) -> None:
        """One request."""
        await self._random.choice([self._read, self._add, self._range, self._range, self._page])()

    async def _graphql(self, query: str, **variables: Any) -> Any:
        body = json.dumps({"query": query, "variables": variables}).encode()
        status, answer = await self.kept.ask("POST", "/graphql", body)
        told = json.loads(answer)
        assert (status, "errors" in told) == (200, False), answer
        return told["data"]

    async def _read(self) -> None:
        assert len((await self._graphql(READ))["songs"]["edges"]) == 3

    async def _add(self) -> None:
        if self.added >= MOST:
            await self._read()
            return
        await self._graphql(ADD, p=self._playlist_id, s=self._song_id)
        self.added += 1

    async def _range(self) -> None:
        path = f"/stream/{self._song_id}?quality=lossless"
        status, data = await self.kept.ask("GET", path, Range="bytes=100-999")
        assert (status, len(data)) == (206, 900), (status, data[:200])

    async def _page(self) -> None:
        status, _ = await self.kept.ask("GET", self._random.choice(["/healthz", "/", "/web/player.js"]))
        assert status in (200, 404), status
