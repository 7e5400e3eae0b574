"""The frame in front of an MP3 that says how long it is and what of it is not sound.

Owns the bytes of Xing's header, here named `Info` as for constant bitrates, and of LAME's tag behind it, as written
down in LAME's `VbrTag.c` and the "Mp3 Info Tag" specification. Refuses to know songs and segments. What is not known
before the sound is encoded (lowpass, peak, the checksum of the music) stays 0, which readers take for "not told".
"""

from __future__ import annotations

import struct
from functools import lru_cache

DECODER_DELAY = 529
"""Samples that a Layer III decoder adds by itself. The tag counts without them, readers add them again."""

_SIDE_INFO_BYTES = {True: 17, False: 32}
_FRAMES_BYTES_TOC_QUALITY = 0x0F
# LAME's own formula, 100 - 10 × VBR quality - quality, with its values for constant bitrates: 4 and 3.
_QUALITY = 57
_CONSTANT_BITRATE = 1
_JOINT_STEREO, _MONO = 3, 0
# Noise shaping 1 as LAME has it at quality 3; in the highest bits, that the encoder was given 48 kHz.
_SHAPED, _FROM_48_KHZ = 1, 2 << 6


@lru_cache(maxsize=1024)
def info_frame(
    *,
    frame_bytes: int,
    bitrate_index: int,
    bitrate: int,
    mono: bool,
    frames: int,
    delay: int,
    padding: int,
    encoder: str,
) -> bytes:
    """One frame of MPEG-1 Layer III at 48 kHz that decodes to silence and describes the `frames` after it.

    `delay` and `padding` are what a decoder's output holds beside the song, its own delay counted in `delay`. All
    frames have `frame_bytes`, at least 192. Of `encoder` nine characters are kept; it has to begin with `LAME` for
    ffmpeg to believe the delays, so an unknown one is called just that.
    """
    length = (frames + 1) * frame_bytes
    header = bytes([0xFF, 0xFB, bitrate_index << 4 | 0x04, 0xC4 if mono else 0x44])
    xing = struct.pack(">4sIII", b"Info", _FRAMES_BYTES_TOC_QUALITY, frames, length)
    xing += _places(frames) + _QUALITY.to_bytes(4, "big")
    name = (encoder if encoder.startswith("LAME") else "LAME").encode("ascii", "replace")[:9].ljust(9, b"\0")
    trimmed = (delay - DECODER_DELAY) << 12 | padding + DECODER_DELAY
    tag = struct.pack(
        ">9sBB8sBB3sBbHIH",
        name,
        _CONSTANT_BITRATE,
        0,
        b"",
        0,
        min(255, bitrate // 1000),
        trimmed.to_bytes(3, "big"),
        _SHAPED | (_MONO if mono else _JOINT_STEREO) << 2 | _FROM_48_KHZ,
        0,
        0,
        length,
        0,
    )
    frame = header + bytes(_SIDE_INFO_BYTES[mono]) + xing + tag
    frame += _crc16(frame).to_bytes(2, "big")
    return frame.ljust(frame_bytes, b"\0")


def _places(frames: int) -> bytes:
    """Where each percent of the sound begins, in 1/256 of the file; the info frame lies before all of them."""
    return bytes(min(255, (1 + frames * percent // 100) * 256 // (frames + 1)) for percent in range(100))


def _crc_table() -> tuple[int, ...]:
    rows = []
    for byte in range(256):
        value = byte
        for _ in range(8):
            value = value >> 1 ^ (0xA001 if value & 1 else 0)
        rows.append(value)
    return tuple(rows)


_CRC_TABLE = _crc_table()


def _crc16(data: bytes) -> int:
    """CRC-16 with the polynomial 0x8005, lowest bit first, beginning at 0."""
    value = 0
    for byte in data:
        value = value >> 8 ^ _CRC_TABLE[(value ^ byte) & 0xFF]
    return value
