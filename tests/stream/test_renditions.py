"""Which rendition is chosen, and why."""

import pytest

from services.audio.renditions import MP3_PROFILES, Quality, choose, parse_quality
from services.errors import Invalid
from storage.records.audio_file import AudioFile
from tests.stream.stage import MOMENT


def file(codec, bitrate):
    return AudioFile("f", "/f", 1, 1, "present", MOMENT, codec=codec, bitrate=bitrate)


LOW, NORMAL, HIGH, LOSSLESS = Quality


@pytest.mark.parametrize(
    ("requested", "preference", "ceiling", "codec", "bitrate", "name"),
    [
        (LOW, HIGH, LOSSLESS, "flac", 900_000, "mp3-96"),
        (NORMAL, HIGH, LOSSLESS, "flac", 900_000, "mp3-160"),
        (HIGH, LOW, LOSSLESS, "flac", 900_000, "mp3-320"),
        (None, LOW, LOSSLESS, "flac", 900_000, "mp3-96"),
        (LOSSLESS, LOW, LOSSLESS, "flac", 900_000, "original"),
        (LOSSLESS, LOW, NORMAL, "flac", 900_000, "mp3-160"),
        (LOSSLESS, LOW, LOSSLESS, "mp3", 320_000, "original"),
        (HIGH, LOW, LOSSLESS, "mp3", 320_000, "original"),
        (NORMAL, LOW, LOSSLESS, "mp3", 320_000, "mp3-160"),
        (NORMAL, LOW, LOSSLESS, "opus", 128_000, "original"),
        (LOW, LOW, LOSSLESS, "aac", 96_001, "mp3-96"),
        (HIGH, LOW, LOSSLESS, "vorbis", 0, "mp3-320"),
        (HIGH, LOW, LOSSLESS, "alac", 200_000, "mp3-320"),
        (None, LOSSLESS, LOW, "flac", 900_000, "mp3-96"),
    ],
)
def test_the_least_of_wish_and_ceiling_is_served(requested, preference, ceiling, codec, bitrate, name):
    assert choose(requested, preference, ceiling, file(codec, bitrate)).name == name


def test_the_choice_says_why():
    assert choose(LOW, HIGH, LOSSLESS, file("flac", 1)).why == "as asked"
    assert choose(None, HIGH, LOSSLESS, file("flac", 1)).why == "as preferred"
    capped = choose(LOSSLESS, HIGH, NORMAL, file("flac", 1))
    assert capped.why == "lossless was wanted, normal is the most this listener may have"
    kept = choose(HIGH, HIGH, LOSSLESS, file("mp3", 128_000))
    assert kept.why == "as asked; the original is mp3 at 128 kbit/s, not above high"


def test_an_unknown_quality_is_invalid_and_names_the_field():
    with pytest.raises(Invalid) as refusal:
        parse_quality("best")
    assert refusal.value.field == "quality"


def test_profiles_are_what_the_documentation_promises():
    assert {q.value: (p.bitrate, p.sample_rate) for q, p in MP3_PROFILES.items()} == {
        "low": (96_000, 48_000),
        "normal": (160_000, 48_000),
        "high": (320_000, 48_000),
    }
