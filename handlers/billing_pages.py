"""GET /billing/success and /billing/cancelled: where the payment service sends people back.

The pages say what is meant to happen next and believe nothing of how they were reached: what was bought is told by the
payment service itself, and shown to whoever is signed in.
"""

from __future__ import annotations

from pathlib import Path

from handlers.base import BaseHandler
from services.viewer import NOBODY, Role, Viewer

_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_WORDS = {
    "success": (
        "Thank you",
        "Your payment is on its way to us. Your subscription begins as soon as it is confirmed: mostly within seconds.",
    ),
    "cancelled": ("Nothing was bought", "You left before paying, so nothing was charged. You can try again any time."),
}


class BillingPageHandler(BaseHandler):
    """One of the two pages."""

    access = Role.ANYONE

    async def viewer(self) -> Viewer:
        """Nobody in particular."""
        return NOBODY

    def get(self, which: str) -> None:
        """The page."""
        title, words = _WORDS[which]
        self.set_header("Content-Security-Policy", _POLICY)
        self.set_header("Content-Type", "text/html; charset=utf-8")
        self.set_header("Cache-Control", "no-store")
        self.set_header("Referrer-Policy", "no-referrer")
        self.set_header("X-Robots-Tag", "noindex")
        self.finish(self.render_string("billing.html", title=title, words=words))

    def head(self, which: str) -> None:
        """As GET, without the page."""
        self.get(which)

    def get_template_path(self) -> str:
        """Pages are templates in `web/`."""
        return str(Path(__file__).parent.parent / "web")
