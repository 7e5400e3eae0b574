"""Ogg Vorbis and Ogg Opus: pages walked once, for the exact length and for where the sound's packets lie.

Owns pages, packets and granule positions. Refuses to know what the comments say.
"""

from __future__ import annotations

from typing import BinaryIO

from services.audio.formats.stream_facts import Span, StreamFacts, Unreadable

_HEADER_PACKETS = {"vorbis": 3, "opus": 2}
PAGES_LIMIT = 1_000_000
"""Each is remembered until the sound has been hashed; writers make one a second, or fifty."""
_NO_GRANULE = 0xFFFFFFFFFFFFFFFF


def read_ogg(file: BinaryIO, size: int) -> StreamFacts:
    """Facts of the first logical stream. Unreadable when it is neither Vorbis nor Opus, or cut off within a page.

    Samples are the last granule position less what the stream says to skip in front (RFC 7845 for Opus).
    """
    file.seek(0)
    facts: StreamFacts | None = None
    serial = b""
    headers_left = 0
    spans: list[Span] = []
    at = 0
    granule = skipped = 0
    while at + 27 <= size:
        page = file.read(27)
        if page[:4] != b"OggS":
            raise Unreadable("an Ogg page is damaged" if at else "the Ogg marker is missing")
        lacing = file.read(page[26])
        length = sum(lacing)
        if len(lacing) < page[26] or at + 27 + len(lacing) + length > size:
            raise Unreadable(f"the file is cut off inside a page, {size} bytes in")
        body = at + 27 + len(lacing)
        at = body + length
        if facts is None:
            facts, headers_left, skipped = _opening(file.read(length))
            serial = page[14:18]
            headers_left -= 1
            continue
        file.seek(at)
        if page[14:18] != serial:
            continue
        skip = 0
        if headers_left:
            headers_left, skip = _past_headers(lacing, headers_left)
        if length > skip:
            if len(spans) >= PAGES_LIMIT:
                raise Unreadable("the file is made of too many pieces")
            spans.append((body + skip, length - skip))
        position = int.from_bytes(page[6:14], "little")
        if position != _NO_GRANULE:
            granule = max(granule, position)
    if facts is None:
        raise Unreadable("the file is cut off before its first page ends")
    if at < size:
        raise Unreadable(f"the file is cut off inside a page, {size} bytes in")
    if not spans:
        raise Unreadable("the file is cut off before its sound begins")
    facts.spans = spans
    facts.samples = granule - skipped
    return facts.settle()


def _opening(body: bytes) -> tuple[StreamFacts, int, int]:
    """Facts of the identification packet, how many header packets there are, and samples to skip in front."""
    if body.startswith(b"\x01vorbis") and len(body) >= 28:
        rate, channels = int.from_bytes(body[12:16], "little"), body[11]
        return StreamFacts("vorbis", "ogg", "audio/ogg", rate, channels), _HEADER_PACKETS["vorbis"], 0
    if body.startswith(b"OpusHead") and len(body) >= 19:
        skipped = int.from_bytes(body[10:12], "little")
        facts = StreamFacts("opus", "ogg", "audio/ogg", 48000, body[9], delay=skipped)
        return facts, _HEADER_PACKETS["opus"], skipped
    kinds = {b"\x80theora": "video (Theora)", b"Speex   ": "Speex", b"\x7fFLAC": "FLAC in Ogg", b"fishead": "video"}
    for mark, kind in kinds.items():
        if body.startswith(mark):
            raise Unreadable(f"the Ogg file holds {kind}, which is not supported")
    raise Unreadable("the Ogg file holds neither Vorbis nor Opus")


def _past_headers(lacing: bytes, headers_left: int) -> tuple[int, int]:
    """How many header packets are still to come after this page, and the bytes of it that belong to headers."""
    skip = 0
    for piece in lacing:
        if not headers_left:
            break
        skip += piece
        if piece < 255:
            headers_left -= 1
    return headers_left, skip
