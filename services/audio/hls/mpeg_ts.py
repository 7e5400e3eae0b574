"""MPEG-2 transport stream with one elementary stream of AAC (ISO/IEC 13818-1): one segment at a time.

Owns packets, tables, time stamps and continuity. A segment stands alone and yet follows its neighbour: its counters
begin where any other segment's end, so nobody has to know how many packets came before. Refuses to know playlists.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

PACKET_BYTES = 188
PES_FRAMES = 4
"""Frames between two time stamps: 85 ms, below the 100 that clock references may be apart (§2.7.2)."""
FRAME_TICKS = 1_920
"""1024 samples at 48 kHz in ticks of 90 kHz: whole, so that nothing drifts."""
FIRST_TICKS = 900_000
"""When the song's first sample is heard: ten seconds, with room before it for the priming and the clock."""
AHEAD_TICKS = 45_000
"""How much earlier than it is heard a frame is delivered."""

_PAT_PID, _PMT_PID, _SOUND_PID = 0x0000, 0x1000, 0x0100
_AAC_IN_ADTS = 0x0F
_AUDIO_STREAM = 0xC0
_PAYLOAD_BYTES = PACKET_BYTES - 4
_WRAP = 1 << 33
_COUNTS = 16


@dataclass(slots=True)
class _Chunk:
    """The payload of one packet; `clock` in ticks where it carries one."""

    payload: bytes
    clock: int | None = None


def segment(frames: Sequence[bytes], *, first_frame: int, priming_frames: int, index: int) -> bytes:
    """Tables and packets around `frames` (with ADTS headers), the first of which is the song's `first_frame`."""
    chunks: list[_Chunk] = []
    for at in range(0, len(frames), PES_FRAMES):
        ticks = FIRST_TICKS + (first_frame + at - priming_frames) * FRAME_TICKS
        chunks += _pes(b"".join(frames[at : at + PES_FRAMES]), ticks)
    tables = _table(_PAT_PID, _pat(), index) + _table(_PMT_PID, _pmt(), index)
    packets = (_packet(chunk, number, begins=chunk.clock is not None) for number, chunk in enumerate(_even(chunks)))
    return tables + b"".join(packets)


def most_bytes(sound_bytes: int, frames: int) -> int:
    """No segment with so many frames, of so many bytes together, is larger than this."""
    headers = -(-frames // PES_FRAMES) * (14 + 8 + _PAYLOAD_BYTES - 1)
    return -(-(sound_bytes + headers) // _PAYLOAD_BYTES) * PACKET_BYTES + (2 + _COUNTS) * PACKET_BYTES


def _pes(data: bytes, ticks: int) -> list[_Chunk]:
    # The header has 14 bytes, 8 of which are counted in the length it states.
    head = b"\x00\x00\x01" + bytes([_AUDIO_STREAM]) + (len(data) + 8).to_bytes(2, "big") + b"\x84\x80\x05"
    whole = head + _stamp(ticks % _WRAP) + data
    # The first packet has the clock reference in it: eight bytes of adaptation field.
    first = _PAYLOAD_BYTES - 8
    chunks = [_Chunk(whole[:first], (ticks - AHEAD_TICKS) % _WRAP)]
    chunks += [_Chunk(whole[at : at + _PAYLOAD_BYTES]) for at in range(first, len(whole), _PAYLOAD_BYTES)]
    return chunks


def _even(chunks: list[_Chunk]) -> Iterator[_Chunk]:
    """The chunks, the largest cut finer until they are a multiple of 16: the continuity counter comes out even."""
    pieces = [1] * len(chunks)
    # Always the one whose pieces are largest: a payload of a byte or two is not cut down to nothing.
    largest: list[tuple[float, int]] = [(-len(chunk.payload), at) for at, chunk in enumerate(chunks)]
    heapq.heapify(largest)
    for _ in range(-len(chunks) % _COUNTS):
        at = largest[0][1]
        pieces[at] += 1
        heapq.heapreplace(largest, (-len(chunks[at].payload) / pieces[at], at))
    for at, chunk in enumerate(chunks):
        count, size = pieces[at], len(chunk.payload)
        for piece in range(count):
            part = chunk.payload[piece * size // count : (piece + 1) * size // count]
            yield _Chunk(part, None if piece else chunk.clock)


def _packet(chunk: _Chunk, number: int, *, begins: bool) -> bytes:
    head = (0x4000 if begins else 0) | _SOUND_PID
    room = _PAYLOAD_BYTES - len(chunk.payload)
    control = (0x30 if room else 0x10) | number % _COUNTS
    return b"\x47" + head.to_bytes(2, "big") + bytes([control]) + _adaptation(room, chunk.clock) + chunk.payload


def _adaptation(room: int, clock: int | None) -> bytes:
    """An adaptation field of exactly `room` bytes: a clock reference and random access where `clock` is, stuffing."""
    if room == 0:
        return b""
    if room == 1:
        return b"\x00"
    if clock is None:
        return bytes([room - 1, 0x00]) + b"\xff" * (room - 2)
    # 33 bits of the clock, 6 reserved, 9 bits of extension: 0.
    return bytes([room - 1, 0x50]) + (clock << 15 | 0x7E00).to_bytes(6, "big") + b"\xff" * (room - 8)


def _stamp(ticks: int) -> bytes:
    """A presentation time stamp (§2.4.3.7): 33 bits in three parts, a marker behind each."""
    return bytes([
        0x21 | ticks >> 29 & 0x0E,
        ticks >> 22 & 0xFF, 0x01 | ticks >> 14 & 0xFE,
        ticks >> 7 & 0xFF, 0x01 | ticks << 1 & 0xFE,
    ])  # fmt: skip


def _table(pid: int, section: bytes, count: int) -> bytes:
    head = b"\x47" + (0x4000 | pid).to_bytes(2, "big") + bytes([0x10 | count % _COUNTS, 0])
    return (head + section).ljust(PACKET_BYTES, b"\xff")


def _pat() -> bytes:
    return _section(0x00, (1).to_bytes(2, "big") + (0xE000 | _PMT_PID).to_bytes(2, "big"))


def _pmt() -> bytes:
    stream = bytes([_AAC_IN_ADTS]) + (0xE000 | _SOUND_PID).to_bytes(2, "big") + b"\xf0\x00"
    return _section(0x02, (0xE000 | _SOUND_PID).to_bytes(2, "big") + b"\xf0\x00" + stream)


def _section(table: int, body: bytes) -> bytes:
    head = bytes([table]) + (0xB000 | len(body) + 9).to_bytes(2, "big") + b"\x00\x01\xc1\x00\x00"
    return head + body + _crc32(head + body).to_bytes(4, "big")


def _crc32(data: bytes) -> int:
    """The CRC of Annex A: polynomial 0x04C11DB7, highest bit first, beginning with ones, not inverted."""
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte << 24
        for _ in range(8):
            crc = (crc << 1 ^ 0x04C11DB7 if crc & 0x80000000 else crc << 1) & 0xFFFFFFFF
    return crc
