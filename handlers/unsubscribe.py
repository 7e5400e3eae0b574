"""GET and POST /unsubscribe/{token}: the link at a digest's foot. GET asks, POST does it (RFC 8058's one click too).

A GET changes nothing, since mail readers and scanners open links by themselves.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from handlers.base import BaseHandler
from services.viewer import NOBODY, Role, Viewer

_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)


class UnsubscribeHandler(BaseHandler):
    """The page behind the link: 404 for one that is not ours. A link that did its work says that it is done."""

    access = Role.ANYONE
    cors_methods = "GET, HEAD, POST, OPTIONS"

    async def viewer(self) -> Viewer:
        """Nobody in particular: the link itself is what counts."""
        return NOBODY

    async def get(self, token: str) -> None:
        """The page with the button, or without where there is no digest to end."""
        if await self.house.unsubscribing.is_wanted(token):
            self._write("No more digests?", "Tutti mails you what you have not read. Shall that end?", asks=True)
        else:
            self._write("No digests", "No digests are mailed to you.")

    async def head(self, token: str) -> None:
        """As GET, without the page."""
        await self.get(token)

    async def post(self, token: str) -> None:
        """Done."""
        await self.house.unsubscribing.end(token)
        self._write("Done", "No more digests will be mailed to you. In the settings you can have them again.")

    def write_refusal(self, shown: dict[str, Any]) -> None:
        """A page for people here too."""
        if self.get_status() == 404:
            words = "This link is not good: perhaps it was cut off on its way. In the settings you can end digests too."
        else:
            words = f"{shown['message']} Try again in a while, or end digests in the settings."
        self._write("That did not work", words)

    def get_template_path(self) -> str:
        """Pages are templates in `web/`."""
        return str(Path(__file__).parent.parent / "web")

    def _write(self, title: str, words: str, *, asks: bool = False) -> None:
        self.set_header("Content-Security-Policy", _POLICY)
        self.set_header("Content-Type", "text/html; charset=utf-8")
        self.set_header("Cache-Control", "no-store")
        self.set_header("Referrer-Policy", "no-referrer")
        self.set_header("X-Robots-Tag", "noindex")
        self.finish(self.render_string("unsubscribe.html", title=title, words=words, asks=asks))
