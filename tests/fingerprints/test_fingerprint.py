"""Sounds recognised through real encoders, and told apart. `bench/fingerprints.py` does it with all of the demo."""

import itertools
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.analysis.fingerprint import compare, fingerprint, keys
from services.audio.ffmpeg import Ffmpeg
from tests.analysis.signals import write_wav
from tests.fingerprints.phrases import RATE, phrase
from tests.sound_tool import QUICK_FFMPEG

FFMPEG = Ffmpeg(Path(QUICK_FFMPEG))
ENCODINGS = {
    "mp3": ["-c:a", "libmp3lame", "-b:a", "96k"],
    "opus": ["-c:a", "libopus", "-b:a", "64k"],
    "m4a": ["-c:a", "aac", "-b:a", "128k"],
    "wav": ["-ar", "44100"],
}
SONGS = [phrase(seed, 20) for seed in (1, 2, 3)]


def through(sound, folder, kind):
    """The sound as it is heard after an encoder."""
    wav, coded = write_wav(folder / "source.wav", sound, RATE), folder / f"coded.{kind}"
    FFMPEG.run(["-i", str(wav), *ENCODINGS[kind], str(coded)], timeout_s=30)
    raw = FFMPEG.run(["-i", str(coded), "-ac", "1", "-ar", str(RATE), "-f", "f32le", "-"], timeout_s=30)
    return np.frombuffer(raw, np.float32)


@pytest.mark.parametrize("kind", ENCODINGS)
def test_a_song_is_recognised_through_an_encoder(tmp_path, kind):
    for sound in SONGS[:2]:
        own, coded = fingerprint(sound), fingerprint(through(sound, tmp_path, kind))
        found = compare(own, coded)
        assert found is not None and found.certain, found
        assert len(set(keys(own)) & set(keys(coded))) >= 4


@pytest.mark.parametrize(
    ("change", "late_ms"),
    [
        (lambda sound: sound * np.float32(0.25), 0),
        (lambda sound: np.pad(sound, 50_001), 0),
        (lambda sound: sound[RATE:], -1022),
    ],
)
def test_gain_silence_and_a_second_cut_off_change_nothing_that_counts(change, late_ms):
    for sound in SONGS:
        own, other = fingerprint(sound), fingerprint(change(sound))
        found = compare(own, other)
        assert found is not None and found.same
        assert found.offset_ms == late_ms
        assert found.turned().offset_ms == -late_ms
        assert len(set(keys(own)) & set(keys(other))) >= 4


def test_different_songs_are_not_one_sound_and_hardly_share_a_key():
    words = [fingerprint(phrase(seed, 20)) for seed in range(1, 6)]
    for first, second in itertools.combinations(words, 2):
        found = compare(first, second)
        assert found is not None and found.bit_error_rate > 0.4 and not found.same
        assert found.similarity < 0.2
        assert len(set(keys(first)) & set(keys(second))) <= 1


def test_a_song_with_another_ending_is_alike_but_never_certain():
    changed = SONGS[0].copy()
    changed[15 * RATE :] = SONGS[1][15 * RATE :]
    found = compare(fingerprint(SONGS[0]), fingerprint(changed))
    assert found is not None and found.same and not found.certain
    assert 0.6 < found.share < 0.9


def test_a_song_with_its_second_half_missing_is_alike_but_never_certain():
    found = compare(fingerprint(SONGS[0]), fingerprint(SONGS[0][: 10 * RATE]))
    assert found is not None and found.bit_error_rate < 0.01
    assert found.same and not found.certain
    assert 0.4 < found.share < 0.55


def test_sounds_too_short_to_tell_are_never_certain():
    words = fingerprint(SONGS[0][: 8 * RATE])
    found = compare(words, words)
    assert found is not None and found.bit_error_rate == 0 and found.similarity == 1 and found.share == 1
    assert not found.certain


@pytest.mark.parametrize("samples", [0, 1, 8191, 8192, 20_000])
def test_silence_and_scraps_have_no_words(samples):
    assert len(fingerprint(np.zeros(samples, np.float32))) == 0
    assert keys(fingerprint(np.zeros(samples, np.float32))) == []
    assert compare(np.zeros(0, np.uint32), np.zeros(0, np.uint32)) is None


@settings(max_examples=30, deadline=None)
@given(st.lists(st.floats(width=32), max_size=50), st.integers(0, 1500))
def test_no_sound_breaks_it(values, times):
    words = fingerprint(np.tile(np.array(values, np.float32), times))
    assert len(keys(words)) <= 128
