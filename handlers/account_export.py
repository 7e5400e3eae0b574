"""GET /account-export/{id}.zip: the archive that somebody asked for, by the ticket in its address.

The ticket is for one archive and an hour. Owns the sending, piece by piece. Refuses to know what is inside.
"""

from __future__ import annotations

from handlers.base import BaseHandler
from services.viewer import NOBODY, Role, Viewer


class AccountExportHandler(BaseHandler):
    """The archive: 401 without a good ticket, 404 once it is gone."""

    access = Role.ANYONE
    cors_methods = "GET, OPTIONS"

    async def viewer(self) -> Viewer:
        """Nobody in particular: the ticket is what counts."""
        return NOBODY

    async def get(self, export_id: str) -> None:
        """All of it."""
        export, pieces = await self.house.account_exports.open(export_id, self.get_query_argument("ticket", ""))
        self.set_header("Content-Type", "application/zip")
        self.set_header("Content-Length", str(export.size))
        self.set_header("Content-Disposition", f'attachment; filename="tutti-{export.requested_at:%Y-%m-%d}.zip"')
        self.set_header("Cache-Control", "private, no-store")
        self.set_header("Referrer-Policy", "no-referrer")
        async for piece in pieces:
            self.write(piece)
            await self.flush()
