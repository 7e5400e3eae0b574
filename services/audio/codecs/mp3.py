"""The arithmetic of an MP3 rendition: every offset is known before a single frame is encoded.

Owns: frame sizes, segment borders, total length and the check that encoded bytes are what was promised. A rendition
is CBR at 48 kHz without bit reservoir, so that each frame has the same size and stands alone: an info frame, then
frames of sound cut into segments that are encoded one by one. Refuses to know ffmpeg, files and listeners.
"""

from __future__ import annotations

from dataclasses import dataclass

from services.audio.codecs.geometry import SAMPLE_RATE, BadFrames, Gapless, Label, Window
from services.audio.codecs.mp3_info import info_frame

FRAME_SAMPLES = 1152
SEGMENT_FRAMES = 400
"""9.6 seconds: short enough to wait for, long enough that warm-up costs 6 %."""
WARMUP_FRAMES = 25
"""Frames encoded before a segment and thrown away. Four settle the filters, but in sound with pauses at 96 kbit/s LAME
takes up to a third of a second to settle its threshold of hearing (`bench/warm_up.py`, decision 0018)."""
LOOKAHEAD_FRAMES = 3
"""Frames' worth of samples after a segment, so that its last frames see what follows as in one whole encode."""
ENCODER_DELAY = 1105
"""Samples of silence a decoder hears first: LAME's 576 and the decoder's 529, as ffmpeg's libmp3lame reports them."""
PREROLL_FRAMES = 75
"""Decoded before a segment: 1.2 s, in which a decoder and the resampler settle, and the warm-up."""
LAYOUT = "s400w25l3i1"
"""Names the constants above and the info frame; part of every entity tag, so a change of them is a new rendition."""

_BITRATE_INDEX = {32: 1, 40: 2, 48: 3, 56: 4, 64: 5, 80: 6, 96: 7, 112: 8, 128: 9, 160: 10, 192: 11, 224: 12, 256: 13}
_BITRATE_INDEX[320] = 14


@dataclass(frozen=True, slots=True)
class Geometry:
    """Where everything lies in the rendition of `samples` samples (per channel, at 48 kHz) at `bitrate` bits a second.

    Offsets are bytes; segments and frames of sound count from 0, the info frame before them is not counted.
    """

    bitrate: int
    samples: int
    channels: int = 2

    sample_rate = SAMPLE_RATE
    mixes_down = True

    @property
    def frame_bytes(self) -> int:
        """Size of each frame: bitrate / 8 × 1152 / 48000, whole for every bitrate of Layer III."""
        return self.bitrate * 3 // 1000

    @property
    def frames(self) -> int:
        """All frames of sound: enough for the encoder's delay and the last sample."""
        return -(-(self.samples + ENCODER_DELAY) // FRAME_SAMPLES)

    @property
    def length(self) -> int:
        """Bytes of the whole rendition, info frame included."""
        return (self.frames + 1) * self.frame_bytes

    @property
    def head_bytes(self) -> int:
        """Bytes of the info frame, as many as of any other."""
        return self.frame_bytes

    @property
    def padding(self) -> int:
        """Samples of silence after the last one."""
        return self.frames * FRAME_SAMPLES - ENCODER_DELAY - self.samples

    @property
    def gapless(self) -> Gapless:
        """What a decoder's output holds beside the song, the info frame not decoded."""
        return Gapless(ENCODER_DELAY, self.padding, self.samples)

    @property
    def segments(self) -> int:
        """How many segments; the last may be short."""
        return -(-self.frames // SEGMENT_FRAMES)

    def segment_frames(self, index: int) -> range:
        """The frames of one segment."""
        first = index * SEGMENT_FRAMES
        return range(first, min(first + SEGMENT_FRAMES, self.frames))

    def head(self, label: Label) -> bytes:
        """The info frame: length, delay and padding for players, silence for decoders that do not know it."""
        return info_frame(
            frame_bytes=self.frame_bytes,
            bitrate_index=_BITRATE_INDEX[self.bitrate // 1000],
            bitrate=self.bitrate,
            mono=self.channels == 1,
            frames=self.frames,
            delay=ENCODER_DELAY,
            padding=self.padding,
            encoder=label.encoder,
        )

    def segment_bytes(self, index: int) -> range:
        """The byte offsets of one segment in the whole."""
        frames = self.segment_frames(index)
        return range((frames.start + 1) * self.frame_bytes, (frames.stop + 1) * self.frame_bytes)

    def touched(self, start: int, end: int) -> range:
        """The segments that hold the bytes `start` up to and without `end`; none for bytes of the info frame."""
        head = self.frame_bytes
        if end <= max(start, head):
            return range(0)
        size = SEGMENT_FRAMES * self.frame_bytes
        return range(max(0, start - head) // size, (end - 1 - head) // size + 1)

    def window(self, index: int) -> Window:
        """What has to be encoded for one segment.

        Segment and decoding begin at multiples of five frames (0.12 s): whole microseconds for ffmpeg, and the same
        phase of the resampler at every common rate. The warm-up does not, it is cut by counting samples.
        """
        frames = self.segment_frames(index)
        warmup = min(WARMUP_FRAMES, frames.start)
        encoded = warmup + len(frames) + LOOKAHEAD_FRAMES
        encode_from = frames.start - warmup
        return Window(
            decode_from=max(0, frames.start - PREROLL_FRAMES) * FRAME_SAMPLES,
            encode_from=encode_from * FRAME_SAMPLES,
            end=(encode_from + encoded) * FRAME_SAMPLES,
            most_bytes=(encoded + 8) * self.frame_bytes,
        )

    def encoder_arguments(self) -> list[str]:
        """LAME with constant frames that lean on no other, and nothing around them."""
        settings = ["-c:a", "libmp3lame", "-b:a", str(self.bitrate), "-reservoir", "0", "-write_xing", "0"]
        return [*settings, "-id3v2_version", "0", "-map_metadata", "-1", "-f", "mp3"]

    def assemble(self, index: int, encoded: bytes) -> bytes:
        """The segment's frames, cut out of the encoded window."""
        frames = self.segment_frames(index)
        warmup = min(WARMUP_FRAMES, frames.start)
        kept = encoded[warmup * self.frame_bytes :][: len(frames) * self.frame_bytes]
        check_frames(kept, self.bitrate, len(frames))
        return kept

    def further(self, index: int, encoded: bytearray, done: int) -> bytes:
        """Whole frames behind the first `done` bytes."""
        frames = self.segment_frames(index)
        first = min(WARMUP_FRAMES, frames.start) * self.frame_bytes
        there = min(max(0, len(encoded) - first) // self.frame_bytes, len(frames)) * self.frame_bytes
        piece = bytes(encoded[first + done : first + there])
        check_frames(piece, self.bitrate, len(piece) // self.frame_bytes)
        return piece

    def check(self, index: int, data: bytes) -> None:
        """BadFrames unless `data` is as many good frames as the segment has."""
        check_frames(data, self.bitrate, len(self.segment_frames(index)))


class Mp3:
    """The codec as delivery knows it. Sound of one channel stays in one, any other becomes two."""

    layout = LAYOUT
    sample_rate = SAMPLE_RATE

    def geometry(self, bitrate: int, samples: int, channels: int, key: str) -> Geometry:
        """The layout of one song at `bitrate`, in one channel or in two."""
        return Geometry(bitrate, samples, 1 if channels == 1 else 2)


def check_frames(data: bytes, bitrate: int, frames: int) -> None:
    """BadFrames unless `data` is exactly `frames` frames of MPEG-1 Layer III at 48 kHz without bit reservoir.

    Looks at every frame's header by strided slices; about a microsecond for a segment.
    """
    size = bitrate * 3 // 1000
    if len(data) != size * frames:
        raise BadFrames(f"{len(data)} bytes where {size * frames} belong")
    third = _BITRATE_INDEX[bitrate // 1000] << 4 | 0x04
    # The fifth byte is the high part of main_data_begin: nonzero would point into an earlier frame.
    for offset, value in ((0, 0xFF), (1, 0xFB), (2, third), (4, 0x00)):
        if data[offset::size].count(value) != frames:
            raise BadFrames(f"byte {offset} of some frame is not {value:#04x}")
