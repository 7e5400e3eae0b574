"""`GET /export/{table}.csv?from=&to=&timeZone=&bom=`: a dashboard's table as a file, for admins.

Asked with a Bearer token, or with the ticket of `createExportTicket` in the address. Sent part by part: the next
is read when the last one is on its way.
"""

from __future__ import annotations

from typing import ClassVar

from tornado.iostream import StreamClosedError

from handlers.base import BaseHandler
from services.analytics.exports import read_bom
from services.analytics.spans import read_day
from services.scopes import Scope
from services.viewer import Role, Viewer


class CsvExportHandler(BaseHandler):
    """The file: 404 for a table that there is not, 403 for whoever is no admin."""

    access: ClassVar[str] = Role.ADMIN
    scope: ClassVar[str] = Scope.MANAGE
    cors_methods: ClassVar[str] = "GET, HEAD, OPTIONS"

    async def viewer(self) -> Viewer:
        """Who asks: by Bearer token, else by the ticket in the address. Unauthenticated for a bad one of either."""
        ticket = self.get_query_argument("ticket", None)
        if ticket is None or "Authorization" in self.request.headers:
            return await super().viewer()
        opened = self.house.figure_exports.opened(ticket, self.path_args[0])
        return await self.house.accounts.viewer_of_session(opened.user_id, opened.session_id)

    async def get(self, table: str) -> None:
        """The table as an attachment."""
        first = read_day(self.get_query_argument("from", None), "from")
        last = read_day(self.get_query_argument("to", None), "to")
        zone = self.get_query_argument("timeZone", None)
        span = self.house.analytics.span(self.current_viewer, first, last, zone)
        bom = read_bom(self.get_query_argument("bom", None))
        export = self.house.figure_exports.export(self.current_viewer, table, span, bom=bom)
        self.set_header("Content-Type", "text/csv; charset=utf-8; header=present")
        self.set_header("Content-Disposition", f'attachment; filename="{export.file_name}"')
        self.set_header("Cache-Control", "private, no-store")
        self.add_header("Vary", "Authorization")
        if self.request.method == "HEAD":
            return
        try:
            async for part in export.parts:
                self.write(part)
                await self.flush()
        except StreamClosedError:
            # Whoever asked has left: nobody is to be told.
            return

    async def head(self, table: str) -> None:
        """As GET, without the file."""
        await self.get(table)

    def compute_etag(self) -> None:
        """A file that is made while it is sent has none."""
        return
