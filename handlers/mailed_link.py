"""GET /verify, /reset, /email, /forgot and /keep: the pages behind the links that are mailed about an account.

A link's token stands behind `#`, so that it reaches no server, no log and no other site's Referer; the page sends it
when its button is pressed, since mail readers and scanners open links by themselves.
"""

from __future__ import annotations

from pathlib import Path

from handlers.base import BaseHandler
from handlers.pages import PAGE_POLICY
from services.viewer import NOBODY, Role, Viewer

_TITLES = {
    "verify": "Confirm your address",
    "reset": "Choose a new password",
    "email": "Your address",
    "forgot": "Forgot your password?",
    "keep": "Keep your account?",
}


class MailedLinkHandler(BaseHandler):
    """One page for each thing that a mailed link does, the same for everybody."""

    access = Role.ANYONE
    cors_methods = "GET, HEAD, OPTIONS"

    async def viewer(self) -> Viewer:
        """Nobody in particular: a stale token does not matter here."""
        return NOBODY

    async def get(self, page: str) -> None:
        """The page."""
        self.set_header("Content-Security-Policy", PAGE_POLICY)
        self.set_header("Cache-Control", "no-cache")
        self.set_header("Referrer-Policy", "no-referrer")
        self.set_header("X-Robots-Tag", "noindex")
        self.render("letter.html", page=page, title=_TITLES[page])

    async def head(self, page: str) -> None:
        """As GET, without the page."""
        await self.get(page)

    def get_template_path(self) -> str:
        """Pages are templates in `web/`."""
        return str(Path(__file__).parent.parent / "web")
