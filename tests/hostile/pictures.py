"""Pictures made to be costly, beside the bombs of tests/pictures/test_rendering.py."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable

from PIL import Image

from services.pictures.rendering import PIXELS_LIMIT
from tests.pictures.canvas import chunk, corners, png, saved

MB = 1 << 20


def moving_gif(frames: int) -> bytes:
    """A GIF of one pixel that changes very often."""
    screen = b"GIF89a" + struct.pack("<HHBBB", 1, 1, 0x80, 0, 0) + b"\x00\x00\x00\xff\xff\xff"
    return screen + b",\0\0\0\0\1\0\1\0\0\x02\x02\x44\x01\x00" * frames + b";"


def moving_png(frames: int) -> bytes:
    """An animated PNG that says it has so many frames."""
    return png(4, 4, chunk(b"acTL", struct.pack(">II", frames, 0)), rows=b"\x00" * 20)


def with_segments(marker: int, count: int, body: bytes) -> bytes:
    """A JPEG with so many segments of this kind in front of its picture."""
    made = saved(corners(), "JPEG")
    return made[:2] + (bytes((0xFF, marker)) + struct.pack(">H", 2 + len(body)) + body) * count + made[2:]


def exif(body: bytes) -> bytes:
    return with_segments(0xE1, 1, b"Exif\0\0" + body)


def exif_that_leads_to_itself() -> bytes:
    """A directory of EXIF whose next one is itself, as is the one inside it."""
    entry = struct.pack("<HHII", 0x8769, 4, 1, 8)
    return exif(b"II*\0" + struct.pack("<I", 8) + struct.pack("<H", 1) + entry + struct.pack("<I", 8))


def exif_of_four_thousand_million() -> bytes:
    """Texts that say they have four thousand million letters each."""
    entries = b"".join(struct.pack("<HHII", tag, 2, 0xFFFFFFFF, 8) for tag in range(0x100, 0x500))
    return exif(b"II*\0" + struct.pack("<I", 8) + struct.pack("<H", 0x400) + entries + bytes(4))


def largest_that_is_opened(mode: str) -> bytes:
    """As many pixels as are taken, all alike: some kilobytes."""
    return saved(Image.new(mode, (PIXELS_LIMIT // 5000, 5000)), "PNG")


def webp_that_says_it_is_large() -> bytes:
    made = bytearray(saved(corners(), "WEBP", lossless=True))
    at = made.index(b"VP8L") + 9
    made[at : at + 4] = struct.pack("<I", 0x3FFF | 0x3FFF << 14)
    return bytes(made)


def avif_that_says_it_is_large() -> bytes:
    made = bytearray(saved(corners(), "AVIF"))
    at = made.index(b"ispe") + 8
    made[at : at + 8] = struct.pack(">II", 65_535, 65_535)
    return bytes(made)


def rows_beyond_the_picture() -> bytes:
    """A PNG of four pixels with 256 MB of rows behind them."""
    packing = zlib.compressobj(9)
    rows = b"".join(packing.compress(bytes(MB)) for _ in range(256)) + packing.flush()
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 4, 4, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


PICTURES: dict[str, Callable[[], bytes]] = {
    "gif: a hundred thousand frames": lambda: moving_gif(100_000),
    "png: four thousand million frames": lambda: moving_png(0xFFFFFFFF),
    "png: rows beyond the picture": rows_beyond_the_picture,
    "png: half a million empty chunks": lambda: png(4, 4, chunk(b"tEXt", b"a\0") * 500_000, rows=b"\x00" * 20),
    "png: the most grey pixels": lambda: largest_that_is_opened("L"),
    "jpeg: half a million comments": lambda: with_segments(0xFE, 500_000, b""),
    "jpeg: a profile of 16 MB": lambda: with_segments(0xE2, 255, b"ICC_PROFILE\0\1\xff" + bytes(65_000)),
    "jpeg: words of 30 MB": lambda: with_segments(0xE1, 460, bytes(65_000)),
    "jpeg: a directory that leads to itself": exif_that_leads_to_itself,
    "jpeg: words of four thousand million letters": exif_of_four_thousand_million,
    "webp: a header of 16,384 by 16,384": webp_that_says_it_is_large,
    "avif: a header of 65,535 by 65,535": avif_that_says_it_is_large,
}
MOST_PIXELS: dict[str, Callable[[], bytes]] = {
    "png: the most coloured pixels": lambda: largest_that_is_opened("RGBA"),
    "png: the most pixels of sixteen bits": lambda: largest_that_is_opened("I;16"),
    "png: the most pixels of a palette": lambda: largest_that_is_opened("P"),
}
"""The largest that is opened: a matter of seconds, for the long proof."""
