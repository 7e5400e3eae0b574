"""What the segments of a variant come to: how long each plays, its box in fragmented MP4, and the bit rates.

Refuses to know codecs and how frames are made.
"""

from __future__ import annotations

from collections.abc import Sequence

from services.audio.hls import fmp4


def played(ranges: Sequence[range], track: fmp4.Track) -> list[int]:
    """What each range of frames adds to what is heard: all but the delay and the padding."""
    ends = [min(place.stop * track.frame_samples - track.delay, track.samples) for place in ranges]
    return [end - begin for begin, end in zip([0, *ends], ends, strict=False)]


def fragment(track: fmp4.Track, index: int, place: range, frames: Sequence[bytes], *, last: bool) -> bytes:
    """The media segment of the frames in `place`; the `last` one's last frame lasts as long as the song does."""
    rest = track.delay + track.samples - (place.stop - 1) * track.frame_samples
    start = place.start * track.frame_samples
    last_samples = rest if last else track.frame_samples
    return fmp4.media_segment(track, number=index + 1, start=start, frames=frames, last_samples=last_samples)


def rates(sizes: Sequence[int], durations: Sequence[int], rate: int) -> tuple[int, int]:
    """Bits a second of the largest segment and of the whole, rounded up.

    A segment shorter than half of the longest does not count alone (RFC 8216 §1.2), unless there is no other.
    """
    longest = max(durations)
    long = [pair for pair in zip(sizes, durations, strict=True) if 2 * pair[1] >= longest]
    most = max(-(-8 * size * rate // duration) for size, duration in long)
    average = -(-8 * sum(sizes) * rate // sum(durations))
    return max(most, average), average
