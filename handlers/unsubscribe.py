"""GET and POST /unsubscribe/{token}: the link at a digest's foot. GET asks, POST does it (RFC 8058's one click too).

A GET changes nothing, since mail readers and scanners open links by themselves.
"""

from __future__ import annotations

from typing import Any

from handlers.base import BaseHandler
from services.viewer import NOBODY, Role, Viewer

_POLICY = "default-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{title}</title>
</head><body><main><h1>{title}</h1><p>{words}</p>{form}</main></body></html>
"""
_FORM = '<form method="post"><button name="List-Unsubscribe" value="One-Click">No more digests</button></form>'


class UnsubscribeHandler(BaseHandler):
    """The page behind the link: 404 for one that is not ours."""

    access = Role.ANYONE
    cors_methods = "GET, HEAD, POST, OPTIONS"

    async def viewer(self) -> Viewer:
        """Nobody in particular: the link itself is what counts."""
        return NOBODY

    async def get(self, token: str) -> None:
        """The page with the button."""
        self.house.unsubscribing.check(token)
        self._write("Tutti’s digest", "Shall no more digests be mailed to you?", _FORM)

    async def head(self, token: str) -> None:
        """As GET, without the page."""
        await self.get(token)

    async def post(self, token: str) -> None:
        """Done."""
        await self.house.unsubscribing.end(token)
        self._write("Done", "No more digests will be mailed to you.", "")

    def write_refusal(self, shown: dict[str, Any]) -> None:
        """A page for people here too."""
        self._write("That did not work", "This link is not good.", "")

    def _write(self, title: str, words: str, form: str) -> None:
        self.set_header("Content-Security-Policy", _POLICY)
        self.set_header("Content-Type", "text/html; charset=utf-8")
        self.set_header("Cache-Control", "no-store")
        self.set_header("X-Robots-Tag", "noindex")
        self.finish(_PAGE.format(title=title, words=words, form=form))
