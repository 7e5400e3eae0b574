"""An Ogg reader of the tests' own: nothing in it is shared with what writes the pages."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class Page:
    """One page as it lies in a file, `at` bytes from the beginning."""

    at: int
    size: int
    flags: int
    granule: int
    serial: int
    sequence: int
    packets: list[bytes]


def _table():
    rows = []
    for byte in range(256):
        value = byte << 24
        for _ in range(8):
            value = (value << 1) ^ (0x04C11DB7 if value & 0x80000000 else 0)
        rows.append(value & 0xFFFFFFFF)
    return rows


TABLE = _table()


def crc(data: bytes) -> int:
    """As RFC 3533 has it, a byte at a time."""
    value = 0
    for byte in data:
        value = (value << 8 & 0xFFFFFFFF) ^ TABLE[value >> 24 ^ byte]
    return value


def read_pages(data: bytes) -> list[Page]:
    """All pages; every checksum is computed, nothing may be left over, no packet may cross a page."""
    pages, at = [], 0
    while at < len(data):
        assert data[at : at + 5] == b"OggS\0"
        count = data[at + 26]
        values = data[at + 27 : at + 27 + count]
        body = at + 27 + count
        size = 27 + count + sum(values)
        assert at + size <= len(data)
        raw = data[at : at + size]
        assert crc(raw[:22] + bytes(4) + raw[26:]) == int.from_bytes(raw[22:26], "little")
        packets, packet = [], b""
        for value in values:
            packet += data[body : body + value]
            body += value
            if value < 255:
                packets.append(packet)
                packet = b""
        assert packet == b""
        numbers = [int.from_bytes(raw[a:b], "little") for a, b in ((6, 14), (14, 18), (18, 22))]
        pages.append(Page(at, size, raw[5], *numbers, packets))
        at += size
    return pages
