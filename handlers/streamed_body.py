"""Doors that take a body as it arrives: what it may be long and slow, and how a refusal still reaches its sender.

Owns the bounds on the connection. Refuses to know what the body holds.
"""

from __future__ import annotations

from typing import Any

from tornado.web import HTTPError

from handlers.base import BaseHandler
from services.errors import Invalid, TuttiError

HEARD_BYTES = 64_000_000
"""A refused body up to this length is read to its end and dropped, so that its sender hears the answer."""

SLOWEST_BYTES_PER_S = 32_000
PATIENCE_S = 60.0


class StreamedBody(BaseHandler):
    """A door whose body is handed to `data_received` piece by piece; subclasses are marked `stream_request_body`."""

    refused: TuttiError | HTTPError | None = None

    @property
    def body_length(self) -> int | None:
        """What Content-Length says; None without one. Invalid for one that is no number."""
        text = self.request.headers.get("Content-Length")
        if text is None:
            return None
        if not (text.isascii() and text.isdecimal() and len(text) <= 15):
            raise Invalid("Content-Length must be a number.")
        return int(text)

    def expect_body(self, limit_bytes: int) -> None:
        """Let a body of that length through, in the time that a slow line needs for it."""
        connection: Any = self.request.connection
        connection.set_max_body_size(limit_bytes + HEARD_BYTES)
        length = self.body_length
        expected = limit_bytes if length is None else min(length, limit_bytes)
        connection.set_body_timeout(PATIENCE_S + expected / SLOWEST_BYTES_PER_S)

    def refuse(self, refusal: TuttiError | HTTPError) -> None:
        """Answer with this once the body is over; at once where there is none, or too much to wait for."""
        headers = self.request.headers
        try:
            length = self.body_length
        except Invalid:
            raise refusal from None
        is_chunked = "Transfer-Encoding" in headers
        waits = "Expect" in headers
        if waits or (not is_chunked and not 0 < (length or 0) <= HEARD_BYTES):
            raise refusal
        self.refused = refusal
        connection: Any = self.request.connection
        connection.set_max_body_size(HEARD_BYTES)
