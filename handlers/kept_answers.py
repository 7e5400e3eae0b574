"""How an answer that may be kept leaves by HTTP: told to caches for GET, with a mark by which it is known again.

Owns the headers. Refuses to know what may be kept and for whom.
"""

from __future__ import annotations

import asyncio

from tornado.web import RequestHandler

from graph.cache_control import CacheScope
from graph.kept_answers import KeptAnswer

VARIES = ("Authorization", "GraphQL-Cost")
"""Beside `Accept`: with either of these the answer is another, and is nobody else's."""


def write_kept(handler: RequestHandler, answer: KeptAnswer, media_type: str) -> None:
    """Send the answer; 304 without it to a GET that has it. A POST's is kept by nobody on the way."""
    handler.set_header("Content-Type", f"{media_type}; charset=utf-8")
    if handler.request.method == "POST":
        handler.set_header("Cache-Control", "no-store")
    else:
        keeping = answer.keeping
        scope = "public" if keeping.scope is CacheScope.PUBLIC else "private"
        handler.set_header("Cache-Control", f"{scope}, max-age={keeping.max_age}")
        handler.set_header("Age", str(min(keeping.max_age, answer.age_s(asyncio.get_running_loop().time()))))
        # The same bytes under two media types are two answers.
        handler.set_header("Etag", f'"{answer.mark}-{len(media_type)}"')
        for name in VARIES:
            handler.add_header("Vary", name)
        if handler.check_etag_header():
            handler.set_status(304)
            handler.finish()
            return
    handler.finish(answer.body)
