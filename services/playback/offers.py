"""Everything one song can be played as: each quality in each format, with its length known beforehand.

Pure arithmetic over the record of a file. Owns the list, what is allowed of it, and the choice that is made when a
player asks for nothing else (`renditions.choose`). Refuses to open files and to encode.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from services.audio.codecs.flac import Flac
from services.audio.codecs.geometry import SAMPLE_RATE, Gapless, samples_at_rate
from services.audio.codecs.of_profile import CODECS
from services.audio.renditions import (
    ANYTHING,
    FLAC_PROFILE,
    PROFILES,
    Accepted,
    Choice,
    Format,
    Profile,
    Quality,
    choose,
    flac_obstacle,
    is_flac,
    plain_type,
)
from services.errors import Invalid
from storage.records.audio_file import AudioFile

MOST_TYPES = 32
_FORMATS = {"audio/mpeg": Format.MP3, "audio/ogg": Format.OPUS}


@dataclass(frozen=True, slots=True)
class Offer:
    """One thing a song can be played as. `bitrate` in bits a second, `sample_rate` in Hz.

    `bytes`, `samples` (per channel at `sample_rate`) and `gapless` are None where nobody has counted the samples yet,
    `gapless` also for original files, whose own header tells it to players. `is_allowed` is False above the ceiling,
    where there is no `url` either.
    `carries_gain_tags`: its header may name gains that some players apply by themselves.
    """

    name: str
    quality: Quality
    format: Format
    codec: str
    content_type: str
    bitrate: int
    sample_rate: int
    channels: int
    bytes: int | None
    samples: int | None
    gapless: Gapless | None
    url: str | None
    is_allowed: bool
    is_chosen: bool
    carries_gain_tags: bool


def offers(file: AudioFile, ceiling: Quality, choice: Choice, address: str) -> list[Offer]:
    """What the song in `file` can be played as, from the least to the most: renditions, then the file itself.

    FLAC is among them where it loses nothing and the file is something else.
    `address` is the song's, with its ticket; what is wanted of it is added.
    """
    made = [
        _rendition(file, form, quality, profile, ceiling, choice, address)
        for quality in (Quality.LOW, Quality.NORMAL, Quality.HIGH)
        for form, profiles in PROFILES.items()
        for profile in (profiles[quality],)
    ]
    if not flac_obstacle(file) and not is_flac(file):
        made.append(_flac(file, ceiling, choice, address))
    return [*made, _original(file, ceiling, choice, address)]


def _rendition(
    file: AudioFile, form: Format, quality: Quality, profile: Profile, ceiling: Quality, choice: Choice, address: str
) -> Offer:
    allowed = quality.rank <= ceiling.rank
    channels = 1 if file.channels == 1 else 2
    known = bool(file.samples and file.sample_rate)
    samples = samples_at_rate(file.samples or 0, file.sample_rate) if known else None
    # The key numbers an Opus stream and moves nothing.
    geometry = CODECS[profile.codec].geometry(profile.bitrate, samples, channels, "0" * 32) if samples else None
    return Offer(
        name=profile.name,
        quality=quality,
        format=form,
        codec=profile.codec,
        content_type=profile.content_type,
        bitrate=profile.bitrate,
        sample_rate=SAMPLE_RATE,
        channels=channels,
        bytes=None if geometry is None else geometry.length,
        samples=samples,
        gapless=None if geometry is None else geometry.gapless,
        url=f"{address}&quality={quality}&format={form}" if allowed else None,
        is_allowed=allowed,
        is_chosen=choice.name == profile.name,
        carries_gain_tags=profile.codec == "opus",
    )


def _flac(file: AudioFile, ceiling: Quality, choice: Choice, address: str) -> Offer:
    allowed = ceiling is Quality.LOSSLESS
    codec = Flac(file.sample_rate, file.channels, file.bits_per_sample or 16)
    geometry = codec.geometry(0, file.samples or 0, file.channels, "")
    return Offer(
        name=FLAC_PROFILE.name,
        quality=Quality.LOSSLESS,
        format=Format.FLAC,
        codec=FLAC_PROFILE.codec,
        content_type=FLAC_PROFILE.content_type,
        bitrate=geometry.bitrate,
        sample_rate=file.sample_rate,
        channels=file.channels,
        bytes=geometry.length if file.samples else None,
        samples=file.samples or None,
        gapless=geometry.gapless if file.samples else None,
        url=f"{address}&quality={Quality.LOSSLESS}&format={Format.FLAC}" if allowed else None,
        is_allowed=allowed,
        is_chosen=choice.profile is FLAC_PROFILE,
        carries_gain_tags=False,
    )


def _original(file: AudioFile, ceiling: Quality, choice: Choice, address: str) -> Offer:
    # A lossy file that is small enough is what a lower quality is served as.
    allowed = choose(None, Quality.LOSSLESS, ceiling, file, wished=Format.ORIGINAL).profile is None
    return Offer(
        name="original",
        quality=Quality.LOSSLESS,
        format=Format.ORIGINAL,
        codec=file.codec,
        content_type=file.content_type,
        bitrate=file.bitrate,
        sample_rate=file.sample_rate,
        channels=file.channels,
        bytes=file.size,
        samples=file.samples,
        gapless=None,
        url=f"{address}&quality={Quality.LOSSLESS}&format={Format.ORIGINAL}" if allowed else None,
        is_allowed=allowed,
        is_chosen=choice.profile is None,
        carries_gain_tags=True,
    )


def accepted_types(plays: Sequence[str] | None) -> Accepted:
    """What a player takes that names the media types it plays, best first. Invalid for more than 32 of them."""
    if plays is None:
        return ANYTHING
    if len(plays) > MOST_TYPES:
        raise Invalid(f"At most {MOST_TYPES} media types can be named.", field="plays")
    kinds = [plain_type(each) for each in plays]
    liked = next((_FORMATS[kind] for kind in kinds if kind in _FORMATS), Format.MP3)
    return Accepted(liked, frozenset(kinds), frozenset(kinds))
