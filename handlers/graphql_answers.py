"""How an answer leaves by HTTP: compressed, and one that may be kept told to caches, with a mark by which it is known.

Owns the headers. Refuses to know what may be kept and for whom.
"""

from __future__ import annotations

import asyncio
from typing import Any

import orjson
from tornado.web import RequestHandler

from graph.cache_control import CacheScope
from graph.kept_answers import KeptAnswer
from handlers.compressed import finish_compressed
from handlers.squeezed import accepts_gzip

VARIES = ("Authorization", "GraphQL-Cost")
"""Beside `Accept`: with either of these the answer is another, and is nobody else's."""


async def write_answer(handler: RequestHandler, answer: Any, media_type: str, *, is_query: bool) -> None:
    """Send an answer that nobody keeps, with the status that the handler has."""
    handler.set_header("Content-Type", f"{media_type}; charset=utf-8")
    handler.set_header("Cache-Control", "no-store")
    if is_query:
        await finish_compressed(handler, orjson.dumps(answer))
    else:
        # Tokens come from mutations: the length of such an answer is to tell nothing of what is in it.
        handler.finish(orjson.dumps(answer))


async def write_kept(handler: RequestHandler, answer: KeptAnswer, media_type: str) -> None:
    """Send the answer; 304 without it to a GET that has it. A POST's is kept by nobody on the way."""
    handler.set_header("Content-Type", f"{media_type}; charset=utf-8")
    if handler.request.method == "POST":
        handler.set_header("Cache-Control", "no-store")
    else:
        keeping = answer.keeping
        scope = "public" if keeping.scope is CacheScope.PUBLIC else "private"
        handler.set_header("Cache-Control", f"{scope}, max-age={keeping.max_age}")
        handler.set_header("Age", str(min(keeping.max_age, answer.age_s(asyncio.get_running_loop().time()))))
        # The same words under two media types, or compressed, are other answers.
        coding = "-gzip" if accepts_gzip(handler.request.headers.get("Accept-Encoding", "")) else ""
        handler.set_header("Etag", f'"{answer.mark}-{len(media_type)}{coding}"')
        for name in VARIES:
            handler.add_header("Vary", name)
        if handler.check_etag_header():
            handler.add_header("Vary", "Accept-Encoding")
            handler.set_status(304)
            handler.finish()
            return
    await finish_compressed(handler, answer.body)
