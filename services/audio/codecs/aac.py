"""The arithmetic of AAC-LC in segments: which frames each has, and what sound they are encoded from.

Owns frame and segment borders, the encoder's settings and the taking apart of its output. Frames have no constant
size, so nothing here is addressed by the byte: playlists are. Refuses to know ffmpeg, containers and listeners.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from services.audio.codecs.geometry import SAMPLE_RATE, BadFrames, Window

FRAME_SAMPLES = 1024
PRIMING = 1024
"""Samples that a decoder gives before the song: one frame, as ffmpeg's encoder reports it."""
SEGMENT_FRAMES = 270
"""5.76 seconds, about what Apple recommends; six tenths of what a whole-second seek in MP3 costs."""
WARMUP_FRAMES = 16
"""Frames encoded before a segment and thrown away. From there on the encoder decides as in one whole run."""
LOOKAHEAD_FRAMES = 3
"""Frames' worth of samples after a segment, so that its last frames see what follows."""
PREROLL_SAMPLES = 57_600
"""Decoded before the warm-up and thrown away: 1.2 s, in which a decoder and the resampler settle."""
LAYOUT = "s270w16l3p57600q1"
"""Names the constants above and the encoder's settings; part of every entity tag."""

HEADER_BYTES = 7
# Decoding begins at whole steps of 0.12 s: microseconds for ffmpeg, whole samples and one phase at every common rate.
_STEP = 5_760
_MOST_FRAME_BYTES = 1536


@dataclass(frozen=True)
class Layout:
    """One song of `samples` samples (per channel, at 48 kHz) at about `bitrate` bits a second, in one channel or two.

    Segments and frames count from 0.
    """

    bitrate: int
    samples: int
    channels: int = 2

    sample_rate = SAMPLE_RATE
    mixes_down = True

    @property
    def frames(self) -> int:
        """All frames: enough for the priming and the last sample."""
        return -(-(self.samples + PRIMING) // FRAME_SAMPLES)

    @property
    def segments(self) -> int:
        """How many segments; the last may be short."""
        return -(-self.frames // SEGMENT_FRAMES)

    def segment_frames(self, index: int) -> range:
        """The frames of one segment."""
        first = index * SEGMENT_FRAMES
        return range(first, min(first + SEGMENT_FRAMES, self.frames))

    def window(self, index: int) -> Window:
        """What has to be encoded for one segment: itself, the warm-up before and what its last frames look at."""
        frames = self.segment_frames(index)
        encode_from = frames.start - min(WARMUP_FRAMES, frames.start)
        end = frames.stop + LOOKAHEAD_FRAMES
        start = encode_from * FRAME_SAMPLES
        return Window(
            decode_from=max(0, start - PREROLL_SAMPLES) // _STEP * _STEP,
            encode_from=start,
            end=end * FRAME_SAMPLES,
            most_bytes=(end - encode_from + 8) * (_MOST_FRAME_BYTES + HEADER_BYTES),
        )

    def encoder_arguments(self) -> list[str]:
        """ffmpeg's own encoder at constant quality, each frame with the seven bytes of its ADTS header.

        At constant bitrate each frame depends on all before it, and splices lost up to 12 dB; the tools that are off
        put noise and guesses where a spliced frame and a whole one would differ (decision 0019).
        """
        settings = ["-c:a", "aac", "-profile:a", "aac_low", "-b:a", str(self.bitrate), "-q:a", "1"]
        settings += ["-aac_coder", "fast", "-aac_pns", "0", "-aac_is", "0", "-aac_tns", "0"]
        return [*settings, "-flags:a", "+bitexact", "-map_metadata", "-1", "-f", "adts"]

    def assemble(self, index: int, encoded: bytes) -> bytes:
        """The segment's frames with their headers, cut out of the encoded window. BadFrames for something else."""
        wanted = self.segment_frames(index)
        warmup = min(WARMUP_FRAMES, wanted.start)
        frames = adts_frames(encoded, self.channels)[warmup : warmup + len(wanted)]
        if len(frames) != len(wanted):
            raise BadFrames(f"{len(frames)} frames where {len(wanted)} belong")
        return b"".join(frames)

    def check(self, index: int, data: bytes) -> None:
        """BadFrames unless `data` is as many whole frames as the segment has."""
        frames, wanted = adts_frames(data, self.channels), len(self.segment_frames(index))
        if len(frames) != wanted:
            raise BadFrames(f"{len(frames)} frames where {wanted} belong")


def adts_frames(data: bytes, channels: int) -> list[bytes]:
    """The frames in `data`, headers included (ISO/IEC 13818-7 §6.2): AAC-LC at 48 kHz, no checksums.

    BadFrames at anything else, and at a frame that is cut off.
    """
    first, frames, at = _header_begins(channels), [], 0
    while at < len(data):
        head = data[at : at + HEADER_BYTES]
        if len(head) < HEADER_BYTES or head[:3] != first[:3] or head[3] & 0xFC != first[3] or head[6] & 0x03:
            raise BadFrames("a frame does not begin where the one before it ends")
        size = (head[3] & 0x03) << 11 | head[4] << 3 | head[5] >> 5
        if size <= HEADER_BYTES or at + size > len(data):
            raise BadFrames("a frame is cut off")
        frames.append(data[at : at + size])
        at += size
    return frames


@lru_cache(maxsize=2)
def _header_begins(channels: int) -> bytes:
    # Sync word, MPEG-4, no checksum; profile LC, 48 kHz; the channels' upper bit, then its lower ones.
    return bytes([0xFF, 0xF1, 1 << 6 | 3 << 2 | channels >> 2, (channels & 0x03) << 6])
