"""Pictures made for tests: corners of known colours, in every format and mode, and files that lie."""

from __future__ import annotations

import struct
import zlib
from io import BytesIO
from typing import Any

from PIL import Image, ImageCms

RED, GREEN, BLUE, WHITE = (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255)


def corners(size: int = 64) -> Image.Image:
    """Red top left, green top right, blue bottom left, white bottom right."""
    half = size // 2
    picture = Image.new("RGB", (size, size), WHITE)
    picture.paste(RED, (0, 0, half, half))
    picture.paste(GREEN, (half, 0, size, half))
    picture.paste(BLUE, (0, half, half, size))
    return picture


def saved(picture: Image.Image, format: str, **options: Any) -> bytes:
    buffer = BytesIO()
    picture.save(buffer, format, **options)
    return buffer.getvalue()


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(width: int, height: int, *chunks: bytes, rows: bytes = b"") -> bytes:
    """A PNG of grey pixels whose header says what it likes."""
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + b"".join(chunks) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def gif_frame_beyond_its_screen() -> bytes:
    """A GIF whose screen is one pixel and whose frame claims 65,000 by 65,000."""
    screen = b"GIF89a" + struct.pack("<HHBBB", 1, 1, 0x80, 0, 0) + b"\x00\x00\x00\xff\xff\xff"
    return screen + b"," + struct.pack("<HHHHB", 0, 0, 65_000, 65_000, 0) + b"\x02\x02\x44\x01\x00;"


def tiff_with_a_giant_tile() -> bytes:
    """A TIFF of 16 by 16 pixels kept in one tile of 40,000 by 40,000."""
    packed = zlib.compress(b"\x00" * 4096)
    entries = [
        (256, 4, 16), (257, 4, 16), (258, 3, 8), (259, 3, 8), (262, 3, 1), (277, 3, 1), (322, 4, 40_000),
        (323, 4, 40_000), (324, 4, 8 + 2 + 10 * 12 + 4), (325, 4, len(packed)),
    ]  # fmt: skip
    body = b"".join(struct.pack("<HHII", tag, kind, 1, value) for tag, kind, value in entries)
    return b"II*\x00" + struct.pack("<I", 8) + struct.pack("<H", len(entries)) + body + b"\x00" * 4 + packed


def wide_gamut_profile() -> bytes:
    """An RGB profile that is not sRGB: its red and blue are exchanged, so that whoever heeds it shows blue for red."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    count = struct.unpack(">I", profile[128:132])[0]
    at = {profile[132 + 12 * n : 136 + 12 * n].decode(): 132 + 12 * n for n in range(count)}
    red, blue = at["rXYZ"], at["bXYZ"]
    profile[red + 4 : red + 12], profile[blue + 4 : blue + 12] = (
        profile[blue + 4 : blue + 12],
        profile[red + 4 : red + 12],
    )
    return bytes(profile)
