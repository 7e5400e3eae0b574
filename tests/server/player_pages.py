"""A real server over a small library, and pages of its player in a real browser, each somebody's own."""

from __future__ import annotations

import contextlib
import json
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
from tornado.httpclient import AsyncHTTPClient

from tests.server.client import PASSWORD
from tests.server.conftest import Process
from tests.web.chromium import Chromium, Page, chromium
from tests.web.wire import Wire, open_wire

REGISTER = """mutation($n: String!, $e: String!, $p: String!) { register(email: $e, username: $n, password: $p) {
  user { id username } token refreshToken } }"""


async def ask(base: str, query: str, token: str | None = None, **variables: Any) -> Any:
    """The data of a GraphQL answer; an error in it is one here."""
    headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
    body = orjson.dumps({"query": query, "variables": variables})
    answer = await AsyncHTTPClient().fetch(f"{base}/graphql", method="POST", headers=headers, body=body)
    told = orjson.loads(answer.body)
    assert "errors" not in told, told
    return told["data"]


@dataclass
class Pages:
    """The server, the line to it, the browser, and an album that there is."""

    process: Process
    wire: Wire
    browser: Chromium
    album: dict[str, str]
    base: str
    """Where the browser finds the server."""

    async def sign_up(self, name: str) -> dict[str, Any]:
        """A new account: its user and tokens, as the player keeps them."""
        told = await ask(self.base, REGISTER, n=name, e=f"{name}@example.com", p=PASSWORD)
        return dict(told["register"])

    async def open(self, path: str, kept: dict[str, Any] | None = None, before: str = "") -> Page:
        """A page of the player's, signed in as whoever `kept` is."""
        once = f"localStorage.setItem('tutti.sign-in', {json.dumps(json.dumps(kept))});" if kept else ""
        return await self.browser.page(
            self.base + path, f"{before} localStorage.getItem('tutti.sign-in') || (() => {{ {once} }})();"
        )


@contextlib.asynccontextmanager
async def player_pages(
    tmp_path: Path, library: Path, *, gestures: bool = False, wired: bool = False, **settings: str
) -> AsyncIterator[Pages]:
    """A server over this library; a page that complained in its console fails whoever asks for `errors`.

    With `gestures` a page sounds only once somebody has clicked in it; `wired` pages come over the `wire`, to be cut.
    """
    process = Process(tmp_path / "data", dict(settings), as_shipped=True)
    shutil.copytree(library, process.data)
    process.start()
    try:
        [edge] = (await ask(process.base, "{ albums(first: 1) { edges { node { id slug } } } }"))["albums"]["edges"]
        async with open_wire(process.port) as wire, chromium(tmp_path / "browser", gestures=gestures) as browser:
            yield Pages(process, wire, browser, edge["node"], wire.base if wired else process.base)
    finally:
        if process.child is not None:
            process.stop()


def click(selector: str) -> str:
    """Click the first such element."""
    return f"document.querySelector({json.dumps(selector)}).click()"


def text_is_there(text: str) -> str:
    """Whether the page says so anywhere."""
    return f"document.body?.innerText.includes({json.dumps(text)})"
