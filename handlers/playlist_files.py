"""GET /playlists/{id}.m3u8 and .jspf: a playlist as a file for other players, by the same rule as everywhere.

`?links=true` puts addresses of streams in; they stand for whoever asked, so such a file is kept by nobody on the way.
"""

from __future__ import annotations

from urllib.parse import quote

from handlers.base import BaseHandler
from services.errors import Invalid
from services.playlists.formats import Format
from services.viewer import Role

_WORDS = {"true": True, "1": True, "": True, "false": False, "0": False}


class PlaylistFileHandler(BaseHandler):
    """The file: 404 for a playlist that is absent or not for you to see, 304 when you have it already."""

    access = Role.ANYONE
    cors_methods = "GET, HEAD, OPTIONS"

    etag: str | None = None

    async def get(self, playlist_id: str, format: str) -> None:
        """The file as an attachment."""
        said = self.get_query_argument("links", "false").lower()
        if said not in _WORDS:
            raise Invalid("links is true or false.", field="links")
        base = f"{self.request.protocol}://{self.request.host}"
        export = await self.house.playlist_exports.export(
            self.current_viewer, playlist_id, Format(format), links=_WORDS[said], base=base
        )
        self.add_header("Vary", "Authorization")
        self.set_header("Content-Type", export.content_type)
        self.set_header("Content-Disposition", _attachment(export.file_name))
        # Asked anew each time: who may see what changes.
        self.set_header("Cache-Control", "private, no-store" if export.has_links else "private, no-cache")
        # Every ticket is a new one, so a file with links is never the same twice.
        self.etag = None if export.has_links else export.etag
        self.finish(export.text)

    async def head(self, playlist_id: str, format: str) -> None:
        """As GET, without the file."""
        await self.get(playlist_id, format)

    def compute_etag(self) -> str | None:
        """The playlist's own."""
        return self.etag


def _attachment(name: str) -> str:
    """The name twice: in ASCII for old clients, percent-encoded UTF-8 (RFC 5987) for the others."""
    plain = "".join(c if 32 <= ord(c) < 127 and c not in '"\\%/' else "_" for c in name)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
