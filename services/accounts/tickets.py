"""Playback tickets: signed words in a URL that let an `<audio>` element, which cannot send headers, play one song.

Owns: what a ticket holds, its signature and its end. Refuses to know songs, people and permissions: who gets a ticket
is decided by whoever issues it, and the song's own access rule is asked again when it is played.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections import OrderedDict
from dataclasses import dataclass

from services.clock import Clock
from services.errors import Unauthenticated

_MAC_BYTES = 32
_DOMAIN = b"tutti playback ticket 1\x00"
_MAX_TICKET_CHARACTERS = 1000


@dataclass(frozen=True, slots=True)
class Ticket:
    """Who may play which song until when (epoch milliseconds), and `quality` at most."""

    user_id: str
    session_id: str
    song_id: str
    quality: str
    expires_ms: int


class Tickets:
    """Issues and opens tickets signed with HMAC-SHA256 under `key` (at least 16 bytes), good for `lifetime_s`.

    The `remembered` last opened ones are not verified again, only looked at for their time; sessions that ended are
    remembered until all their tickets have run out, at most ten times as many.
    """

    def __init__(self, key: bytes, *, clock: Clock, lifetime_s: int, remembered: int = 4096) -> None:
        if len(key) < 16:
            raise ValueError("a ticket key has at least 16 bytes")
        self._key = key
        self._clock = clock
        self._lifetime_ms = lifetime_s * 1000
        self._remembered = remembered
        self._opened: OrderedDict[str, Ticket] = OrderedDict()
        self._ended: OrderedDict[str, int] = OrderedDict()

    def for_purpose(self, purpose: bytes, *, lifetime_s: int) -> Tickets:
        """Others, signed with a key of their own: no ticket of one purpose serves another."""
        key = hmac.new(self._key, b"purpose\x00" + purpose, hashlib.sha256).digest()
        return Tickets(key, clock=self._clock, lifetime_s=lifetime_s, remembered=self._remembered)

    def issue(self, *, user_id: str, session_id: str, song_id: str, quality: str) -> str:
        """A ticket in URL-safe characters. The parts must not contain NUL."""
        expires_ms = self._clock.epoch_ms() + self._lifetime_ms
        parts = (user_id, session_id, song_id, quality, str(expires_ms))
        if any("\x00" in part for part in parts):
            raise ValueError("a ticket's parts cannot hold NUL")
        payload = "\x00".join(parts).encode("utf-8")
        return base64.urlsafe_b64encode(self._sign(payload) + payload).rstrip(b"=").decode("ascii")

    def open(self, ticket: str, song_id: str) -> Ticket:
        """What a ticket says. Unauthenticated when it is not ours, for another song, over, or of an ended session."""
        known = self._opened.get(ticket)
        if known is None:
            known = self._verify(ticket)
            self._opened[ticket] = known
            if len(self._opened) > self._remembered:
                self._opened.popitem(last=False)
        if known.song_id != song_id:
            raise Unauthenticated("This ticket is not for this song.", code="TICKET_INVALID")
        if known.expires_ms <= self._clock.epoch_ms():
            raise Unauthenticated("This ticket has expired.", code="TICKET_EXPIRED")
        if known.session_id in self._ended:
            raise Unauthenticated("This ticket's session has ended.", code="TICKET_EXPIRED")
        return known

    def end_session(self, session_id: str) -> None:
        """From now on refuse the tickets of this session, for as long as any of them could live."""
        now_ms = self._clock.epoch_ms()
        self._ended.pop(session_id, None)
        self._ended[session_id] = now_ms + self._lifetime_ms
        while self._ended and (len(self._ended) > self._remembered * 10 or next(iter(self._ended.values())) <= now_ms):
            self._ended.popitem(last=False)

    def _verify(self, ticket: str) -> Ticket:
        refused = Unauthenticated("This ticket is not valid.", code="TICKET_INVALID")
        if len(ticket) > _MAX_TICKET_CHARACTERS:
            raise refused
        try:
            raw = base64.b64decode(ticket + "=" * (-len(ticket) % 4), altchars=b"-_", validate=True)
        except (binascii.Error, ValueError):
            raise refused from None
        signature, payload = raw[:_MAC_BYTES], raw[_MAC_BYTES:]
        if not hmac.compare_digest(signature, self._sign(payload)):
            raise refused
        parts = payload.decode("utf-8").split("\x00")
        if len(parts) != 5:
            raise refused
        return Ticket(parts[0], parts[1], parts[2], parts[3], int(parts[4]))

    def _sign(self, payload: bytes) -> bytes:
        return hmac.new(self._key, _DOMAIN + payload, hashlib.sha256).digest()
