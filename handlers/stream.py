"""`GET /stream/{songId}?quality=…&format=…`: a song's sound, in whole or in ranges.

Parses who asks and for what, calls `deliveries.open`, and writes what `ranges.plan` says. Refuses to know files,
codecs and rules.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from functools import lru_cache
from typing import Any, ClassVar
from urllib.parse import quote

from handlers.accept import negotiate
from handlers.sendfile import BodySender, BodyShort, ListenerGone
from handlers.ticketed import TicketedHandler
from services.audio.ranges import Plan, Target, http_date, plan
from services.audio.renditions import ANYTHING, Accepted, Format, plain_type
from services.audio.sound import Sound
from services.errors import TuttiError
from services.scopes import Scope
from services.viewer import Role

log = logging.getLogger("tutti.stream")

STALL_S = 60.0
"""A listener who takes nothing for so long is let go; players come back with a range."""


_OFFERED = {"audio/mpeg": Format.MP3, "audio/ogg": Format.OPUS}
_TYPES = (*_OFFERED, "audio/flac", "audio/mp4", "audio/aac", "audio/wav", "audio/aiff", "audio/alac")


class StreamHandler(TicketedHandler):
    """Songs, for listeners with a Bearer token or a ticket in the URL."""

    access: ClassVar[str] = Role.LISTENER
    scope: ClassVar[str | None] = Scope.STREAM
    cors_methods: ClassVar[str] = "GET, HEAD, OPTIONS"
    sent_as: ClassVar[str] = "inline"
    """Whether a browser plays the sound or keeps it as a file: the first word of `Content-Disposition`."""
    takes_guests: ClassVar[bool] = True
    stall_s: float = STALL_S

    _sender: BodySender | None = None
    _work: asyncio.Task[None] | None = None

    async def get(self, song_id: str) -> None:
        """The sound: 200, 206, 304, 412 or 416 by RFC 9110; refusals as JSON, before any sound."""
        ceiling = self._ticket.quality if self._ticket else None
        sound = await self.house.deliveries.open(
            self.current_viewer,
            song_id,
            self._argument("quality"),
            wished=self._argument("format"),
            accepted=accepted_sound(self.request.headers.get("Accept")),
            ceiling=ceiling,
            listens=True,
        )
        await self._deliver(sound, song_id)

    async def _deliver(self, sound: Sound, song_id: str) -> None:
        """Answer with a sound, and close it."""
        try:
            if sound.file is not None and (place := self.manners.accel.place(sound.file.path)) is not None:
                self._leave_to_front(place, sound)
                return
            answer = self._plan(sound)
            if await self._sent_elsewhere(answer, sound):
                return
            if sound.file is not None:
                await self._send(answer, sound)
                return
            # Encoding is waited for in a task of its own, which ends as soon as the listener leaves.
            self._work = asyncio.create_task(self._send(answer, sound), name=f"stream-{song_id}")
            with contextlib.suppress(asyncio.CancelledError):
                await self._work
        finally:
            if self._work is not None and not self._work.done():
                self._work.cancel()
                await asyncio.gather(self._work, return_exceptions=True)
            await sound.stop()
            sound.close()

    async def head(self, song_id: str) -> None:
        """The headers of `get`; nothing is encoded for them."""
        await self.get(song_id)

    def on_connection_close(self) -> None:
        """The listener left: nobody waits, nothing more is encoded for them."""
        super().on_connection_close()
        if self._sender is not None:
            self._sender.leave()
        if self._work is not None:
            self._work.cancel()

    def compute_etag(self) -> None:
        """Ours is known before the bytes are; Tornado need not hash what it sees."""
        return

    def _plan(self, sound: Sound) -> Plan:
        clock = self.house.clock
        fields = self.request.headers
        boundary = f"tutti-{clock.new_id()}" if "," in fields.get("Range", "") else ""
        method = self.request.method or "GET"
        return plan(method, fields, sound.target, now_s=clock.epoch_ms() // 1000, boundary=boundary)

    async def _send(self, answer: Plan, sound: Sound) -> None:
        with_body = self.request.method != "HEAD"
        if with_body and answer.parts:
            span = answer.parts[0].span
            await sound.prepare(span.start, span.end)
        self._write_head(answer, sound)
        connection: Any = self.request.connection
        sender = self._sender = BodySender(connection, stall_s=self.stall_s)
        _ = self.flush()
        try:
            if with_body:
                await self._write_body(sender, answer, sound)
        except ListenerGone:
            connection.stream.close()
        except BodyShort:
            log.warning("a file changed while it was sent", extra={"path": self.request.path})
            connection.stream.close()
        except TuttiError as refusal:
            # Too late for a status: a body shorter than announced is the one sign left.
            log.warning("a stream was cut short", extra={"path": self.request.path, "reason": refusal.reason})
            connection.stream.close()
        self.finish()

    async def _write_body(self, sender: BodySender, answer: Plan, sound: Sound) -> None:
        for part in answer.parts:
            if part.preamble:
                await sender.write(part.preamble)
            if sound.file is not None:
                await sender.send(sound.file, part.span.start, part.span.end)
                continue
            async with contextlib.aclosing(sound.read(part.span.start, part.span.end)) as chunks:
                async for chunk in chunks:
                    await sender.write(chunk)
        if answer.closing:
            await sender.write(answer.closing)

    def _leave_to_front(self, place: str, sound: Sound) -> None:
        """Leave the sending to the web server in front, which knows ranges and conditions itself."""
        self.set_status(200)
        self.clear_header("Content-Type")
        for name, value in accel_headers(place, sound):
            self._headers[name] = value
        self._headers["Content-Disposition"] = disposition(sound.filename, self.sent_as)
        self.finish()

    async def _sent_elsewhere(self, answer: Plan, sound: Sound) -> bool:
        """Whether the listener was sent to the store that keeps the file, by a signed address."""
        if sound.far is None or answer.status not in (200, 206, 416):
            return False
        address = await sound.far.address(self.request.method or "GET", disposition(sound.filename, self.sent_as))
        if address is None:
            return False
        self.set_status(307)
        self.clear_header("Content-Type")
        self.set_header("Location", address)
        self.set_header("Cache-Control", "private, no-store")
        self.set_header("Vary", "Accept, Authorization, Origin")
        self.set_header("X-Tutti-Rendition", _rendition(sound.rendition, sound.why))
        self.finish()
        return True

    def _write_head(self, answer: Plan, sound: Sound) -> None:
        self.set_status(answer.status)
        self.clear_header("Content-Type")
        for name, value in sound_headers(answer, sound):
            self._headers[name] = value


def sound_headers(answer: Plan, sound: Sound) -> list[tuple[str, str]]:
    """The headers that tell about the sound and the part of it that is sent, for any status; no name comes twice."""
    tag, body = _constant_headers(sound.target, sound.rendition, sound.why, sound.filename)
    if answer.status == 304:
        return list(tag)
    own = {name for name, _ in answer.headers}
    described = body if answer.status in (200, 206) else ()
    headers = [*tag, *(pair for pair in described if pair[0] not in own), *answer.headers]
    headers.append(("Content-Length", str(answer.content_length)))
    return headers


def accel_headers(place: str, sound: Sound) -> list[tuple[str, str]]:
    """The headers of an answer without a body whose file the web server in front has at `place`.

    Tag and date are left to that server: it judges conditions and ranges by its own.
    """
    tag, body = _constant_headers(sound.target, sound.rendition, sound.why, sound.filename)
    told = [pair for pair in tag if pair[0] not in ("ETag", "Last-Modified", "Accept-Ranges")]
    return [*told, *body, ("X-Accel-Redirect", place), ("Content-Length", "0")]


def accepted_sound(field: str | None) -> Accepted:
    """What an `Accept` field says about sound; a very long one says nothing.

    Opus is liked best only where Ogg is named outright, not where a wildcard covers it.
    """
    return ANYTHING if field is None or field == "*/*" or len(field) > 1000 else _accepted(field)


@lru_cache(maxsize=256)
def _accepted(field: str) -> Accepted:
    field = ",".join(_plain(part) for part in field.split(","))
    liked = negotiate(field, tuple(_OFFERED), usual="audio/mpeg")
    taken = frozenset(kind for kind in _TYPES if negotiate(field, (kind,), usual=kind))
    parts = (part.partition(";")[0].strip() for part in field.split(","))
    return Accepted(_OFFERED[liked or "audio/mpeg"], taken, taken.intersection(parts))


def _plain(part: str) -> str:
    """A range of an `Accept` field with its type as it is called here, and what comes behind it."""
    return ";".join([plain_type(part), *part.split(";")[1:]])


Headers = tuple[tuple[str, str], ...]


@lru_cache(maxsize=1024)
def _constant_headers(target: Target, rendition: str, why: str, filename: str) -> tuple[Headers, Headers]:
    tag = (
        ("ETag", target.etag),
        ("Last-Modified", http_date(target.modified_s)),
        ("Cache-Control", "private, no-cache"),
        ("Vary", "Accept, Authorization, Origin"),
        ("Accept-Ranges", "bytes"),
        ("X-Tutti-Rendition", _rendition(rendition, why)),
    )
    body = (("Content-Type", target.content_type), ("Content-Disposition", disposition(filename)))
    for name, value in tag + body:
        if not value.isprintable() or not value.isascii():
            raise ValueError(f"{name} cannot be sent: {value!r}")
    return tag, body


def disposition(filename: str, kind: str = "inline") -> str:
    """The `kind` with the name twice: in ASCII for old players, percent-encoded UTF-8 (RFC 5987) for the others."""
    plain = "".join(c if 32 <= ord(c) < 127 and c not in '"\\%/' else "_" for c in filename)
    full = quote(filename.replace("/", "_"), safe="")
    return f"{kind}; filename=\"{plain}\"; filename*=UTF-8''{full}"


def _rendition(name: str, why: str) -> str:
    plain = "".join(c if 32 <= ord(c) < 127 and c not in '"\\' else "_" for c in why)
    return f'{name}; why="{plain}"'
