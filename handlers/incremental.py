"""Answers in parts over HTTP: `multipart/mixed`, one part for each piece of an answer as soon as it is there.

Owns who takes them, in which of the two formats, and how a part looks on the wire. Refuses to know what is inside.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable, AsyncIterator
from typing import Any

import orjson
from tornado.iostream import StreamClosedError
from tornado.web import RequestHandler

from graph.incremental import PartFormat

PARTS = "multipart/mixed"
SPEC = {PartFormat.PATHS: "deferSpec=20220824", PartFormat.PENDING: "incrementalSpec=v0.2"}
"""How clients name the formats, in `Accept` and in our `Content-Type`."""
STALL_S = 30.0
"""How long a client may leave a part unread before it is let go."""
_BEGIN = b"\r\n---"
_HEAD = b"\r\nContent-Type: application/json; charset=utf-8\r\n\r\n"
_END = b"--\r\n"


def wanted_parts(accept: str | None) -> PartFormat | None:
    """The format in which an `Accept` header takes parts, None when it does not.

    `multipart/mixed` alone means today's proposal.
    """
    for entry in (accept or "").split(","):
        name, *parameters = (part.strip().lower() for part in entry.split(";"))
        if name == PARTS and not any(_is_zero(parameter) for parameter in parameters):
            old = SPEC[PartFormat.PATHS].lower() in (parameter.replace('"', "") for parameter in parameters)
            return PartFormat.PATHS if old else PartFormat.PENDING
    return None


def _is_zero(parameter: str) -> bool:
    key, _, value = parameter.partition("=")
    return key.strip() == "q" and value.strip().rstrip("0") in ("", "0.", ".")


async def write_parts(handler: RequestHandler, parts: AsyncIterable[dict[str, Any]], format: PartFormat) -> None:
    """Send each part when it comes. Returns early, the connection closed, for a client that leaves or does not read.

    The boundary after a part goes out with it, so that the client need not wait for the next one to know its end.
    """
    handler.set_status(200)
    handler.set_header("Content-Type", f'{PARTS}; boundary="-"; {SPEC[format]}')
    handler.set_header("Cache-Control", "no-store")
    handler.write(_BEGIN)
    try:
        async for part in parts:
            handler.write(_HEAD + orjson.dumps(part) + _BEGIN)
            async with asyncio.timeout(STALL_S):
                await handler.flush()
    except StreamClosedError:
        return
    except TimeoutError:
        handler.request.connection.stream.close()
        return
    handler.finish(_END)


async def single(part: dict[str, Any]) -> AsyncIterator[dict[str, Any]]:
    """An answer that comes in one piece, for those who read several."""
    yield part
