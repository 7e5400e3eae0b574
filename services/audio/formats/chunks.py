"""WAV and AIFF: chunks walked, the sound found, tag chunks handed on unread.

Owns both chunk formats (and RF64's long sizes). Refuses to know what the tag chunks say.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

from services.audio.formats.stream_facts import StreamFacts, Unreadable, read_at

TAG_CHUNK_LIMIT_BYTES = 64 * 1024 * 1024
_AIFF_PCM = {b"NONE", b"sowt", b"twos", b"raw ", b"in24", b"in32", b"fl32", b"FL32", b"fl64", b"FL64"}
_OPEN_END = (0, 0xFFFFFFFF)


@dataclass(slots=True)
class TagChunks:
    """Chunks that hold tags: ID3 bytes, and WAV's INFO pairs."""

    id3: bytes = b""
    info: list[tuple[str, bytes]] = field(default_factory=list)


def read_wav(file: BinaryIO, size: int) -> StreamFacts:
    """Facts of a PCM WAV. Unreadable for compressed ones and files cut off."""
    form = b""
    data: tuple[int, int] | None = None
    long_data = 0
    for name, start, length in _chunks(file, size, "<"):
        if name == b"fmt ":
            form = read_at(file, start, min(length, 40))
        elif name == b"ds64":
            long_data = int.from_bytes(read_at(file, start + 8, 8), "little")
        elif name == b"data" and data is None:
            data = start, length
    if len(form) < 16 or data is None:
        raise Unreadable("the file is cut off before its sound begins")
    code, channels, rate, _, block, bits = struct.unpack("<HHIIHH", form[:16])
    if code == 0xFFFE and len(form) >= 26:
        code = int.from_bytes(form[24:26], "little")
    if code not in (1, 3):
        raise Unreadable(f"the WAV file holds compressed sound (format 0x{code:04x}), which is not supported")
    start, length = data
    if length == 0xFFFFFFFF and long_data:
        length = long_data
    if length in _OPEN_END:
        length = size - start
    return _pcm("wav", "audio/wav", size, start, length, rate, channels, bits, block)


def read_aiff(file: BinaryIO, size: int) -> StreamFacts:
    """Facts of an uncompressed AIFF or AIFC. Unreadable for compressed ones and files cut off."""
    common = b""
    sound: tuple[int, int] | None = None
    for name, start, length in _chunks(file, size, ">"):
        if name == b"COMM":
            common = read_at(file, start, min(length, 64))
        elif name == b"SSND" and sound is None:
            offset = int.from_bytes(read_at(file, start, 4), "big")
            sound = start + 8 + offset, max(0, length - 8 - offset)
    if len(common) < 18 or sound is None:
        raise Unreadable("the file is cut off before its sound begins")
    channels, frames, bits = struct.unpack(">HIH", common[:8])
    if len(common) >= 22 and common[18:22] not in _AIFF_PCM and read_at(file, 8, 4) == b"AIFC":
        packing = common[18:22].decode("latin-1", "replace").strip()
        raise Unreadable(f"the AIFF file holds compressed sound ({packing}), which is not supported")
    block = channels * ((bits + 7) // 8)
    facts = _pcm("aiff", "audio/aiff", size, *sound, _extended(common[8:18]), channels, bits, block)
    facts.samples = min(frames, facts.samples or 0) or facts.samples
    return facts.settle()


def _pcm(
    container: str,
    content_type: str,
    size: int,
    start: int,
    length: int,
    rate: int,
    channels: int,
    bits: int,
    block: int,
) -> StreamFacts:
    if start + length > size:
        raise Unreadable(f"the file is cut off: {max(0, size - start)} of {length} bytes of sound are there")
    if not block or not rate:
        raise Unreadable("the sound has no sample rate or no channels")
    facts = StreamFacts("pcm", container, content_type, rate, channels, bits, length // block)
    facts.bitrate = rate * block * 8
    facts.spans = ((start, length),)
    return facts.settle()


def read_tag_chunks(file: BinaryIO, size: int, *, wav: bool) -> TagChunks:
    """The chunks that hold tags; larger ones than 64 MB are passed over."""
    found = TagChunks()
    for name, start, length in _chunks(file, size, "<" if wav else ">"):
        if length > TAG_CHUNK_LIMIT_BYTES:
            continue
        if name in (b"id3 ", b"ID3 ") and not found.id3:
            found.id3 = read_at(file, start, length)
        elif name == b"LIST" and wav and read_at(file, start, 4) == b"INFO":
            for key, at, size_of in _chunks(file, min(size, start + length), "<", start + 4):
                found.info.append((key.decode("latin-1"), read_at(file, at, min(size_of, 65_536)).split(b"\0")[0]))
    return found


def _chunks(file: BinaryIO, end: int, order: str, at: int = 12) -> Iterator[tuple[bytes, int, int]]:
    """Chunks from `at`: name, body offset, length as written (which may lie beyond the end)."""
    while at + 8 <= end:
        head = read_at(file, at, 8)
        if len(head) < 8:
            return
        name, length = struct.unpack(f"{order}4sI", head)
        yield name, at + 8, length
        if name == b"data" and length in _OPEN_END:
            return
        at += 8 + length + (length & 1)


def _extended(data: bytes) -> int:
    """An 80-bit IEEE 754 extended number, as AIFF writes its sample rate, cut to a whole number."""
    exponent = int.from_bytes(data[:2], "big") & 0x7FFF
    mantissa = int.from_bytes(data[2:10], "big")
    shift = exponent - 16383 - 63
    if not -63 <= shift <= 0:
        return 0
    return mantissa >> -shift
