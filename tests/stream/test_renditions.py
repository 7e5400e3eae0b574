"""Which rendition is chosen, and why."""

import pytest

from handlers.stream import accepted_sound
from services.audio.renditions import (
    MP3_PROFILES,
    OPUS_PROFILES,
    Accepted,
    Format,
    Quality,
    choose,
    parse_format,
    parse_quality,
)
from services.errors import Invalid
from storage.records.audio_file import AudioFile
from tests.stream.stage import MOMENT

TYPES = {"flac": "audio/flac", "mp3": "audio/mpeg", "aac": "audio/mp4", "alac": "audio/mp4"}


def file(codec, bitrate):
    kind = TYPES.get(codec, "audio/ogg")
    return AudioFile("f", "/f", 1, 1, "present", MOMENT, codec=codec, bitrate=bitrate, content_type=kind)


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
    assert {q.value: (p.bitrate, p.sample_rate) for q, p in OPUS_PROFILES.items()} == {
        "low": (64_000, 48_000),
        "normal": (128_000, 48_000),
        "high": (192_000, 48_000),
    }
    assert all(p.name == f"{p.codec}-{p.bitrate // 1000}" for p in [*MP3_PROFILES.values(), *OPUS_PROFILES.values()])


@pytest.mark.parametrize(
    ("requested", "ceiling", "wished", "codec", "bitrate", "name", "why"),
    [
        (LOW, LOSSLESS, "opus", "flac", 900_000, "opus-64", "as asked"),
        (
            HIGH,
            NORMAL,
            "opus",
            "flac",
            900_000,
            "opus-128",
            "high was wanted, normal is the most this listener may have",
        ),
        (LOSSLESS, LOSSLESS, "opus", "flac", 900_000, "opus-192", "as asked; opus has nothing above high"),
        (LOSSLESS, LOSSLESS, "mp3", "flac", 900_000, "mp3-320", "as asked; mp3 has nothing above high"),
        (LOSSLESS, LOSSLESS, "mp3", "mp3", 320_000, "original", "as asked"),
        # The original only where it has the shape that was wished for.
        *(
            (HIGH, LOSSLESS, wished, codec, 96_000, name, why)
            for wished, codec, name, why in (
                ("opus", "mp3", "opus-192", "as asked"),
                ("mp3", "opus", "mp3-320", "as asked"),
                ("mp3", "mp3", "original", "as asked; the original is mp3 at 96 kbit/s, not above high"),
                ("opus", "opus", "original", "as asked; the original is opus at 96 kbit/s, not above high"),
            )
        ),
        (LOW, LOSSLESS, "opus", "opus", 96_000, "opus-64", "as asked"),
        (LOW, LOSSLESS, "original", "flac", 900_000, "original", "as asked"),
        (None, LOSSLESS, "original", "mp3", 320_000, "original", "as asked"),
        (
            None,
            LOW,
            "original",
            "flac",
            900_000,
            "mp3-96",
            "the original was wanted, low is the most this listener may have",
        ),
        (
            *(None, NORMAL, "original", "opus", 128_000, "original"),
            "the original was wanted, normal is the most this listener may have; "
            "the original is opus at 128 kbit/s, not above normal",
        ),
        (None, LOSSLESS, "opus", "flac", 900_000, "opus-128", "as preferred"),
    ],
)
def test_a_format_that_is_wished_for_is_served(requested, ceiling, wished, codec, bitrate, name, why):
    choice = choose(requested, NORMAL, ceiling, file(codec, bitrate), wished=Format(wished))
    assert (choice.name, choice.why) == (name, why)


FIREFOX = "audio/webm,audio/ogg,audio/wav,audio/*;q=0.9,application/ogg;q=0.7,video/*;q=0.6,*/*;q=0.5"


@pytest.mark.parametrize(
    ("field", "liked"),
    [
        *((None, "mp3"), ("", "mp3"), ("*/*", "mp3"), ("audio/*", "mp3"), ("audio/*;q=0.9, */*;q=0.1", "mp3")),
        *((FIREFOX, "opus"), ("audio/ogg", "opus"), ("audio/ogg; codecs=opus, audio/mpeg;q=0.9", "opus")),
        *(("audio/opus", "opus"), ("audio/mpeg, audio/ogg;q=0.5", "mp3"), ("audio/mpeg, audio/ogg", "mp3")),
        *(("audio/ogg;q=0, */*", "mp3"), ("text/html,*/*;q=0.8", "mp3"), ("image/png", "mp3"), ("nonsense;;,", "mp3")),
        ("audio/ogg," * 1000, "mp3"),
    ],
)
def test_what_a_player_likes_best(field, liked):
    assert accepted_sound(field).liked == liked


@pytest.mark.parametrize(
    ("requested", "field", "codec", "bitrate", "name", "why"),
    [
        (LOW, FIREFOX, "flac", 900_000, "opus-64", "as asked; the player likes opus best"),
        (None, FIREFOX, "flac", 900_000, "original", "as preferred"),
        (None, "audio/mpeg", "flac", 900_000, "mp3-320", "as preferred; mp3 has nothing above high"),
        (
            *(None, "audio/ogg", "flac", 900_000, "opus-192"),
            "as preferred; opus has nothing above high; the player likes opus best",
        ),
        (LOSSLESS, "audio/mpeg", "flac", 900_000, "original", "as asked"),
        (None, "image/png", "flac", 900_000, "original", "as preferred"),
        (NORMAL, "audio/mpeg", "opus", 128_000, "mp3-160", "as asked"),
        (
            NORMAL,
            "audio/ogg",
            "opus",
            128_000,
            "original",
            "as asked; the original is opus at 128 kbit/s, not above normal",
        ),
        (NORMAL, FIREFOX, "mp3", 150_000, "original", "as asked; the original is mp3 at 150 kbit/s, not above normal"),
    ],
)
def test_without_a_wish_the_players_accept_field_decides(requested, field, codec, bitrate, name, why):
    choice = choose(requested, LOSSLESS, LOSSLESS, file(codec, bitrate), accepted=accepted_sound(field))
    assert (choice.name, choice.why) == (name, why)


def test_a_wish_counts_more_than_what_the_player_likes():
    accepted = Accepted(Format.OPUS, frozenset({"audio/ogg"}))
    assert choose(LOW, LOW, LOSSLESS, file("flac", 900_000), wished=Format.MP3, accepted=accepted).name == "mp3-96"
    assert (
        choose(LOW, LOW, LOSSLESS, file("flac", 900_000), wished=Format.ORIGINAL, accepted=accepted).name == "original"
    )


@pytest.mark.parametrize("word", ["ogg", "MP3", "", "opus ", "\x00"])
def test_an_unknown_format_is_invalid_and_names_the_field(word):
    with pytest.raises(Invalid) as refusal:
        parse_format(word)
    assert refusal.value.field == "format"


def lossless(codec, container, bits=16, *, channels=2, rate=44100):
    kind = {"m4a": "audio/mp4", "ogg": "audio/ogg"}.get(container, f"audio/{container}")
    shape = {"bits_per_sample": bits, "channels": channels, "sample_rate": rate, "bitrate": 900_000}
    return AudioFile("f", "/f", 1, 1, "present", MOMENT, codec=codec, container=container, content_type=kind, **shape)


@pytest.mark.parametrize(
    ("source", "field", "name", "why"),
    [
        (lossless("alac", "m4a"), "*/*", "flac", "as asked; not every browser plays ALAC"),
        (lossless("alac", "m4a", 24), FIREFOX, "flac", "as asked; not every browser plays ALAC"),
        (lossless("pcm", "aiff"), None, "flac", "as asked; not every browser plays AIFF"),
        (lossless("pcm", "wav", 64), "*/*", "flac", "as asked; not every browser plays 64-bit WAV"),
        (lossless("pcm", "wav", 32), "*/*", "original", "as asked"),
        (lossless("pcm", "wav", 24), FIREFOX, "original", "as asked"),
        (lossless("flac", "flac"), "*/*", "original", "as asked"),
        (lossless("flac", "ogg"), "*/*", "original", "as asked"),
        # A player that names the very type gets it, a wildcard promises nothing.
        (lossless("pcm", "aiff"), "audio/aiff", "original", "as asked"),
        (lossless("pcm", "aiff"), "audio/x-aiff, */*;q=0.1", "original", "as asked"),
        (lossless("alac", "m4a"), 'audio/mp4; codecs="alac"', "original", "as asked"),
        (lossless("alac", "m4a"), "audio/mp4", "flac", "as asked; not every browser plays ALAC"),
        (lossless("pcm", "wav"), "audio/flac", "flac", "as asked; the player asks for FLAC"),
        (lossless("pcm", "wav"), "audio/flac, audio/mpeg", "flac", "as asked; the player asks for FLAC"),
        (lossless("pcm", "wav"), "audio/flac, audio/wav", "original", "as asked"),
        (lossless("pcm", "wav"), "audio/mpeg", "original", "as asked"),
        # What FLAC cannot hold is sent as it is to somebody who insists.
        (lossless("pcm", "aiff", channels=9), "*/*", "original", "as asked"),
        (lossless("pcm", "aiff", rate=768_000), "*/*", "original", "as asked"),
    ],
)
def test_flac_stands_in_for_what_a_browser_cannot_play(source, field, name, why):
    choice = choose(LOSSLESS, LOW, LOSSLESS, source, accepted=accepted_sound(field))
    assert (choice.name, choice.why, choice.quality) == (name, why, LOSSLESS)


def test_who_only_prefers_lossless_and_takes_no_flac_gets_a_lossy_rendition():
    choice = choose(None, LOSSLESS, LOSSLESS, lossless("alac", "m4a"), accepted=accepted_sound("audio/mpeg"))
    assert (choice.name, choice.why) == ("mp3-320", "as preferred; mp3 has nothing above high")
    choice = choose(None, LOSSLESS, LOSSLESS, lossless("alac", "m4a"), accepted=accepted_sound("*/*"))
    assert (choice.name, choice.why) == ("flac", "as preferred; not every browser plays ALAC")


@pytest.mark.parametrize(
    ("requested", "ceiling", "source", "name", "why"),
    [
        (None, LOSSLESS, lossless("pcm", "wav"), "flac", "as asked"),
        (LOW, LOSSLESS, lossless("alac", "m4a"), "flac", "as asked"),
        (None, LOSSLESS, lossless("flac", "flac"), "original", "as asked"),
        (None, LOSSLESS, lossless("flac", "ogg"), "flac", "as asked"),
        (
            *(None, NORMAL, lossless("alac", "m4a"), "mp3-160"),
            "FLAC was wanted, normal is the most this listener may have",
        ),
        *(
            (asked, LOSSLESS, file("mp3", 320_000), "original", "as asked; FLAC brings back nothing that mp3 left out")
            for asked in (None, LOSSLESS, LOW)
        ),
        (
            *(None, NORMAL, file("opus", 128_000), "original"),
            "FLAC was wanted, normal is the most this listener may have; FLAC brings back nothing that opus left out; "
            "the original is opus at 128 kbit/s, not above normal",
        ),
        (
            *(None, LOSSLESS, lossless("pcm", "wav", channels=12), "original"),
            "as asked; FLAC holds up to 8 channels, not 12",
        ),
    ],
)  # fmt: skip
def test_a_wish_for_flac_is_granted_where_something_is_gained(requested, ceiling, source, name, why):
    choice = choose(requested, NORMAL, ceiling, source, wished=Format.FLAC)
    assert (choice.name, choice.why) == (name, why)


def test_a_lossy_original_that_the_player_refuses_is_not_wrapped_in_flac():
    choice = choose(
        None, HIGH, LOSSLESS, file("aac", 256_000), wished=Format.FLAC, accepted=accepted_sound("audio/mpeg")
    )
    assert choice.name == "mp3-320"
    assert choice.why == "as asked; FLAC brings back nothing that aac left out; mp3 has nothing above high"
