"""`GET /waveform/{songId}?points=…`: a song's outline, for a seek bar."""

from __future__ import annotations

from typing import ClassVar

from handlers.accept import negotiate
from handlers.ticketed import TicketedHandler
from services.errors import Invalid
from services.viewer import Role

_JSON, _BYTES = "application/json", "application/octet-stream"


class WaveformHandler(TicketedHandler):
    """Outlines, for listeners with a Bearer token or the ticket of the song's `audioUrl`."""

    access: ClassVar[str] = Role.LISTENER
    cors_methods: ClassVar[str] = "GET, HEAD, OPTIONS"
    takes_guests: ClassVar[bool] = True

    async def get(self, song_id: str) -> None:
        """JSON `{version, duration_ms, points, peaks}`, or the peaks alone as bytes where `Accept` likes that better.

        304 when the caller has it; 404 for a song that is absent or invisible, and while nothing was measured.
        """
        kind = negotiate(self.request.headers.get("Accept"), (_JSON, _BYTES), usual=_JSON) or _JSON
        drawn = await self.house.waveforms.drawn(self.current_viewer, song_id, self._points())
        self.set_header("Cache-Control", "private, max-age=86400")
        self.add_header("Vary", "Accept, Authorization")
        self.set_header("Etag", drawn.etag if kind == _JSON else drawn.etag[:-1] + '-b"')
        if self.check_etag_header():
            self.set_status(304)
            return
        if kind == _BYTES:
            self.set_header("Content-Type", _BYTES)
            self.finish(drawn.peaks)
            return
        told = {"version": drawn.version, "duration_ms": drawn.duration_ms, "points": len(drawn.peaks)}
        self.write_json({**told, "peaks": list(drawn.peaks)})

    async def head(self, song_id: str) -> None:
        """As GET, without the bytes."""
        await self.get(song_id)

    def compute_etag(self) -> None:
        """Ours is known before the bytes are; Tornado need not hash them."""
        return

    def _points(self) -> int | None:
        text = self._argument("points")
        if text is None:
            return None
        if not text.isascii() or not text.isdigit() or len(text) > 5:
            raise Invalid("points must be a number.", field="points")
        return int(text)
