"""Ogg pages as they are written: header, lacing and checksum by RFC 3533 §6.

Owns the bytes of a page that holds whole packets of one size. Refuses to know codecs; reading is `ogg.py`'s.
"""

from __future__ import annotations

import struct
import zlib

FIRST, LAST = 0x02, 0x04
"""Header flags: the first and the last page of a logical stream."""
HEADER_BYTES = 27
"""What comes before the lacing values."""
MOST_LACING = 255
"""Lacing values that a page can hold."""

_HEADER = struct.Struct("<4sBBqIIIB")
_CHECKSUM = slice(22, 26)
_MIRROR = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))
_NOTHING = 0xFFFFFFFF


def checksum(data: bytes) -> int:
    """The CRC-32 of RFC 3533: polynomial 0x04C11DB7, highest bit first, beginning at 0, nothing inverted.

    zlib's has the same polynomial, lowest bit first, and inverts at both ends: mirroring the bits of every byte, and
    of the result, turns one into the other at zlib's speed (about a millisecond for a megabyte).
    """
    mirrored = zlib.crc32(data.translate(_MIRROR), _NOTHING) ^ _NOTHING
    return int.from_bytes(mirrored.to_bytes(4, "little").translate(_MIRROR), "big")


def lacing(packet_bytes: int) -> bytes:
    """The lacing values of one packet: 255 as often as it fits, then the rest, which may be 0."""
    return b"\xff" * (packet_bytes // 255) + bytes([packet_bytes % 255])


def page_bytes(packets: int, packet_bytes: int) -> int:
    """The length of a page with so many packets of that size."""
    return HEADER_BYTES + packets * (packet_bytes // 255 + 1 + packet_bytes)


def page(body: bytes, *, packet_bytes: int, serial: int, sequence: int, granule: int, flags: int = 0) -> bytes:
    """One page with the packets in `body`, each of `packet_bytes`.

    ValueError when they are no whole number of packets or more than a page holds.
    """
    packets, rest = divmod(len(body), packet_bytes)
    table = lacing(packet_bytes) * packets
    if rest or len(table) > MOST_LACING:
        raise ValueError(f"{len(body)} bytes are no page of packets of {packet_bytes}")
    header = _HEADER.pack(b"OggS", 0, flags, granule, serial, sequence, 0, len(table)) + table
    whole = bytearray(header + body)
    whole[_CHECKSUM] = checksum(bytes(whole)).to_bytes(4, "little")
    return bytes(whole)
