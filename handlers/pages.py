"""What pages are made of, under `/web/`, and what may run in them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from tornado.web import HTTPError, StaticFileHandler

from handlers.base import SECURITY_HEADERS
from handlers.squeezed import Squeezed, accepts_gzip
from services.viewer import Role

PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; media-src 'self' blob:; "
    "connect-src 'self' ws: wss:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)

GRAPHIQL_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "font-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""Of the page at `/graphql`, whose editor brings styles and fonts of its own."""


class WebFileHandler(StaticFileHandler):
    """Scripts, styles and pictures of the pages; validated by ETag on every use, so an upgrade shows at once."""

    access = Role.ANYONE
    squeezed: Squeezed

    def initialize(self, path: str, squeezed: Squeezed, default_filename: str | None = None) -> None:
        """`path` is the folder, `squeezed` keeps what was compressed."""
        super().initialize(path, default_filename)
        self.squeezed = squeezed

    async def get(self, path: str, include_body: bool = True) -> None:
        """The file, compressed where that helps and the browser takes it."""
        asked = self.request.headers
        if "Range" in asked or not self.squeezed.helps(path) or not accepts_gzip(asked.get("Accept-Encoding", "")):
            await super().get(path, include_body)
            return
        self.path = self.parse_url_path(path)
        self.absolute_path = self.validate_absolute_path(self.root, self.get_absolute_path(self.root, self.path)) or ""
        tag, body = await self.squeezed.read(Path(self.absolute_path))
        self.set_extra_headers(path)
        self.set_header("Content-Type", self.get_content_type())
        self.set_header("Content-Encoding", "gzip")
        self.set_header("Vary", "Accept-Encoding")
        self.set_header("Etag", tag)
        if self.check_etag_header():
            self.set_status(304)
            return
        self.set_header("Content-Length", len(body))
        if include_body:
            self.write(body)

    def set_default_headers(self) -> None:
        """As every door's."""
        self.clear_header("Server")
        for name, value in SECURITY_HEADERS.items():
            self.set_header(name, value)

    def set_extra_headers(self, path: str) -> None:
        """Ask each time; the answer is mostly 304."""
        self.set_header("Cache-Control", "no-cache")

    def validate_absolute_path(self, root: str, absolute_path: str) -> str | None:
        """As Tornado's; files whose name begins with a dot, or that no disk could hold, do not exist."""
        inside = Path(os.path.relpath(absolute_path, root)).parts
        if "\0" in absolute_path or any(part.startswith(".") for part in inside):
            raise HTTPError(404)
        return super().validate_absolute_path(root, absolute_path)

    def send_error(self, status_code: int = 500, **kwargs: Any) -> None:
        """As Tornado's, but outside and absent are the same answer."""
        super().send_error(404 if status_code == 403 else status_code, **kwargs)

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """As Tornado's, kept by nobody, with what may be asked for instead."""
        self.set_header("Cache-Control", "no-store")
        if status_code == 405:
            self.set_header("Allow", "GET, HEAD")
        super().write_error(status_code, **kwargs)

    def log_exception(self, typ: Any, value: Any, tb: Any) -> None:
        """A path that leads nowhere is its caller's business: strangers write no warnings here."""
        if not isinstance(value, HTTPError):
            super().log_exception(typ, value, tb)
