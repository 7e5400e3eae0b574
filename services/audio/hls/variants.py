"""Which variants of a song a master playlist offers, to whom and in what order.

Owns: the kinds (codec and container), their names in addresses, and the choice among them. Refuses to know how a
variant is made, HTTP and who pays for what: preference, ceiling and what a player calls itself come in as values.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from services.audio.renditions import Quality
from services.errors import Invalid, NotFound


class Kind(StrEnum):
    """A codec in a container: AAC in MPEG-TS, and AAC, Opus and FLAC in fragmented MP4."""

    TS = "ts"
    FMP4 = "fmp4"
    OPUS = "opus"
    FLAC = "flac"


FORMATS: dict[str, tuple[Kind, ...]] = {
    "ts": (Kind.TS,),
    "fmp4": (Kind.FMP4,),
    "aac": (Kind.FMP4, Kind.TS),
    "opus": (Kind.OPUS,),
    "flac": (Kind.FLAC,),
}
"""What `format` may say, and the kinds that are meant."""

LOSSY = (Quality.HIGH, Quality.NORMAL, Quality.LOW)
"""Qualities of a lossy kind in the order in which they are offered: players begin with the first they can play."""

ENTERED_BADLY_IN_FMP4 = ("Lavf/", "libmpv", "mpv", "VLC/", "GStreamer")
"""How players begin to call themselves that seek badly in fragmented MP4: ffmpeg and what is built on it, GStreamer."""
_BROWSERS = ("Mozilla/",)


@dataclass(frozen=True, slots=True)
class Variant:
    """One line of a master playlist."""

    kind: Kind
    quality: Quality

    @property
    def name(self) -> str:
        """What it is called in addresses, such as `opus-high`."""
        return f"{self.kind}-{self.quality}"


VARIANTS: dict[str, Variant] = {
    variant.name: variant
    for variant in (
        *(Variant(kind, quality) for kind in (Kind.FMP4, Kind.TS, Kind.OPUS) for quality in LOSSY),
        Variant(Kind.FLAC, Quality.LOSSLESS),
    )
}
"""Every variant there is, by its name."""


def variant_of(name: str) -> Variant:
    """The variant of that name; NotFound for any other word."""
    if name not in VARIANTS:
        raise NotFound("There is no such variant.", code="VARIANT_NOT_FOUND")
    return VARIANTS[name]


def parse_kinds(text: str) -> tuple[Kind, ...]:
    """The kinds that a `format` means; Invalid for any other word."""
    if text not in FORMATS:
        raise Invalid(f"format is one of {', '.join(FORMATS)}.", field="format")
    return FORMATS[text]


def kinds_for(player: str) -> tuple[Kind, ...]:
    """The kinds for somebody who asked for none, by what the player calls itself (`User-Agent`).

    Browsers play AAC, Opus and FLAC in fragmented MP4; players that seek badly in it get transport streams alone;
    everybody else is offered everything.
    """
    if player.startswith(ENTERED_BADLY_IN_FMP4):
        return (Kind.TS,)
    if player.startswith(_BROWSERS):
        return (Kind.FMP4, Kind.OPUS, Kind.FLAC)
    return tuple(Kind)


def offered(
    kinds: Sequence[Kind],
    *,
    lossless: bool,
    requested: Quality | None,
    preference: Quality,
    ceiling: Quality,
    insisted: bool,
) -> list[Variant]:
    """The variants for somebody who may have `ceiling` at most: the requested quality, or all up to the preferred.

    `lossless` says whether FLAC of this song would be all of its sound, `insisted` that `kinds` were asked for by
    name: FLAC is all there is of it, whatever is preferred. Never empty: where FLAC alone was wanted and cannot be
    had, AAC in fragmented MP4 stands in.
    """
    wanted = requested or preference
    if insisted and tuple(kinds) == (Kind.FLAC,):
        wanted = Quality.LOSSLESS
    top = min(wanted, ceiling, key=lambda each: each.rank)
    flac = lossless and top is Quality.LOSSLESS
    chosen = []
    for kind in kinds:
        if kind is Kind.FLAC:
            chosen += [Variant(kind, Quality.LOSSLESS)] if flac else []
            continue
        if requested is Quality.LOSSLESS and flac and Kind.FLAC in kinds:
            continue
        below = [quality for quality in LOSSY if quality.rank <= top.rank]
        chosen += [Variant(kind, quality) for quality in (below[:1] if requested else below)]
    if chosen:
        return chosen
    best = next(quality for quality in LOSSY if quality.rank <= top.rank)
    return [Variant(Kind.FMP4, best)]
