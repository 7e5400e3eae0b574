"""How one variant is cut: how long each segment is, and what is put around the frames it consists of.

Owns the four ways (AAC in transport streams; AAC, Opus and FLAC in fragmented MP4) and their bit rates.
Pure arithmetic and bytes; refuses to know how frames are made, addresses and listeners.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Protocol

from services.audio.codecs import aac, flac, opus
from services.audio.codecs.flac_frames import FRAME_SAMPLES
from services.audio.codecs.geometry import SAMPLE_RATE
from services.audio.hls import fmp4, mpeg_ts
from services.audio.hls.fragments import fragment, played, rates
from services.audio.renditions import Quality

FMP4_TYPE = "audio/mp4"
TS_TYPE = "video/mp2t"


class Cut(Protocol):
    """A variant of one song, cut into segments that count from 0."""

    codecs: ClassVar[str]
    layout: ClassVar[str]
    content_type: ClassVar[str]
    suffix: ClassVar[str]

    @property
    def sample_rate(self) -> int:
        """Hertz; what durations are counted in."""

    @property
    def durations(self) -> list[int]:
        """What each segment adds to the song as it is played, in samples."""

    @property
    def initial(self) -> bytes | None:
        """The initialization segment, None where there is none."""

    @property
    def bandwidth(self) -> tuple[int, int | None]:
        """Bits a second of no segment exceeded, and of the whole on average (None: unknown before it is made)."""

    def wrap(self, index: int, data: bytes) -> bytes:
        """The segment, around its frames as they are kept."""


@dataclass(frozen=True, slots=True)
class AacProfile:
    """AAC-LC at about `bitrate` bits a second. `most` was never exceeded by six seconds of any sound (decision 0019).

    `usual` is what music came to.
    """

    bitrate: int
    most: int
    usual: int


AAC_PROFILES: dict[Quality, AacProfile] = {
    Quality.LOW: AacProfile(96_000, 128_000, 94_000),
    Quality.NORMAL: AacProfile(160_000, 172_000, 142_000),
    Quality.HIGH: AacProfile(256_000, 268_000, 222_000),
}
"""What each lossy quality means in AAC."""


@dataclass(frozen=True)
class AacInTs:
    """AAC in MPEG-TS. There is no edit list: the priming and the padding are heard, 21 ms of silence each at most."""

    codecs: ClassVar[str] = "mp4a.40.2"
    layout: ClassVar[str] = "ts1"
    content_type: ClassVar[str] = TS_TYPE
    suffix: ClassVar[str] = "ts"
    sample_rate: ClassVar[int] = SAMPLE_RATE
    initial: ClassVar[None] = None

    frames: aac.Layout
    profile: AacProfile

    @property
    def durations(self) -> list[int]:
        """Whole frames."""
        return [len(self.frames.segment_frames(at)) * aac.FRAME_SAMPLES for at in range(self.frames.segments)]

    @property
    def bandwidth(self) -> tuple[int, int | None]:
        """A bound and the usual rate."""
        return self._rate(self.profile.most), self._rate(self.profile.usual)

    def wrap(self, index: int, data: bytes) -> bytes:
        """Tables and packets; a few milliseconds, for a thread."""
        frames = aac.adts_frames(data, self.frames.channels)
        first = self.frames.segment_frames(index).start
        return mpeg_ts.segment(frames, first_frame=first, priming_frames=1, index=index)

    def _rate(self, bitrate: int) -> int:
        frames = min(self.frames.frames, aac.SEGMENT_FRAMES)
        sound = bitrate * frames * aac.FRAME_SAMPLES // (8 * SAMPLE_RATE)
        return -(-8 * SAMPLE_RATE * mpeg_ts.most_bytes(sound, frames) // (frames * aac.FRAME_SAMPLES))


@dataclass(frozen=True)
class AacInFmp4:
    """AAC in fragmented MP4: exactly the song, by its edit list and the last frame's duration."""

    codecs: ClassVar[str] = "mp4a.40.2"
    layout: ClassVar[str] = "mp4a1"
    content_type: ClassVar[str] = FMP4_TYPE
    suffix: ClassVar[str] = "m4s"
    sample_rate: ClassVar[int] = SAMPLE_RATE

    frames: aac.Layout
    profile: AacProfile

    @property
    def track(self) -> fmp4.Track:
        """What the initialization segment says."""
        entry = fmp4.aac_entry(sample_rate=SAMPLE_RATE, channels=self.frames.channels, bitrate=self.profile.bitrate)
        return fmp4.Track(SAMPLE_RATE, self.frames.samples, aac.PRIMING, aac.FRAME_SAMPLES, entry, itunes_note=True)

    @property
    def durations(self) -> list[int]:
        """Whole frames, without the priming at the beginning and the padding at the end."""
        ranges = [self.frames.segment_frames(at) for at in range(self.frames.segments)]
        return played(ranges, self.track)

    @property
    def initial(self) -> bytes:
        """The initialization segment."""
        return fmp4.init_segment(self.track)

    @property
    def bandwidth(self) -> tuple[int, int | None]:
        """A bound and the usual rate."""
        return self._rate(self.profile.most), self._rate(self.profile.usual)

    def wrap(self, index: int, data: bytes) -> bytes:
        """A fragment of the frames without their ADTS headers."""
        frames = aac.adts_frames(data, self.frames.channels)
        place = self.frames.segment_frames(index)
        bare = [frame[aac.HEADER_BYTES :] for frame in frames]
        return fragment(self.track, index, place, bare, last=index == self.frames.segments - 1)

    def _rate(self, bitrate: int) -> int:
        # The bit rates are measured with the ADTS headers, which outweigh a fragment's own bytes.
        frames = min(self.frames.frames, aac.SEGMENT_FRAMES)
        boxes = fmp4.segment_overhead(self.track, frames=frames, uniform=False, short=False)
        return bitrate + -(-8 * SAMPLE_RATE * boxes // (frames * aac.FRAME_SAMPLES))


@dataclass(frozen=True)
class OpusInFmp4:
    """Opus in fragmented MP4, out of the packets of the rendition that `/stream` serves in Ogg."""

    codecs: ClassVar[str] = "Opus"
    layout: ClassVar[str] = "opus1"
    content_type: ClassVar[str] = FMP4_TYPE
    suffix: ClassVar[str] = "m4s"
    sample_rate: ClassVar[int] = SAMPLE_RATE

    geometry: opus.Geometry

    @property
    def track(self) -> fmp4.Track:
        """What the initialization segment says; 80 ms are decoded before a place that is entered (RFC 7845 §4.6)."""
        entry = fmp4.opus_entry(channels=self.geometry.channels, pre_skip=opus.PRE_SKIP)
        samples = self.geometry.samples
        return fmp4.Track(SAMPLE_RATE, samples, opus.PRE_SKIP, opus.PACKET_SAMPLES, entry, roll=4)

    @property
    def durations(self) -> list[int]:
        """Whole packets, without the pre-skip at the beginning and the padding at the end."""
        return played(self._ranges, self.track)

    @property
    def initial(self) -> bytes:
        """The initialization segment."""
        return fmp4.init_segment(self.track)

    @property
    def bandwidth(self) -> tuple[int, int | None]:
        """Exact: every packet has the same size."""
        last = len(self._ranges) - 1
        sizes = []
        for at, packets in enumerate(self._ranges):
            short = at == last and self._padding > 0
            boxes = fmp4.segment_overhead(self.track, frames=len(packets), uniform=True, short=short)
            sizes.append(boxes + len(packets) * self.geometry.packet_bytes)
        return rates(sizes, self.durations, SAMPLE_RATE)

    def wrap(self, index: int, data: bytes) -> bytes:
        """A fragment of the packets, cut out of their Ogg pages."""
        size = self.geometry.packet_bytes
        place = self.geometry.segment_bytes(index)
        packets: list[bytes] = []
        for number in self.geometry.segment_pages(index):
            # A page's packets lie at its end; a full page may hold a header before the first page's, never behind.
            end, count = self.geometry.page_bytes(number).stop - place.start, len(self.geometry.page_packets(number))
            packets += [data[end - left * size : end - (left - 1) * size] for left in range(count, 0, -1)]
        return fragment(self.track, index, self._ranges[index], packets, last=index == len(self._ranges) - 1)

    @property
    def _ranges(self) -> list[range]:
        return [self.geometry.segment_packets(at) for at in range(self.geometry.segments)]

    @property
    def _padding(self) -> int:
        return self.geometry.padding


@dataclass(frozen=True)
class FlacInFmp4:
    """FLAC in fragmented MP4, the frames of the rendition that `/stream` serves."""

    codecs: ClassVar[str] = "fLaC"
    layout: ClassVar[str] = "flac1"
    content_type: ClassVar[str] = FMP4_TYPE
    suffix: ClassVar[str] = "m4s"

    geometry: flac.Geometry
    stream_info: bytes

    @property
    def sample_rate(self) -> int:
        """The source's own."""
        return self.geometry.sample_rate

    @property
    def track(self) -> fmp4.Track:
        """What the initialization segment says."""
        own = self.geometry
        entry = fmp4.flac_entry(
            sample_rate=own.sample_rate, channels=own.channels, bits=own.bits, stream_info=self.stream_info
        )
        return fmp4.Track(own.sample_rate, own.samples, 0, FRAME_SAMPLES, entry)

    @property
    def durations(self) -> list[int]:
        """Whole frames; the last may be short."""
        return played(self._ranges, self.track)

    @property
    def initial(self) -> bytes:
        """The initialization segment."""
        return fmp4.init_segment(self.track)

    @property
    def bandwidth(self) -> tuple[int, int | None]:
        """Exact: the size of every frame is known."""
        sizes = []
        for index, frames in enumerate(self._ranges):
            uniform = len({self._frame_bytes(number) for number in frames}) == 1
            short = self.geometry.frame_samples(frames[-1]) != FRAME_SAMPLES
            boxes = fmp4.segment_overhead(self.track, frames=len(frames), uniform=uniform, short=short)
            sizes.append(boxes + len(self.geometry.segment_bytes(index)))
        return rates(sizes, self.durations, self.sample_rate)

    def wrap(self, index: int, data: bytes) -> bytes:
        """A fragment of the frames."""
        frames, at = [], 0
        for number in self._ranges[index]:
            frames.append(data[at : at + self._frame_bytes(number)])
            at += len(frames[-1])
        return fragment(self.track, index, self._ranges[index], frames, last=index == len(self._ranges) - 1)

    @property
    def _ranges(self) -> list[range]:
        return [self.geometry.segment_frames(at) for at in range(self.geometry.segments)]

    def _frame_bytes(self, number: int) -> int:
        return self.geometry.frame_start(number + 1) - self.geometry.frame_start(number)
