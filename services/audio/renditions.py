"""Which rendition of a song is served to whom, and the sentence that says why.

Owns: the four qualities, the formats, the profiles behind them as data, and the choice between the original and a
profile. Refuses to know how anything is encoded, where files are, HTTP and who pays for what: preference, ceiling and
what a player takes come in as values.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from services.audio.codecs import flac
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
    """In what shape the sound is wanted. `flac` loses nothing; `original` is the file itself, whatever it is."""

    MP3 = "mp3"
    OPUS = "opus"
    FLAC = "flac"
    ORIGINAL = "original"


_ORDER = (Quality.LOW, Quality.NORMAL, Quality.HIGH, Quality.LOSSLESS)

_WHOLE: dict[Format | None, str] = {Format.ORIGINAL: "the original", Format.FLAC: "FLAC"}

LOSSY_CODECS = frozenset({"mp3", "aac", "opus", "vorbis"})
"""Codecs that lose something: encoding from them again can only lose more."""

LOSSLESS_CODECS = frozenset({"flac", "alac", "pcm"})
"""Codecs that lose nothing: FLAC made of them is the same sound."""


@dataclass(frozen=True, slots=True)
class Profile:
    """One way to encode: bitrate in bits a second, sample rate in Hz, both 0 where they are the source's.

    `name` is stable, part of tags and of paths.
    """

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

FLAC_PROFILE = Profile("flac", "flac", 0, 0, "audio/flac", "flac")
"""The source's sound, sample for sample, for players that cannot read its file."""

PROFILES = {Format.MP3: MP3_PROFILES, Format.OPUS: OPUS_PROFILES}
"""Lossy profiles by format and quality. MP3 comes first: it is what a player gets that has no opinion."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """What a player says it takes: the lossy format of ours it likes best, and media types without parameters.

    `types` is None for a player that takes anything; `named` are those it named outright, not by a wildcard.
    """

    liked: Format = Format.MP3
    types: frozenset[str] | None = None
    named: frozenset[str] = frozenset()

    def takes(self, content_type: str) -> bool:
        """Whether a file of that type may be sent as it is.

        A player that takes nothing of ours is not listened to: something it may be able to play beats nothing.
        """
        if self.types is None or content_type.partition(";")[0] in self.types:
            return True
        return _media_type(self.liked) not in self.types

    def plays(self, file: AudioFile) -> bool:
        """Whether the file may be sent as it is to somebody who wants all of its sound.

        A wildcard is what browsers send, whatever they can play: for what none of them plays it is no promise.
        """
        kind = "audio/alac" if file.codec == "alac" else file.content_type.partition(";")[0]
        if kind in self.named:
            return True
        flac_named = FLAC_PROFILE.content_type in self.named
        if _unplayable(file):
            # Who names the container and not FLAC may know both of the codecs it is used for.
            return file.content_type.partition(";")[0] in self.named and not flac_named
        only_flac = flac_named and self.types is not None and kind not in self.types
        return not only_flac and self.takes(kind)


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
        raise Invalid(f"{field} is one of mp3, opus, flac, original.", field=field) from None


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
    likes. A lossy format that was wished for is kept even where that means encoding what is lossy already; FLAC is not,
    for it would be larger and no better. Where all of the sound is wanted, FLAC stands in for files that browsers
    cannot play.
    """
    whole = wished in _WHOLE
    wanted = Quality.LOSSLESS if whole else requested or preference
    quality = min(wanted, ceiling, key=lambda each: each.rank)
    reason = "as asked" if whole or requested else "as preferred"
    if quality is not wanted:
        named = _WHOLE.get(wished, wanted)
        reason = f"{named} was wanted, {ceiling} is the most this listener may have"
    if wished is Format.FLAC and (obstacle := flac_obstacle(file)):
        wished, reason = None, f"{reason}; {obstacle}"
    form = accepted.liked if wished is None or whole else wished
    fits = _fits(file, wished, accepted)
    if quality is Quality.LOSSLESS:
        all_of_it = _all_of_it(file, reason, wished, accepted, insisted=requested is quality and wished is None)
        if all_of_it is not None:
            return all_of_it
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


def plain_type(media_type: str) -> str:
    """A media type without parameters, under the one name it has here.

    `audio/opus` is what some players say for Opus in Ogg; registered for RTP, but no other meaning fits here.
    """
    kind, _, parameters = (part.strip() for part in media_type.lower().partition(";"))
    if kind in ("audio/mp4", "audio/x-m4a") and "alac" in parameters:
        return "audio/alac"
    return {"audio/opus": "audio/ogg"}.get(kind, kind.replace("audio/x-", "audio/"))


def is_flac(file: AudioFile) -> bool:
    """Whether the file itself is FLAC, in the wrapping that FLAC renditions have."""
    return file.content_type.partition(";")[0] == FLAC_PROFILE.content_type


def _all_of_it(
    file: AudioFile, reason: str, wished: Format | None, accepted: Accepted, *, insisted: bool
) -> Choice | None:
    """The original, or FLAC where that is wished for or the player can do more with it; None where neither fits.

    Who insists, having asked for `lossless` outright, is not refused for what its player says.
    """
    fits = _fits(file, wished, accepted)
    if wished is Format.FLAC and not fits:
        return Choice(Quality.LOSSLESS, FLAC_PROFILE, reason)
    if wished is None and file.codec != "flac" and not accepted.plays(file) and not flac_obstacle(file):
        unplayable = _unplayable(file)
        if accepted.takes(FLAC_PROFILE.content_type) or (insisted and unplayable):
            cause = f"not every browser plays {_spoken(file)}" if unplayable else "the player asks for FLAC"
            return Choice(Quality.LOSSLESS, FLAC_PROFILE, f"{reason}; {cause}")
    return Choice(Quality.LOSSLESS, None, reason) if fits or insisted else None


def flac_obstacle(file: AudioFile) -> str:
    """Why a file's sound is not served in FLAC, in a few words; empty when it can be."""
    if file.codec not in LOSSLESS_CODECS:
        return f"FLAC brings back nothing that {file.codec or 'an unknown codec'} left out"
    if not 1 <= file.channels <= flac.MOST_CHANNELS:
        return f"FLAC holds up to {flac.MOST_CHANNELS} channels, not {file.channels}"
    if not 1 <= file.sample_rate <= flac.MOST_RATE:
        return f"FLAC has no sample rate of {file.sample_rate} Hz"
    return ""


def _unplayable(file: AudioFile) -> bool:
    """Files that not every browser plays (decision 0018 has the list that was tried)."""
    if file.codec == "pcm":
        return file.container != "wav" or (file.bits_per_sample or 0) > 32
    return file.codec == "alac"


def _spoken(file: AudioFile) -> str:
    if file.codec == "alac":
        return "ALAC"
    return f"{file.bits_per_sample}-bit WAV" if file.container == "wav" else file.container.upper()


def _fits(file: AudioFile, wished: Format | None, accepted: Accepted) -> bool:
    """Whether the original is in the shape that is wanted."""
    if wished is Format.ORIGINAL:
        return True
    if wished is Format.FLAC:
        return is_flac(file)
    return accepted.takes(file.content_type) if wished is None else file.codec == wished.value


def _media_type(form: Format) -> str:
    return PROFILES[form][Quality.HIGH].content_type.partition(";")[0]
