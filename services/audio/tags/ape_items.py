"""An APE tag before it is parsed: whether its items are few, short of name and where they say they are.

The parser reads names byte by byte and takes the tag's word for how many there are. Source: APEv2's description of
header, footer and items. Refuses to know what the items mean.
"""

from __future__ import annotations

from typing import BinaryIO

ITEMS_LIMIT = 1_000
NAME_LIMIT = 255
TAG_LIMIT_BYTES = 48 << 20
_MARK = b"APETAGEX"
_TAIL_BYTES = 128 + 15 + 999_999 + 32
"""The furthest from the end that a footer can stand: before version 1 of ID3, and before Lyrics3."""


def ape_is_sound(file: BinaryIO) -> bool:
    """Whether there is an APE tag, and whichever mark is taken for it leads to few and short items."""
    file.seek(0, 2)
    size = file.tell()
    file.seek(max(0, size - _TAIL_BYTES))
    begin = file.tell()
    tail = file.read(_TAIL_BYTES)
    marks: list[int] = []
    at = tail.find(_MARK)
    while at >= 0 and len(marks) <= 8:
        marks.append(begin + at)
        at = tail.find(_MARK, at + 1)
    file.seek(0)
    if file.read(8) == _MARK and 0 not in marks:
        marks.append(0)
    return 0 < len(marks) <= 8 and all(_is_sound(file, mark) for mark in marks)


def _is_sound(file: BinaryIO, at: int) -> bool:
    """Both readings of a mark are tried, as a header and as a footer: it is sound when none of them is too much."""
    file.seek(at)
    head = file.read(32)
    length, count = int.from_bytes(head[12:16], "little"), int.from_bytes(head[16:20], "little")
    if len(head) < 24 or length > TAG_LIMIT_BYTES or count > ITEMS_LIMIT:
        return False
    return all(_names_end(file, begin, length, count) for begin in {at + 32, max(0, at + 32 - length)})


def _names_end(file: BinaryIO, begin: int, length: int, count: int) -> bool:
    at = begin
    for _ in range(count):
        file.seek(at)
        head = file.read(8 + NAME_LIMIT + 1)
        if len(head) < 9 or at >= begin + length:
            # The parser stops here too.
            return True
        end = head.find(b"\0", 8)
        if end < 0 and len(head) == 8 + NAME_LIMIT + 1:
            return False
        at += end + 1 + int.from_bytes(head[:4], "little")
        if end < 0:
            return True
    return True
