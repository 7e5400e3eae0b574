"""The codec of each profile: what its renditions are laid out by.

Refuses to know how they are made.
"""

from __future__ import annotations

from services.audio.codecs.flac import Flac
from services.audio.codecs.geometry import SAMPLE_RATE, Codec
from services.audio.codecs.mp3 import Mp3
from services.audio.codecs.opus import Opus
from services.audio.renditions import Profile
from services.audio.segments import Source
from storage.records.audio_file import AudioFile

CODECS: dict[str, Codec] = {"mp3": Mp3(), "opus": Opus()}
"""What a profile's codec lays its renditions out by, where that is the same for all sources."""


def codec_of(profile: Profile, file: AudioFile, source: Source) -> Codec:
    """The codec of a profile; FLAC takes the shape of its source."""
    if profile.codec == "flac":
        return Flac(source.sample_rate or SAMPLE_RATE, source.channels, file.bits_per_sample or 16)
    return CODECS[profile.codec]
