"""What a codec has to know about itself so that its renditions can be addressed by the byte before they exist.

Owns the two protocols between arithmetic (`mp3`, `opus`, `flac`) and work (segments, delivery, sound), and the one
sample rate of all lossy renditions. Refuses to know any codec, ffmpeg's ways and who listens.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

SAMPLE_RATE = 48_000
"""Hertz. Every lossy rendition has it: constant frames come out whole, and Opus knows no other."""


class BadFrames(Exception):
    """Bytes that are not the constant-size, self-contained frames (or packets, or pages) a rendition consists of."""


@dataclass(frozen=True, slots=True)
class Label:
    """What a head says that the sound behind it does not depend on.

    `encoder` is the encoder's own short name (`LAME3.100`), empty if unknown. The gains bring song and album to
    -23 LUFS (EBU R128) and are in 1/256 dB (RFC 7845 §5.2.1), -32768 to 32767; None if unknown.
    """

    encoder: str = ""
    track_gain_q8: int | None = None
    album_gain_q8: int | None = None


BLANK = Label()


@dataclass(frozen=True, slots=True)
class Gapless:
    """What a decoder has to throw away so that `samples` are left, the song and nothing else: all at the
    rendition's rate.

    `delay` samples come out of a decoder before the song (its own delay included), `padding` after it.
    """

    delay: int
    padding: int
    samples: int


@dataclass(frozen=True, slots=True)
class Window:
    """The sound one segment is made from, in samples at the rendition's rate counted from the song's beginning.

    Decoding begins at `decode_from`, encoding at `encode_from` and goes on up to `end`; what lies between the last
    sample of the song and `end` is silence. The encoder's answer has at most `most_bytes`.
    """

    decode_from: int
    encode_from: int
    end: int
    most_bytes: int


class Segmented(Protocol):
    """What is encoded segment by segment, whether its bytes can be counted beforehand or not."""

    @property
    def sample_rate(self) -> int:
        """Hertz: what the source is resampled to before it is encoded."""

    @property
    def mixes_down(self) -> bool:
        """Whether a source of more than two channels is mixed down to two."""

    @property
    def samples(self) -> int:
        """Samples of the song per channel, at `sample_rate`."""

    def window(self, index: int) -> Window:
        """What has to be encoded for one segment: itself, and the run-up that makes it fit its neighbour."""

    def encoder_arguments(self) -> list[str]:
        """How ffmpeg is told to encode a window to its standard output."""

    def assemble(self, index: int, encoded: bytes) -> bytes:
        """The segment's bytes, from what the encoder made of its window. BadFrames when that is something else."""


class Geometry(Protocol):
    """Where everything lies in one rendition: a head, then segments. Offsets are bytes, segments count from 0."""

    @property
    def sample_rate(self) -> int:
        """Hertz: what the source is resampled to before it is encoded."""

    @property
    def mixes_down(self) -> bool:
        """Whether a source of more than two channels is mixed down to two."""

    @property
    def samples(self) -> int:
        """Samples of the song per channel, at `sample_rate`."""

    @property
    def length(self) -> int:
        """Bytes of the whole rendition, head included."""

    @property
    def head_bytes(self) -> int:
        """How long the head is, whatever it says; the segments begin there."""

    @property
    def gapless(self) -> Gapless:
        """Where the song begins and ends in what is decoded."""

    @property
    def segments(self) -> int:
        """How many segments; the last may be short."""

    def head(self, label: Label) -> bytes:
        """The bytes in front of the segments, by arithmetic alone. Another label changes them, never their number."""

    def segment_bytes(self, index: int) -> range:
        """The byte offsets of one segment in the whole."""

    def touched(self, start: int, end: int) -> range:
        """The segments that hold the bytes `start` up to and without `end`; none for bytes of the head."""

    def window(self, index: int) -> Window:
        """What has to be encoded for one segment: itself, and the run-up that makes it fit its neighbour."""

    def encoder_arguments(self) -> list[str]:
        """How ffmpeg is told to encode a window to its standard output."""

    def assemble(self, index: int, encoded: bytes) -> bytes:
        """The segment's bytes, from what the encoder made of its window. BadFrames when that is something else."""

    def further(self, index: int, encoded: bytearray, done: int) -> bytes:
        """The bytes of the segment behind its first `done` that the beginning of the encoder's answer settles.

        `done` is what earlier calls gave. All of them in a row begin what `assemble` makes of the whole answer.
        BadFrames when it is something else; for a thread.
        """

    def check(self, index: int, data: bytes) -> None:
        """BadFrames unless `data` can be the bytes of segment `index`."""


class Codec(Protocol):
    """One way to lay out renditions. `layout` names its constants; a change of them is another rendition."""

    @property
    def layout(self) -> str:
        """The constants, in a few letters and digits."""

    @property
    def sample_rate(self) -> int:
        """Hertz of what it lays out."""

    def geometry(self, bitrate: int, samples: int, channels: int, key: str) -> Geometry:
        """The layout of one song at `bitrate` bits a second. `key` is hexadecimal and names these very bytes."""


def samples_at_rate(samples: int, sample_rate: int, made_rate: int = SAMPLE_RATE) -> int:
    """How many samples at `made_rate` Hz the resampler makes of `samples` at `sample_rate` Hz."""
    return -(-samples * made_rate // sample_rate)
