"""The pages of those who keep the house and of artists: `/admin` and `/studio`.

Each is the same for everybody: what somebody may see and do, the API decides when the page asks for it.
"""

from __future__ import annotations

from pathlib import Path

from handlers.base import BaseHandler
from handlers.import_map import IMPORT_MAP, MODULE_POLICY
from services.viewer import Role


class OfficePageHandler(BaseHandler):
    """One page: `admin.html` or `studio.html`."""

    access = Role.ANYONE

    def get(self, page: str) -> None:
        """The page."""
        self.set_header("Content-Security-Policy", MODULE_POLICY)
        self.set_header("Cache-Control", "no-cache")
        self.set_header("Referrer-Policy", "no-referrer")
        self.set_header("X-Robots-Tag", "noindex")
        self.render(f"{page}.html", import_map=IMPORT_MAP)

    def head(self, page: str) -> None:
        """As GET, without the page."""
        self.get(page)

    def get_template_path(self) -> str:
        """Pages are templates in `web/`."""
        return str(Path(__file__).parent.parent / "web")
