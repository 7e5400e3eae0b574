"""Answers made for one caller, compressed for whoever takes it: pages and what GraphQL answers.

What is large is compressed on a thread. Never for sound, ranges, events and parts, which go out as they come.
"""

from __future__ import annotations

import asyncio
import gzip

from tornado.web import RequestHandler

from handlers.squeezed import accepts_gzip

LEAST_BYTES = 1024
"""Shorter answers fill one packet either way."""
LOOP_BYTES = 16_384
"""What is longer is compressed on a thread: this much takes half a millisecond."""
LEVEL = 4
"""Of zlib: for four per cent more bytes than 6, a quarter less time."""


async def finish_compressed(handler: RequestHandler, body: bytes) -> None:
    """End an answer with this body, compressed where that helps and the caller takes it."""
    handler.add_header("Vary", "Accept-Encoding")
    if len(body) >= LEAST_BYTES and accepts_gzip(handler.request.headers.get("Accept-Encoding", "")):
        handler.set_header("Content-Encoding", "gzip")
        # Without a time and a name in it, the same answer is the same bytes.
        if len(body) > LOOP_BYTES:
            body = await asyncio.to_thread(gzip.compress, body, LEVEL, mtime=0)
        else:
            body = gzip.compress(body, LEVEL, mtime=0)
    handler.finish(body)
