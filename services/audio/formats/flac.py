"""FLAC: stream information, where the frames lie, and whether the last of them is there.

Refuses to know what the tags say.
"""

from __future__ import annotations

from typing import BinaryIO

from services.audio.formats.mpeg import id3v2_length
from services.audio.formats.stream_facts import StreamFacts, Unreadable, read_at

_TAIL_BYTES = 512 * 1024
_BLOCK_SIZES = {1: 192, **{n: 576 << (n - 2) for n in range(2, 6)}, **{n: 256 << (n - 8) for n in range(8, 16)}}


def read_flac(file: BinaryIO, size: int) -> StreamFacts:
    """Facts of a FLAC file from its STREAMINFO (RFC 9639). Unreadable when metadata or the last frame is missing."""
    at = id3v2_length(read_at(file, 0, 10))
    if read_at(file, at, 4) != b"fLaC":
        raise Unreadable("the FLAC marker is missing")
    at += 4
    info = b""
    last = False
    while not last:
        head = read_at(file, at, 4)
        length = int.from_bytes(head[1:4], "big")
        if len(head) < 4 or at + 4 + length > size:
            raise Unreadable("the file is cut off inside its metadata")
        last = bool(head[0] & 0x80)
        if head[0] & 0x7F == 0 and not info:
            info = read_at(file, at + 4, length)
        at += 4 + length
    if len(info) < 34:
        raise Unreadable("the FLAC stream information is missing")
    packed = int.from_bytes(info[10:18], "big")
    rate, channels, bits = packed >> 44, (packed >> 41 & 7) + 1, (packed >> 36 & 31) + 1
    samples = packed & ((1 << 36) - 1)
    facts = StreamFacts("flac", "flac", "audio/flac", rate, channels, bits, spans=((at, max(0, size - at)),))
    largest_block = int.from_bytes(info[2:4], "big")
    fixed_block = largest_block if info[0:2] == info[2:4] else 0
    reached = _reached(read_at(file, max(at, size - _TAIL_BYTES), _TAIL_BYTES), fixed_block or largest_block)
    if samples and reached is not None and reached < samples:
        raise Unreadable(
            f"the file is cut off: {reached / max(rate, 1):.1f} of {samples / max(rate, 1):.1f} s are there"
        )
    if reached is None:
        raise Unreadable("no FLAC frames were found")
    facts.samples = samples or reached
    if any(info[18:34]) and samples:
        facts.fingerprint = info[18:34] + info[10:18]
    return facts.settle()


def _reached(tail: bytes, block: int) -> int | None:
    """The sample after the last frame that begins in these bytes; None when none does."""
    at = len(tail)
    while (at := tail.rfind(b"\xff", 0, at)) >= 0:
        if tail[at + 1 : at + 2] in (b"\xf8", b"\xf9"):
            end = _frame_end(tail[at : at + 16], block)
            if end is not None:
                return end
    return None


def _frame_end(head: bytes, block: int) -> int | None:
    """The sample number after the frame that opens here (RFC 9639, section 9.1); None when its CRC does not hold."""
    if len(head) < 6 or head[3] & 1 or head[2] >> 4 == 0 or head[2] & 15 == 15:
        return None
    number, at = _coded_number(head, 4)
    if at == 0:
        return None
    size_code = head[2] >> 4
    if size_code in (6, 7):
        width = size_code - 5
        samples = int.from_bytes(head[at : at + width], "big") + 1
        at += width
    else:
        samples = _BLOCK_SIZES[size_code]
    rate_code = head[2] & 15
    at += 1 if rate_code == 12 else 2 if rate_code in (13, 14) else 0
    if at >= len(head) or _crc8(head[:at]) != head[at]:
        return None
    return number + samples if head[1] & 1 else number * block + samples


def _coded_number(head: bytes, at: int) -> tuple[int, int]:
    """A number coded the way UTF-8 codes characters, and the offset behind it (0 when it is malformed)."""
    first = head[at]
    if first < 0x80:
        return first, at + 1
    extra = 0
    while first << extra & 0x40:
        extra += 1
    if not 1 <= extra <= 6 or at + extra >= len(head):
        return 0, 0
    value = first & (0x3F >> extra)
    for byte in head[at + 1 : at + 1 + extra]:
        if byte & 0xC0 != 0x80:
            return 0, 0
        value = value << 6 | byte & 0x3F
    return value, at + 1 + extra


def _crc8(data: bytes) -> int:
    crc = 0
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = (crc << 1 ^ 0x07) & 0xFF if crc & 0x80 else crc << 1
    return crc
