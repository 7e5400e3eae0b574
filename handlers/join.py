"""GET /join/{token}: the page behind a room's link, where a guest says a name and listens along.

The page itself is the same for everybody; what the link opens, the API decides when somebody comes in. Owns that a
link which leads nowhere says so before anybody types a name.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from handlers.base import BaseHandler
from handlers.import_map import IMPORT_MAP, MODULE_POLICY
from services.viewer import NOBODY, Role, Viewer

_REFUSALS = {404: "This link leads nowhere any more. Ask for another one."}


class JoinHandler(BaseHandler):
    """The page: 404 for a link that is revoked, has run out or never was, or whose room is closed."""

    access = Role.ANYONE
    cors_methods = "GET, HEAD, OPTIONS"

    async def viewer(self) -> Viewer:
        """Nobody in particular: the page is the same for everybody, so a stale token does not matter."""
        return NOBODY

    async def get(self, token: str) -> None:
        """The page."""
        await self.house.room_invites.find_open(token)
        self._write_page("")

    async def head(self, token: str) -> None:
        """As GET, without the page."""
        await self.get(token)

    def write_refusal(self, shown: dict[str, Any]) -> None:
        """A page for people here too, that tells nothing of what the link led to."""
        self._write_page(_REFUSALS.get(self.get_status(), shown["message"]))

    def get_template_path(self) -> str:
        """Pages are templates in `web/`."""
        return str(Path(__file__).parent.parent / "web")

    def _write_page(self, refusal: str) -> None:
        self.set_header("Content-Security-Policy", MODULE_POLICY)
        self.set_header("Content-Type", "text/html; charset=utf-8")
        # Whoever has the link may come in: it goes to nobody else, and nobody should find it by searching.
        self.set_header("Referrer-Policy", "no-referrer")
        self.set_header("X-Robots-Tag", "noindex")
        self.set_header("Cache-Control", "no-cache")
        self.finish(self.render_string("join.html", refusal=refusal, import_map=IMPORT_MAP))
