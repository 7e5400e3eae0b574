"""Which rendition of a song is served to whom, and the sentence that says why.

Owns: the four qualities, the profiles behind them as data, and the choice between the original and a profile. Refuses
to know how anything is encoded, where files are and who pays for what: preference and ceiling come in as values.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from services.errors import Invalid
from storage.records.audio_file import AudioFile


class Quality(StrEnum):
    """How much of the sound is wanted, from least to most."""

    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"
    LOSSLESS = "lossless"

    @property
    def rank(self) -> int:
        """Position from the least, 0."""
        return _ORDER.index(self)


_ORDER = (Quality.LOW, Quality.NORMAL, Quality.HIGH, Quality.LOSSLESS)

LOSSY_CODECS = frozenset({"mp3", "aac", "opus", "vorbis"})
"""Codecs that lose something: encoding from them again can only lose more."""


@dataclass(frozen=True, slots=True)
class Profile:
    """One way to encode: bitrate in bits a second, sample rate in Hz. `name` is stable, part of tags and of paths."""

    name: str
    codec: str
    bitrate: int
    sample_rate: int
    content_type: str
    extension: str


MP3_PROFILES: dict[Quality, Profile] = {
    Quality.LOW: Profile("mp3-96", "mp3", 96_000, 48_000, "audio/mpeg", "mp3"),
    Quality.NORMAL: Profile("mp3-160", "mp3", 160_000, 48_000, "audio/mpeg", "mp3"),
    Quality.HIGH: Profile("mp3-320", "mp3", 320_000, 48_000, "audio/mpeg", "mp3"),
}
"""What each lossy quality means in MP3, the codec that every player has."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What is served: `profile` to encode with, or None for the file as it is, and why in a few words."""

    quality: Quality
    profile: Profile | None
    why: str

    @property
    def name(self) -> str:
        """The rendition's name as players are told: a profile's, or `original`."""
        return self.profile.name if self.profile else "original"


def parse_quality(text: str, *, field: str = "quality") -> Quality:
    """The quality of that name; Invalid, naming the field, for any other word."""
    try:
        return Quality(text)
    except ValueError:
        raise Invalid(f"{field} is one of low, normal, high, lossless.", field=field) from None


def choose(requested: Quality | None, preference: Quality, ceiling: Quality, file: AudioFile) -> Choice:
    """The rendition for somebody who asked for `requested` (or nothing), prefers and may have at most this much.

    A lossy original whose bitrate is not above the quality's is served as it is: encoding it again would cost sound
    and win nothing. Lossless is always the original file, whatever its codec.
    """
    wanted = requested or preference
    quality = min(wanted, ceiling, key=lambda each: each.rank)
    reason = "as asked" if requested else "as preferred"
    if quality is not wanted:
        reason = f"{wanted} was wanted, {ceiling} is the most this listener may have"
    if quality is Quality.LOSSLESS:
        return Choice(quality, None, reason)
    profile = MP3_PROFILES[quality]
    if file.codec in LOSSY_CODECS and 0 < file.bitrate <= profile.bitrate:
        kept = f"the original is {file.codec} at {round(file.bitrate / 1000)} kbit/s, not above {quality}"
        return Choice(quality, None, f"{reason}; {kept}")
    return Choice(quality, profile, reason)
