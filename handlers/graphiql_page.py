"""The page on which a browser tries the API. Owns its file and headers; refuses to know what is asked."""

from __future__ import annotations

import asyncio
from pathlib import Path

from tornado.web import RequestHandler

from handlers.pages import GRAPHIQL_POLICY

PAGE_FILE = Path(__file__).parent.parent / "web" / "graphiql.html"


async def write_graphiql(handler: RequestHandler) -> None:
    """Answer with the page."""
    handler.set_header("Content-Type", "text/html; charset=utf-8")
    handler.set_header("Content-Security-Policy", GRAPHIQL_POLICY)
    handler.set_header("Cache-Control", "no-cache")
    handler.finish(await asyncio.to_thread(PAGE_FILE.read_bytes))
