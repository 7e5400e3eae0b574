"""An ID3v2 tag before it is parsed: only the frames that are read here go on, each of a length that is worth reading.

The parser copies what is left of a tag for each frame, and of a frame for each of its values, and unpacks packed
frames whole: a few megabytes of zeros, or a kilobyte of zlib, would keep it busy for hours. Here a tag is walked once.
Sources: ID3v2.2, 2.3 and 2.4 (id3.org), sections "header", "extended header", "frame header flags". Refuses to know
what the frames mean.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import BinaryIO

from services.audio.formats.mpeg import id3v2_length

TAG_LIMIT_BYTES = 60 << 20
"""What stands further behind is not looked at."""
FRAMES_LIMIT = 2_000
TEXT_LIMIT_BYTES = 65_536
TEXTS_LIMIT_BYTES = 262_144
"""Of one frame with text, and of all of them together."""
LYRICS_LIMIT_BYTES = 1 << 20
SYLLABLES_LIMIT_BYTES = 262_144
PICTURE_LIMIT_BYTES = (32 << 20) + 1024
PICTURES_LIMIT_BYTES = 64 << 20
_PICTURES = (b"APIC", b"PIC")
_LYRICS = (b"USLT", b"ULT")
_SYLLABLES = (b"SYLT", b"SLT")
_OTHERS = (b"UFID", b"UFI", b"TIPL", b"TMCL", b"IPLS", b"IPL", b"RVA2")
_GLOBAL_UNSYNC, _EXTENDED = 0x80, 0x40
_PACKED_23, _CIPHERED_23 = 0x80, 0x40
_PACKED_24, _CIPHERED_24, _UNSYNC_24, _LENGTH_24 = 0x08, 0x04, 0x02, 0x01


@dataclass(slots=True)
class _Room:
    """What may still be kept."""

    frames: int = FRAMES_LIMIT
    texts: int = TEXTS_LIMIT_BYTES
    lyrics: int = LYRICS_LIMIT_BYTES
    syllables: int = SYLLABLES_LIMIT_BYTES
    pictures: int = PICTURES_LIMIT_BYTES

    def limit(self, name: bytes) -> int:
        """The most bytes that a frame of this name may have here and now; 0 for one that nobody reads."""
        if name in _PICTURES:
            return min(PICTURE_LIMIT_BYTES, self.pictures)
        if name in _LYRICS:
            return self.lyrics
        if name in _SYLLABLES:
            return self.syllables
        return min(TEXT_LIMIT_BYTES, self.texts) if name[:1] == b"T" or name in _OTHERS else 0

    def take(self, name: bytes, length: int) -> None:
        """Less room by one frame."""
        self.frames -= 1
        if name in _PICTURES:
            self.pictures -= length
        elif name in _LYRICS:
            self.lyrics -= length
        elif name in _SYLLABLES:
            self.syllables -= length
        else:
            self.texts -= length


def sifted(file: BinaryIO) -> bytes | None:
    """The tag in front of a file with what is worth reading of it; None where none is, or none that is understood."""
    file.seek(0)
    head = file.read(10)
    length = id3v2_length(head)
    if not length or head[3] not in (2, 3, 4):
        return None
    version, flags = head[3], head[5]
    body = file.read(min(length - 10, TAG_LIMIT_BYTES))
    if version < 4 and flags & _GLOBAL_UNSYNC:
        body = body.replace(b"\xff\x00", b"\xff")
    at = _past_extended(body, version) if flags & _EXTENDED and version > 2 else 0
    kept = b"".join(_frames(body, at, version, bool(flags & _GLOBAL_UNSYNC)))
    return b"ID3" + bytes((version, 0, 0)) + _syncsafe(len(kept)) + kept


def _past_extended(body: bytes, version: int) -> int:
    if body[:4].isalnum() and body[:4].isupper():
        # The flag is set and a frame comes all the same: some taggers do.
        return 0
    return _whole(body[:4]) if version == 4 else 4 + int.from_bytes(body[:4], "big")


def _frames(body: bytes, at: int, version: int, unsynchronised: bool) -> list[bytes]:
    found: list[bytes] = []
    room = _Room()
    head_length, name_length = (6, 3) if version == 2 else (10, 4)
    plain_lengths = version == 4 and _counts_plainly(body, at)
    for _ in range(10 * FRAMES_LIMIT):
        head = body[at : at + head_length]
        name = head[:name_length]
        if len(head) < head_length or not name.strip(b"\0") or room.frames <= 0:
            break
        if version == 4 and not plain_lengths:
            length = _whole(head[4:8])
        else:
            length = int.from_bytes(head[name_length : 6 if version == 2 else 8], "big")
        begin, at = at + head_length, at + head_length + length
        most = room.limit(name.rstrip(b"\0"))
        if not 0 < length <= most:
            continue
        data, flags = body[begin:at], 0
        if version > 2:
            read = _unpacked(data, head[9], version, unsynchronised, most)
            if read is None:
                continue
            data, flags = read
        room.take(name.rstrip(b"\0"), len(data))
        if version == 2:
            found.append(name + len(data).to_bytes(3, "big") + data)
        else:
            size = _syncsafe(len(data)) if version == 4 else len(data).to_bytes(4, "big")
            found.append(name + size + bytes((head[8], flags)) + data)
    return found


def _unpacked(data: bytes, flags: int, version: int, unsynchronised: bool, most: int) -> tuple[bytes, int] | None:
    """A frame's bytes and flags, unpacked where it was packed; None for what is ciphered, broken or too long."""
    if version == 3:
        if flags & _CIPHERED_23:
            return None
        if not flags & _PACKED_23:
            return data, flags
        inside = _inflated(data[4:], most)
        return None if inside is None else (inside, flags & ~_PACKED_23)
    if flags & _CIPHERED_24:
        return None
    if not flags & _PACKED_24:
        return data, flags | (_UNSYNC_24 if unsynchronised else 0)
    packed = data[4:]
    if unsynchronised or flags & _UNSYNC_24:
        packed = packed.replace(b"\xff\x00", b"\xff")
    # One old writer leaves the length out.
    inside = _inflated(packed, most)
    inside = _inflated(data, most) if inside is None else inside
    return None if inside is None else (inside, flags & ~(_PACKED_24 | _LENGTH_24 | _UNSYNC_24))


def _inflated(packed: bytes, most: int) -> bytes | None:
    unpacking = zlib.decompressobj()
    try:
        data = unpacking.decompress(packed, most + 1)
    except zlib.error:
        return None
    return data if 0 < len(data) <= most else None


def _counts_plainly(body: bytes, begin: int) -> bool:
    """Whether the lengths of a 2.4 tag are plain numbers, as iTunes wrote them: by which reading more frames follow."""
    counts = []
    for plainly in (False, True):
        at, count = begin, 0
        while count < FRAMES_LIMIT:
            head = body[at : at + 10]
            if len(head) < 10 or not (head[:4].isalnum() and head[:4].isupper()):
                break
            count += 1
            at += 10 + (int.from_bytes(head[4:8], "big") if plainly else _whole(head[4:8]))
        # What ends exactly, or in zeros, was read rightly.
        ends = at == len(body) or (at < len(body) and not body[at])
        counts.append((count, ends))
    return counts[1] > counts[0]


def _whole(data: bytes) -> int:
    """Four bytes of seven bits."""
    value = 0
    for byte in data:
        value = value << 7 | byte & 0x7F
    return value


def _syncsafe(number: int) -> bytes:
    return bytes(number >> shift & 0x7F for shift in (21, 14, 7, 0))
