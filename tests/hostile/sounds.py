"""Sounds made to be costly: each a file of some kilobytes or megabytes that would once have been hours or gigabytes."""

from __future__ import annotations

import random
import struct
import zlib
from collections.abc import Callable

from services.audio.codecs.flac_frames import frame_head

FRAME = b"\xff\xfb\x90\x00" + bytes(413)
"""A frame of MP3: MPEG 1, layer III, 128 kbit/s, 44.1 kHz, and nothing to hear."""
MP3 = FRAME * 5
MB = 1 << 20


def syncsafe(number: int) -> bytes:
    return bytes(number >> shift & 0x7F for shift in (21, 14, 7, 0))


def id3(body: bytes, version: int = 4, flags: int = 0, length: int | None = None) -> bytes:
    return b"ID3" + bytes((version, 0, flags)) + syncsafe(len(body) if length is None else length) + body + MP3


def frame(name: bytes, data: bytes, flags: int = 0, version: int = 4) -> bytes:
    size = syncsafe(len(data)) if version == 4 else len(data).to_bytes(4, "big")
    return name + size + bytes((0, flags)) + data


def zeros_packed(unpacked: int) -> bytes:
    packing = zlib.compressobj(9)
    return b"".join(packing.compress(bytes(MB)) for _ in range(unpacked // MB)) + packing.flush()


def atom(name: bytes, body: bytes = b"") -> bytes:
    return struct.pack(">I4s", 8 + len(body), name) + body


def nested_atoms(depth: int) -> bytes:
    """Containers within containers, each as long as what it holds."""
    return b"".join(struct.pack(">I4s", 8 * (depth - level), b"moov") for level in range(depth))


def flac(*blocks: tuple[int, bytes], samples: int = 4096) -> bytes:
    info = struct.pack(">HH", 4096, 4096) + bytes(6)
    info += (44100 << 44 | 1 << 41 | 15 << 36 | samples).to_bytes(8, "big") + bytes(16)
    made = b"".join(bytes((kind,)) + len(body).to_bytes(3, "big") + body for kind, body in ((0, info), *blocks))
    return b"fLaC" + made + b"\x81\0\0\0" + frame_head(0, 4096, 44100, 2, 16) + bytes(400)


def comments(count: int, *each: bytes) -> bytes:
    return struct.pack("<I", 0) + struct.pack("<I", count) + b"".join(struct.pack("<I", len(e)) + e for e in each)


def ogg_page(body: bytes, number: int, flags: int = 0, granule: int = 0) -> bytes:
    pieces = [255] * (len(body) // 255) + [len(body) % 255]
    head = struct.pack("<4sBBqIII", b"OggS", 0, flags, granule, 7, number, 0)
    return head + bytes((len(pieces),)) + bytes(pieces) + body


def opus(tags: bytes, pages: int = 1) -> bytes:
    head = b"OpusHead\x01\x02\0\0\x80\xbb\0\0\0\0\0"
    begun = ogg_page(head, 0, 2) + ogg_page(b"OpusTags" + tags, 1)
    return begun + b"".join(ogg_page(b"\xfc", 2 + n, 0, 960 * (n + 1)) for n in range(pages))


def ape(items: bytes, count: int) -> bytes:
    return MP3 + items + b"APETAGEX" + struct.pack("<IIII", 2000, len(items) + 32, count, 0) + bytes(8)


def wav(*chunks: tuple[bytes, bytes], rate: int = 44_100, channels: int = 2) -> bytes:
    block = min(65_535, 2 * channels)
    form = (b"fmt ", struct.pack("<HHIIHH", 1, channels, rate, rate * block, block, 16))
    body = b"".join(name + struct.pack("<I", len(data)) + data for name, data in (form, *chunks))
    return b"RIFF" + struct.pack("<I", 4 + len(body)) + b"WAVE" + body


def ten_hours_in_a_kilobyte() -> bytes:
    """A Xing header that promises more frames than there are bytes."""
    head = FRAME[:36] + b"Xing" + struct.pack(">II", 1, 1_378_125)
    return head + FRAME[len(head) :] + FRAME * 2


PICTURE = b"\0image/jpeg\0\x03\0"
SOUNDS: dict[str, tuple[Callable[[], bytes], str | None]] = {
    # What is told of each, or None for one whose sound is good and whose tags are left out.
    "id3: a packed frame of 64 MB": (lambda: id3(frame(b"TIT2", bytes(4) + zeros_packed(64 * MB), 0x09)), None),
    "id3: a packed frame of 256 MB, 2.3": (
        lambda: id3(frame(b"TIT2", bytes(4) + zeros_packed(256 * MB), 0x80, 3), version=3),
        None,
    ),
    "id3: a million frames": (lambda: id3(frame(b"TIT2", b"\0") * 1_000_000), None),
    "id3: a text of eight million values": (lambda: id3(frame(b"TIT2", b"\0" + bytes(8 * MB))), None),
    "id3: sixteen texts of 60,000 values": (lambda: id3(frame(b"TXXX", b"\0" + bytes(60_000)) * 16), None),
    "id3: two million syllables": (
        lambda: id3(frame(b"SYLT", b"\0eng\x02\x01\0" + b"a\0\0\0\0\1" * 2_000_000)),
        None,
    ),
    "id3: a picture of 100 MB": (lambda: id3(frame(b"APIC", PICTURE + bytes(100 * MB))), None),
    "id3: a picture that says it has 256 MB": (
        lambda: id3(b"APIC" + syncsafe((1 << 28) - 1) + bytes(2) + PICTURE, length=(1 << 28) - 1)[:2000],
        None,
    ),
    "id3: a million empty tags": (lambda: (b"ID3\4\0\0" + bytes(4)) * 1_000_000 + MP3, "too many pieces"),
    "ape: four thousand million items": (lambda: ape(b"", 0xFFFFFFFF), None),
    "ape: a name of eight million letters": (lambda: ape(bytes(8) + b"A" * (8 * MB), 1), None),
    "mp3: ten hours in a kilobyte": (ten_hours_in_a_kilobyte, "promises more sound|longer than three days"),
    "mp3: frames that break off at every third": (lambda: (FRAME * 3 + b"\0") * 6000, "its frames break off"),
    "mp4: atoms a million times in one another": (
        lambda: atom(b"ftyp", b"M4A \0\0\0\0") + nested_atoms(500_000),
        "too many pieces|no audio track|damaged",
    ),
    "mp4: half a million empty atoms": (
        lambda: atom(b"ftyp", b"M4A \0\0\0\0") + atom(b"free") * 500_000 + atom(b"moov"),
        "too many pieces",
    ),
    "mp4: an atom longer than the file": (
        lambda: atom(b"ftyp", b"M4A \0\0\0\0") + struct.pack(">I4sQ", 1, b"mdat", 1 << 62),
        "cut off",
    ),
    "flac: half a million empty blocks": (lambda: flac(*((1, b""),) * 500_000), "too many pieces"),
    "flac: four thousand million comments": (lambda: flac((4, comments(0xFFFFFFFF))), None),
    "flac: a million comments": (lambda: flac((4, comments(1_000_000, *(b"a=b",) * 1_000_000))), None),
    "flac: a picture that says it has 4 GB": (
        lambda: flac((6, struct.pack(">II", 3, 10) + b"image/jpeg" + struct.pack(">6I", 0, 1, 1, 24, 0, 0xFFFFFFFF))),
        None,
    ),
    "ogg: four thousand million comments": (lambda: opus(comments(0xFFFFFFFF)), None),
    "ogg: a million comments on one page": (lambda: opus(comments(1_000_000, *(b"a=b",) * 2000)), None),
    "ogg: a vendor of 4 GB": (lambda: opus(b"\xff\xff\xff\xff" + bytes(100)), None),
    "ogg: a granule of half an eternity": (
        lambda: opus(comments(0)) + ogg_page(b"\xfc", 3, 0, 1 << 62),
        "promises more sound|longer than three days",
    ),
    "wav: one sample a second": (lambda: wav((b"data", bytes(400_000)), rate=1), "1 Hz in 2 channels"),
    "wav: 65,535 channels": (lambda: wav((b"data", bytes(400_000)), channels=65_535), "65535 channels|holds no sound"),
    "flac: a month": (lambda: flac(samples=44_100 * 86_400 * 15), "longer than three days|cut off"),
    "wav: half a million empty chunks": (lambda: wav(*((b"junk", b""),) * 500_000), "too many pieces"),
    "wav: half a million pairs of words": (
        lambda: wav((b"LIST", b"INFO" + (b"INAM" + bytes(4)) * 500_000), (b"data", bytes(400))),
        "too many pieces",
    ),
}


def spoiled(made: bytes, seed: int) -> bytes:
    """The same file with a few bytes of its first kilobytes changed: lengths and counts that lie."""
    chance = random.Random(seed)
    data = bytearray(made)
    for _ in range(chance.randint(1, 6)):
        data[chance.randrange(min(len(data), 2000))] = chance.choice((0, 1, 0x7F, 0x80, 0xFF, chance.randrange(256)))
    return bytes(data)
