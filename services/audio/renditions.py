"""Which rendition of a song is served to whom, and the sentence that says why.

Owns: the four qualities, the formats, the profiles behind them as data, and the choice between the original and a
profile. Refuses to know how anything is encoded, where files are, HTTP and who pays for what: preference, ceiling and
what a player takes come in as values.
"""

from __future__ import annotations

from collections.abc import Mapping
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


class Format(StrEnum):
    """In what shape the sound is wanted. `original` is the file itself, whatever it is."""

    MP3 = "mp3"
    OPUS = "opus"
    ORIGINAL = "original"


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


OPUS_PROFILES: dict[Quality, Profile] = {
    Quality.LOW: Profile("opus-64", "opus", 64_000, 48_000, "audio/ogg; codecs=opus", "opus"),
    Quality.NORMAL: Profile("opus-128", "opus", 128_000, 48_000, "audio/ogg; codecs=opus", "opus"),
    Quality.HIGH: Profile("opus-192", "opus", 192_000, 48_000, "audio/ogg; codecs=opus", "opus"),
}
"""What each lossy quality means in Opus, which sounds the same with fewer bits."""

PROFILES = {Format.MP3: MP3_PROFILES, Format.OPUS: OPUS_PROFILES}
"""Profiles by format and quality. MP3 comes first: it is what a player gets that has no opinion."""


TIER_CEILINGS: Mapping[str, Quality] = {}
"""The most that each tier may have; a tier that is not named may have everything."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """What a player says it takes: the format of ours it likes best, and media types without parameters.

    `types` is None for a player that takes anything.
    """

    liked: Format = Format.MP3
    types: frozenset[str] | None = None

    def takes(self, content_type: str) -> bool:
        """Whether a file of that type may be sent as it is.

        A player that takes nothing of ours is not listened to: something it may be able to play beats nothing.
        """
        if self.types is None or content_type.partition(";")[0] in self.types:
            return True
        return _media_type(self.liked) not in self.types


ANYTHING = Accepted()


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


def parse_format(text: str, *, field: str = "format") -> Format:
    """The format of that name; Invalid, naming the field, for any other word."""
    try:
        return Format(text)
    except ValueError:
        raise Invalid(f"{field} is one of mp3, opus, original.", field=field) from None


def tier_ceiling(tier: str, ceilings: Mapping[str, Quality] = TIER_CEILINGS) -> Quality:
    """The most that somebody of that tier may have."""
    return ceilings.get(tier, Quality.LOSSLESS)


def choose(
    requested: Quality | None,
    preference: Quality,
    ceiling: Quality,
    file: AudioFile,
    *,
    wished: Format | None = None,
    accepted: Accepted = ANYTHING,
) -> Choice:
    """The rendition for somebody who asked for `requested` and `wished` (or nothing), prefers and may have so much.

    The original answers where it is wanted and allowed, and in place of a lossy rendition that would not be smaller:
    encoding a lossy original again costs sound. Which lossy format it is, the wish decides, else what the player
    likes. A format that was wished for is kept even where that means encoding what is lossy already.
    """
    whole = wished is Format.ORIGINAL
    wanted = Quality.LOSSLESS if whole else requested or preference
    quality = min(wanted, ceiling, key=lambda each: each.rank)
    reason = "as asked" if whole or requested else "as preferred"
    if quality is not wanted:
        named = "the original" if whole else wanted
        reason = f"{named} was wanted, {ceiling} is the most this listener may have"
    form = accepted.liked if wished is None or whole else wished
    fits = _fits(file, wished, accepted) or (requested is quality is Quality.LOSSLESS and wished is None)
    if quality is Quality.LOSSLESS:
        if fits:
            return Choice(quality, None, reason)
        quality, reason = Quality.HIGH, f"{reason}; {form} has nothing above high"
    profile = PROFILES[form][quality]
    # Without a wish the bound is that of MP3 for every player alike, or the same song would differ by browser.
    bound = profile.bitrate if wished is form else MP3_PROFILES[quality].bitrate
    if fits and file.codec in LOSSY_CODECS and 0 < file.bitrate <= bound:
        kept = f"the original is {file.codec} at {round(file.bitrate / 1000)} kbit/s, not above {quality}"
        return Choice(quality, None, f"{reason}; {kept}")
    if wished is not form and form is not Format.MP3:
        reason = f"{reason}; the player likes {form} best"
    return Choice(quality, profile, reason)


def _fits(file: AudioFile, wished: Format | None, accepted: Accepted) -> bool:
    """Whether the original is in the shape that is wanted."""
    if wished is Format.ORIGINAL:
        return True
    return accepted.takes(file.content_type) if wished is None else file.codec == wished.value


def _media_type(form: Format) -> str:
    return PROFILES[form][Quality.HIGH].content_type.partition(";")[0]
