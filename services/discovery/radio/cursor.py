"""Where a station is: how far it went, what it played last, and a mark of each song that it played lately.

Pure. Owns the bounded, opaque text that carries this from page to page: so a station can be gone on with wherever the
next page is asked for, and what it played is not played again however the order has changed meanwhile. A mark is three
bytes: of 500 songs, one in 30,000 others is taken for one of them, and comes later for it.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from services.errors import Invalid

WINDOW = 500
"""So many songs lie between a song and the same one, where the station has so many."""
_HEAD = struct.Struct(">B4sIH3s")
_VERSION = 1
_MARK_BYTES = 3
NO_MARK = b"\0\0\0"
TEXT_LIMIT = 4 * ((_HEAD.size + WINDOW * _MARK_BYTES) // 3 + 1)


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place in a station: songs played before it, fresh shuffles before it, the last artist, the last songs' marks,
    the oldest first."""

    played: int = 0
    shuffles: int = 0
    last_artist: bytes = NO_MARK
    recent: tuple[bytes, ...] = ()

    def after(self, song_ids: Sequence[str], artist_id: str, shuffles: int, recent: Sequence[bytes]) -> Cursor:
        """The place after these songs, the last of them by this artist; `recent` holds their marks already."""
        played = min(self.played + len(song_ids), 2**32 - 1)
        return Cursor(played, min(shuffles, 2**16 - 1), mark(artist_id), tuple(recent[-WINDOW:]))


BEGINNING = Cursor()


def mark(id: str) -> bytes:
    """Three bytes that stand for an id; never those that stand for none."""
    return hashlib.blake2b(id.encode(), digest_size=_MARK_BYTES).digest() or NO_MARK


def since(song_ids: Iterable[str], artist_id: str = "") -> Cursor:
    """The place after these songs, whoever played them."""
    marks = [mark(id) for id in song_ids]
    return Cursor(len(marks), 0, mark(artist_id) if artist_id else NO_MARK, tuple(marks[-WINDOW:]))


def write_place(station_id: str, cursor: Cursor) -> str:
    """The place as text, for this station alone."""
    head = _HEAD.pack(_VERSION, _station(station_id), cursor.played, cursor.shuffles, cursor.last_artist)
    return base64.urlsafe_b64encode(head + b"".join(cursor.recent)).rstrip(b"=").decode()


def read_place(station_id: str, text: str) -> Cursor:
    """The place that `write_place` wrote. Invalid (`after`) for anything else, and for another station's."""
    if len(text) > TEXT_LIMIT:
        raise _foreign()
    try:
        raw = base64.b64decode(text.encode("ascii") + b"=" * (-len(text) % 4), altchars=b"-_", validate=True)
        version, station, played, shuffles, last_artist = _HEAD.unpack_from(raw)
    except (ValueError, binascii.Error, struct.error) as error:
        raise _foreign() from error
    marks = raw[_HEAD.size :]
    if version != _VERSION or len(marks) % _MARK_BYTES or len(marks) > WINDOW * _MARK_BYTES:
        raise _foreign()
    if station != _station(station_id):
        raise Invalid("This cursor is another station's.", field="after")
    recent = tuple(marks[at : at + _MARK_BYTES] for at in range(0, len(marks), _MARK_BYTES))
    return Cursor(played, shuffles, last_artist, recent)


def _station(id: str) -> bytes:
    return hashlib.blake2b(id.encode(), digest_size=4).digest()


def _foreign() -> Invalid:
    return Invalid("This cursor is not one of ours.", field="after")
