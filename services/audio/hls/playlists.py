"""The text of playlists (RFC 8216 and its second edition): master and media, from numbers alone.

Owns tags, their order and rounding. Refuses to know codecs, tickets and where anything lies: addresses come in
finished.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

CONTENT_TYPE = "application/vnd.apple.mpegurl"

PLAIN_VERSION = 3
"""Durations with fractions need version 3 (RFC 8216 §7)."""
MAP_VERSION = 6
"""`EXT-X-MAP` in a playlist that is not of I-frames alone needs version 6."""

_MICRO = 1_000_000


@dataclass(frozen=True, slots=True)
class VariantLine:
    """One variant: its playlist's address, codec (RFC 6381), most and average bits a second (None: unknown)."""

    address: str
    codecs: str
    bandwidth: int
    average: int | None


def master(lines: Sequence[VariantLine]) -> str:
    """A master playlist. The lines stay in their order: players begin with the first they can play."""
    text = ["#EXTM3U", f"#EXT-X-VERSION:{MAP_VERSION}", "#EXT-X-INDEPENDENT-SEGMENTS"]
    for line in lines:
        average = f",AVERAGE-BANDWIDTH={line.average}" if line.average is not None else ""
        text.append(f'#EXT-X-STREAM-INF:BANDWIDTH={line.bandwidth}{average},CODECS="{line.codecs}"')
        text.append(line.address)
    return "\n".join([*text, ""])


def media(durations: Sequence[int], rate: int, addresses: Sequence[str], *, initial: str | None) -> str:
    """A media playlist of a whole song: `durations` in samples at `rate`, one address for each.

    `initial` is the address of the initialization segment, None where there is none. Ends are rounded to
    microseconds, not durations: their sum is never more than half a microsecond off.
    """
    ends = [0]
    for duration in durations:
        ends.append(ends[-1] + duration)
    micros = [round(Fraction(end * _MICRO, rate)) for end in ends]
    # Halves upwards, as §4.3.3.1 has it rounded; Python would round them to even.
    target = max(1, *((2 * duration + rate) // (2 * rate) for duration in durations))
    text = [
        "#EXTM3U",
        f"#EXT-X-VERSION:{MAP_VERSION if initial else PLAIN_VERSION}",
        f"#EXT-X-TARGETDURATION:{target}",
        "#EXT-X-MEDIA-SEQUENCE:0",
        "#EXT-X-PLAYLIST-TYPE:VOD",
        "#EXT-X-INDEPENDENT-SEGMENTS",
    ]
    if initial:
        text.append(f'#EXT-X-MAP:URI="{initial}"')
    for begin, end, address in zip(micros, micros[1:], addresses, strict=False):
        whole, part = divmod(end - begin, _MICRO)
        text += [f"#EXTINF:{whole}.{part:06d},", address]
    return "\n".join([*text, "#EXT-X-ENDLIST", ""])
