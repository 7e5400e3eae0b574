"""`GET /lyrics/{songId}.lrc`, `.vtt` and `.ttml`: a song's timed lyrics as players take them."""

from __future__ import annotations

from typing import ClassVar

from handlers.ticketed import TicketedHandler
from services.lyrics.song_lyrics import LyricsFile
from services.viewer import Role


class LyricsHandler(TicketedHandler):
    """Lyrics, for listeners with a Bearer token or the ticket of the song's `audioUrl`."""

    access: ClassVar[str] = Role.LISTENER
    cors_methods: ClassVar[str] = "GET, HEAD, OPTIONS"
    takes_guests: ClassVar[bool] = True

    async def get(self, song_id: str, suffix: str) -> None:
        """The file, or 304 when the caller has it; 404 for a song that is absent, invisible or has no timed lyrics."""
        written = await self.house.lyrics.written(self.current_viewer, song_id, LyricsFile(suffix))
        self.set_header("Cache-Control", "private, no-cache")
        self.add_header("Vary", "Authorization")
        self.set_header("Etag", written.etag)
        if self.check_etag_header():
            self.set_status(304)
            return
        self.set_header("Content-Type", written.content_type)
        if self.request.method == "HEAD":
            self.set_header("Content-Length", str(len(written.body)))
            return
        self.write(written.body)

    async def head(self, song_id: str, suffix: str) -> None:
        """As GET, without the bytes."""
        await self.get(song_id, suffix)

    def compute_etag(self) -> None:
        """Ours is known before the bytes are written; Tornado need not hash them."""
        return
