"""The arithmetic of a FLAC rendition: lossless sound whose every offset is known before anything is decoded.

Owns stream header, seek table, frame sizes, segment borders and total length (RFC 9639). A rendition has the source's
own rate, channels and depth, in frames of 4096 samples that hold them as they are (*verbatim* subframes), so that
each frame has a size known by arithmetic and no encoder is needed. Refuses to know ffmpeg, files and listeners.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from itertools import groupby

import numpy as np
import numpy.typing as npt

from services.audio.codecs.crc16 import checksums
from services.audio.codecs.flac_frames import FRAME_SAMPLES, block, coded_number, frame_head, numbers_bytes, rate_bytes
from services.audio.codecs.geometry import BadFrames, Gapless, Label, Window

SEGMENT_SECONDS = 10
SEGMENT_MOST_BYTES = 4 << 20
"""A segment is as many frames as ten seconds hold, and not more than these bytes."""
PREROLL_SECONDS = 1
"""Decoding begins at a whole second, which every sample rate and ffmpeg's microseconds can name, and one earlier."""
SEEK_POINTS_MOST = 100
"""Places named in the header; frames being of one size, a player finds its way from the nearest."""
LAYOUT = "v4096s10p100"
"""Names the constants above; part of every entity tag, so a change of them is a new rendition."""

MOST_CHANNELS = 8
MOST_RATE = 655_350
"""Hertz; what decoders take, STREAMINFO has room for half as much again."""
DEPTHS = (8, 16, 24, 32)
"""Bits a sample; whole bytes, so that samples are copied and never shifted."""

_VERBATIM = 0x02
_STREAMINFO, _SEEKTABLE, _LAST_BLOCK = 0, 3, 0x80
_STREAMINFO_BYTES, _SEEK_POINT, _BLOCK_HEAD_BYTES = 34, struct.Struct(">QQH"), 4
_MAGIC = b"fLaC"


@dataclass(frozen=True)
class Geometry:
    """Where everything lies in the rendition of `samples` samples (per channel) of a sound as it is.

    `bits` is one of DEPTHS. Offsets are bytes, segments and frames count from 0.
    """

    sample_rate: int
    samples: int
    channels: int
    bits: int

    mixes_down = False

    @property
    def bitrate(self) -> int:
        """Bits a second of the sound, frames' headers left out."""
        return self.sample_rate * self.channels * self.bits

    @property
    def frames(self) -> int:
        """All frames; the last may be short."""
        return -(-self.samples // FRAME_SAMPLES)

    @property
    def gapless(self) -> Gapless:
        """Nothing but the song comes out of a decoder."""
        return Gapless(0, 0, self.samples)

    @property
    def length(self) -> int:
        """Bytes of the whole rendition, header included."""
        return self.frame_start(self.frames)

    @property
    def head_bytes(self) -> int:
        """Bytes of the header."""
        return len(_MAGIC) + 2 * _BLOCK_HEAD_BYTES + _STREAMINFO_BYTES + len(self._seek_segments) * _SEEK_POINT.size

    @property
    def segment_frames_most(self) -> int:
        """Frames of every segment but the last."""
        by_time = SEGMENT_SECONDS * self.sample_rate // FRAME_SAMPLES
        return max(1, min(by_time, SEGMENT_MOST_BYTES // self._body_bytes(FRAME_SAMPLES)))

    @property
    def segments(self) -> int:
        """How many segments; the last may be short."""
        return -(-self.frames // self.segment_frames_most)

    def head(self, label: Label) -> bytes:
        """What comes before the first frame: the stream's facts, and a seek table with the places of segments.

        The MD5 of the sound is left at zero, which means unknown: nobody has decoded it yet. FLAC has no field for
        what a label says.
        """
        small, large = self._frame_bytes(self.frames - 1), max(map(self._frame_bytes, (0, max(0, self.frames - 2))))
        packed = self.sample_rate << 44 | (self.channels - 1) << 41 | (self.bits - 1) << 36 | self.samples
        sizes = FRAME_SAMPLES.to_bytes(2, "big") * 2
        sizes += min(small, self._frame_bytes(0)).to_bytes(3, "big") + max(small, large).to_bytes(3, "big")
        facts = sizes + packed.to_bytes(8, "big") + bytes(16)
        points = b"".join(map(self._seek_point, self._seek_segments))
        return b"".join((_MAGIC, block(_STREAMINFO, facts), block(_LAST_BLOCK | _SEEKTABLE, points)))

    def frame_samples(self, number: int) -> int:
        """How many samples per channel a frame holds."""
        return min(FRAME_SAMPLES, self.samples - number * FRAME_SAMPLES)

    def frame_start(self, number: int) -> int:
        """The offset of a frame in the whole; of the end for the number after the last."""
        full = min(number, self.samples // FRAME_SAMPLES)
        start = self.head_bytes + full * (self._body_bytes(FRAME_SAMPLES) + self._head_bytes) + numbers_bytes(full)
        return start + (self._frame_bytes(full) if number > full else 0)

    def segment_frames(self, index: int) -> range:
        """The frames of one segment."""
        first = index * self.segment_frames_most
        return range(first, min(first + self.segment_frames_most, self.frames))

    def segment_bytes(self, index: int) -> range:
        """The byte offsets of one segment in the whole."""
        frames = self.segment_frames(index)
        return range(self.frame_start(frames.start), self.frame_start(frames.stop))

    def touched(self, start: int, end: int) -> range:
        """The segments that hold the bytes `start` up to and without `end`; none for bytes of the header."""
        if end <= max(start, self.head_bytes):
            return range(0)
        return range(self._segment_at(start), self._segment_at(end - 1) + 1)

    def window(self, index: int) -> Window:
        """What has to be decoded for one segment: exactly its samples, from a whole second on."""
        frames = self.segment_frames(index)
        start, end = frames.start * FRAME_SAMPLES, min(frames.stop * FRAME_SAMPLES, self.samples)
        return Window(
            decode_from=max(0, start // self.sample_rate - PREROLL_SECONDS) * self.sample_rate,
            encode_from=start,
            end=end,
            most_bytes=(end - start) * self._sample_bytes,
        )

    def encoder_arguments(self) -> list[str]:
        """The samples themselves, highest byte first as in FLAC."""
        form = "s8" if self.bits == 8 else f"s{self.bits}be"
        return ["-c:a", f"pcm_{form}", "-f", form]

    def assemble(self, index: int, encoded: bytes) -> bytes:
        """The segment's frames around the samples; a few milliseconds a megabyte, for a thread."""
        window = self.window(index)
        if len(encoded) != window.most_bytes:
            raise BadFrames(f"{len(encoded)} bytes of samples where {window.most_bytes} belong")
        return self._around(self.segment_frames(index), encoded)

    def further(self, index: int, encoded: bytearray, done: int) -> bytes:
        """Whole frames behind the first `done` bytes; the last of the song only with `assemble`."""
        frames, size = self.segment_frames(index), FRAME_SAMPLES * self._sample_bytes
        # Frames differ by the few bytes of their numbers, all of them together by less than half a frame.
        before = round(done / self._frame_bytes(frames.start)) if done else 0
        there = min(len(encoded) // size, len(frames) - (frames.stop == self.frames))
        if there <= before:
            return b""
        sound = bytes(encoded[before * size : there * size])
        return self._around(range(frames.start + before, frames.start + there), sound)

    def check(self, index: int, data: bytes) -> None:
        """BadFrames unless `data` is the segment's frames, each with its own header and the checksum of what it holds.

        A few milliseconds a megabyte, for a thread.
        """
        place = self.segment_bytes(index)
        if len(data) != len(place):
            raise BadFrames(f"{len(data)} bytes where {len(place)} belong")
        at = 0
        for numbers in self._alike(self.segment_frames(index)):
            heads = b"".join(map(self._frame_head, numbers))
            shape = len(numbers), self._frame_bytes(numbers[0])
            rows = np.frombuffer(data, np.uint8, count=shape[0] * shape[1], offset=at).reshape(shape)
            at += rows.size
            if rows[:, : len(heads) // len(numbers)].tobytes() != heads:
                raise BadFrames("a frame has another header than its own")
            # A row and its checksum together leave no remainder.
            if checksums(rows).any():
                raise BadFrames("a frame is not what its checksum says")

    def _around(self, frames: range, encoded: bytes) -> bytes:
        """These frames, around their samples."""
        parts, at = [], 0
        for numbers in self._alike(frames):
            size = self.frame_samples(numbers[0])
            shape = len(numbers), size, self.channels, self.bits // 8
            sound = np.frombuffer(encoded, np.uint8, count=int(np.prod(shape)), offset=at).reshape(shape)
            at += sound.size
            parts.append(self._frames(numbers, sound).tobytes())
        return b"".join(parts)

    def _frames(self, numbers: range, sound: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
        """Frames of one size in rows, from samples by frame, time, channel and byte."""
        count, size, channels, width = sound.shape
        heads = np.frombuffer(b"".join(map(self._frame_head, numbers)), np.uint8).reshape(count, -1)
        rows = np.empty((count, self._frame_bytes(numbers[0])), np.uint8)
        rows[:, : heads.shape[1]] = heads
        body = np.empty((count, channels, 1 + size * width), np.uint8)
        body[:, :, 0] = _VERBATIM
        for channel in range(channels):
            body[:, channel, 1:] = sound[:, :, channel, :].reshape(count, size * width)
        rows[:, heads.shape[1] : -2] = body.reshape(count, -1)
        sums = checksums(rows[:, :-2])
        rows[:, -2], rows[:, -1] = sums >> 8, sums & 0xFF
        return rows

    def _frame_head(self, number: int) -> bytes:
        return frame_head(number, self.frame_samples(number), self.sample_rate, self.channels, self.bits)

    def _alike(self, frames: range) -> list[range]:
        """The frames in rows of one size each: another begins where numbers grow by a byte, and with a short one."""
        groups = [list(group) for _, group in groupby(frames, self._frame_bytes)]
        return [range(group[0], group[-1] + 1) for group in groups]

    def _seek_point(self, index: int) -> bytes:
        first = self.segment_frames(index).start
        return _SEEK_POINT.pack(
            first * FRAME_SAMPLES, self.frame_start(first) - self.head_bytes, self.frame_samples(first)
        )

    def _segment_at(self, offset: int) -> int:
        low, high = 0, self.segments - 1
        while low < high:
            middle = (low + high + 1) // 2
            if self.segment_bytes(middle).start <= offset:
                low = middle
            else:
                high = middle - 1
        return low

    @property
    def _sample_bytes(self) -> int:
        return self.channels * self.bits // 8

    @property
    def _seek_segments(self) -> range:
        return range(0, self.segments, -(-self.segments // SEEK_POINTS_MOST))

    @property
    def _head_bytes(self) -> int:
        """Bytes of a full frame's header without its number."""
        return 5 + rate_bytes(self.sample_rate)

    def _body_bytes(self, size: int) -> int:
        """Bytes of a frame without its header: a byte a subframe, the samples, the checksum."""
        return self.channels * (1 + size * self.bits // 8) + 2

    def _frame_bytes(self, number: int) -> int:
        size = self.frame_samples(number)
        head = self._head_bytes + (0 if size == FRAME_SAMPLES else 2)
        return head + len(coded_number(number)) + self._body_bytes(size)


@dataclass(frozen=True, slots=True)
class Flac:
    """The codec as delivery knows it, for sources of one shape: rate in Hz, channels, and bits a sample as recorded.

    Depths between whole bytes are filled up; what is deeper than 32 bits, or floating, is rounded to 32.
    """

    sample_rate: int
    channels: int
    source_bits: int

    @property
    def bits(self) -> int:
        """Bits a sample of the rendition."""
        return next((depth for depth in DEPTHS if self.source_bits <= depth), DEPTHS[-1])

    @property
    def layout(self) -> str:
        """The constants, and the shape: neither is in the profile's name."""
        return f"{LAYOUT}r{self.sample_rate}c{self.channels}b{self.bits}"

    def geometry(self, bitrate: int, samples: int, channels: int, key: str) -> Geometry:
        """The layout of one song; a bitrate is not to be chosen."""
        return Geometry(self.sample_rate, samples, self.channels, self.bits)
