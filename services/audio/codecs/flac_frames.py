"""The small parts of a FLAC stream: metadata blocks, a frame's header, its coded number and its checksum (RFC 9639).

Owns the bits. Refuses to know where a frame lies and what sounds in it.
"""

from __future__ import annotations

FRAME_SAMPLES = 4096
"""Samples a frame, the most that the streamable subset allows at 48 kHz and a power of two; the last has the rest."""

_RATE_CODES = {88200: 1, 176400: 2, 192000: 3, 8000: 4, 16000: 5, 22050: 6, 24000: 7, 32000: 8, 44100: 9, 48000: 10}
_RATE_CODES[96000] = 11
_DEPTH_CODES = {8: 1, 16: 4, 24: 6, 32: 7}
_RATE_IN_HEADER, _SIZE_OF_4096, _SIZE_IN_HEADER = 13, 12, 7
_SYNC = b"\xff\xf8"


def frame_head(number: int, samples: int, sample_rate: int, channels: int, bits: int) -> bytes:
    """The header of the frame of that number and so many samples per channel (§9.1), its checksum included."""
    full = samples == FRAME_SAMPLES
    rate = _RATE_CODES.get(sample_rate, _RATE_IN_HEADER if sample_rate < 1 << 16 else 0)
    head = _SYNC + bytes([
        (_SIZE_OF_4096 if full else _SIZE_IN_HEADER) << 4 | rate,
        (channels - 1) << 4 | _DEPTH_CODES[bits] << 1,
    ])  # fmt: skip
    head += coded_number(number)
    if not full:
        head += (samples - 1).to_bytes(2, "big")
    if rate == _RATE_IN_HEADER:
        head += sample_rate.to_bytes(2, "big")
    return head + bytes([_crc8(head)])


def rate_bytes(sample_rate: int) -> int:
    """Bytes of a header that say the rate, where no code stands for it."""
    return 2 if sample_rate not in _RATE_CODES and sample_rate < 1 << 16 else 0


def block(kind: int, data: bytes) -> bytes:
    """A metadata block: its kind (with the mark of the last), its length and what it holds (§8.1)."""
    return bytes([kind]) + len(data).to_bytes(3, "big") + data


def coded_number(number: int) -> bytes:
    """A frame's number as UTF-8 codes characters, carried on to 31 bits (RFC 9639 §9.1.5)."""
    if number < 0x80:
        return bytes([number])
    length = next(n for n in range(2, 7) if number < 1 << 5 * n + 1)
    tail = [0x80 | number >> 6 * place & 0x3F for place in range(length - 2, -1, -1)]
    lead = (0xFF << 8 - length) & 0xFF | number >> 6 * (length - 1)
    return bytes([lead, *tail])


def numbers_bytes(frames: int) -> int:
    """Bytes of the coded numbers of the first `frames` frames."""
    total = frames
    for length in range(2, 7):
        # One byte more from 128, then from 2^11, 2^16, 2^21, 2^26 on.
        total += max(0, frames - (0x80 if length == 2 else 1 << 5 * length - 4))
    return total


def _crc8(data: bytes) -> int:
    """The CRC-8 of RFC 9639 §9.1.8: x⁸ + x² + x + 1, highest bit first, beginning at 0."""
    crc = 0
    for byte in data:
        crc = _CRC8[crc ^ byte]
    return crc


def _crc8_of(byte: int) -> int:
    for _ in range(8):
        byte = (byte << 1 ^ 0x07) & 0xFF if byte & 0x80 else byte << 1
    return byte


_CRC8 = bytes(map(_crc8_of, range(256)))
