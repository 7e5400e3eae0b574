"""`GET /hls/{songId}/master.m3u8` and everything below it: a song by HTTP Live Streaming.

Parses who asks and for what, calls one method of `hls`, and writes what `ranges.plan` says. Refuses to know variants,
codecs and rules.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import ClassVar

from handlers.ticketed import TicketedHandler
from services.audio.hls.hls import PLAYLIST, Answer, Caller
from services.audio.ranges import Plan, Target, plan
from services.scopes import Scope
from services.viewer import Role

MASTER = "master.m3u8"
LASTING = "private, max-age=31536000, immutable"
PASSING = "private, no-cache"

# What a playlist says hangs on more than the song's file; a date tells too little about it.
_WEIGHED = ("If-Match", "If-None-Match", "If-Range", "Range")


class HlsHandler(TicketedHandler):
    """Playlists and segments, for listeners with a Bearer token or a ticket, which every address then carries on."""

    access: ClassVar[str] = Role.LISTENER
    scope: ClassVar[str | None] = Scope.STREAM
    cors_methods: ClassVar[str] = "GET, HEAD, OPTIONS"
    takes_guests: ClassVar[bool] = True

    _work: asyncio.Task[None] | None = None

    async def get(self, song_id: str, path: str) -> None:
        """A playlist or segment: 200, 206, 304, 412 or 416 by RFC 9110; refusals as JSON."""
        answer = await self._find(song_id, path)
        # Encoding is waited for in a task of its own, which ends as soon as the listener leaves.
        self._work = asyncio.create_task(self._answer(answer), name=f"hls-{song_id}")
        try:
            with contextlib.suppress(asyncio.CancelledError):
                await self._work
        finally:
            if not self._work.done():
                self._work.cancel()
                await asyncio.gather(self._work, return_exceptions=True)

    async def head(self, song_id: str, path: str) -> None:
        """The headers of `get`. A segment is made for its length: whoever asks is about to play it."""
        await self.get(song_id, path)

    def on_connection_close(self) -> None:
        """The listener left: nothing more is encoded for them."""
        super().on_connection_close()
        if self._work is not None:
            self._work.cancel()

    async def _find(self, song_id: str, path: str) -> Answer:
        ceiling = self._ticket.quality if self._ticket else None
        caller = Caller(self.current_viewer, ceiling, self._argument("ticket") if self._ticket else None)
        if path == MASTER:
            player = self.request.headers.get("User-Agent", "")
            return await self.house.hls.master(
                caller, song_id, quality=self._argument("quality"), wished=self._argument("format"), player=player
            )
        variant, _, part = path.partition("/")
        if part == PLAYLIST:
            return await self.house.hls.media(caller, song_id, variant)
        return await self.house.hls.part(caller, song_id, variant, part, self._argument("v"))

    async def _answer(self, answer: Answer) -> None:
        fields = {name: self.request.headers[name] for name in _WEIGHED if name in self.request.headers}
        # What the tag alone decides is answered before anything is encoded.
        known = plan("HEAD", fields, Target(0, answer.etag, 0, answer.content_type), now_s=0, boundary="")
        body = b"" if known.status != 200 else await answer.body()
        boundary = f"tutti-{self.house.clock.new_id()}"
        target = Target(len(body), answer.etag, 0, answer.content_type)
        method = self.request.method or "GET"
        planned = plan(method, fields, target, now_s=0, boundary=boundary)
        self._write_head(answer, planned)
        if method != "HEAD":
            for part in planned.parts:
                self.write(part.preamble + body[part.span.start : part.span.end])
            if planned.closing:
                self.write(planned.closing)
        self.finish()

    def _write_head(self, answer: Answer, planned: Plan) -> None:
        self.set_status(planned.status)
        self.set_header("ETag", answer.etag)
        self.set_header("Cache-Control", LASTING if answer.lasting else PASSING)
        # A playlist hangs on what the player calls itself too.
        self.add_header("Vary", "Authorization" if answer.lasting else "Authorization, User-Agent")
        self.clear_header("Content-Type")
        if planned.status == 304:
            return
        self.set_header("Accept-Ranges", "bytes")
        self.set_header("Content-Length", str(planned.content_length))
        if planned.status in (200, 206):
            self.set_header("Content-Type", answer.content_type)
        for name, value in planned.headers:
            self.set_header(name, value)

    def compute_etag(self) -> None:
        """Ours is known before the bytes are written; Tornado need not hash them."""
        return
