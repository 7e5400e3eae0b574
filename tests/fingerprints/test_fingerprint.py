"""Sounds recognised through real encoders, and told apart."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.analysis.fingerprint import compare, fingerprint, keys
from services.audio.ffmpeg import Ffmpeg, find_ffmpeg
from services.demo.catalogue import every_song
from services.demo.studio import perform
from tests.analysis.signals import write_wav

FFMPEG = Ffmpeg(find_ffmpeg(None))
ENCODERS = {
    "mp3": ["-c:a", "libmp3lame", "-b:a", "96k"],
    "opus": ["-c:a", "libopus", "-b:a", "64k"],
    "m4a": ["-c:a", "aac", "-b:a", "96k"],
}


def heard(path):
    """The file as the analyser hears it."""
    raw = FFMPEG.run(["-i", str(path), "-ac", "1", "-ar", "22050", "-f", "f32le", "-"], timeout_s=30)
    return np.frombuffer(raw, np.float32)


@pytest.fixture(scope="module")
def songs(tmp_path_factory):
    """Thirty seconds of three composed songs, as files."""
    folder, made = tmp_path_factory.mktemp("songs"), []
    for number, (_, song) in enumerate(every_song()[:3]):
        pcm = perform(song.score, song.music).pcm[: 30 * 44100].T / 32768
        made.append(write_wav(folder / f"{number}.wav", pcm, 44100))
    return made


@pytest.mark.parametrize("kind", ENCODERS)
def test_a_song_is_recognised_through_an_encoder(songs, kind):
    for path in songs:
        coded = path.with_suffix(f".{kind}")
        FFMPEG.run(["-i", str(path), *ENCODERS[kind], str(coded)], timeout_s=30)
        first, second = fingerprint(heard(path)), fingerprint(heard(coded))
        found = compare(first, second)
        assert found is not None and found.same
        assert set(keys(first)) & set(keys(second))


def test_gain_silence_and_a_trimmed_start_change_nothing_that_counts(songs):
    sound = heard(songs[0])
    whole = fingerprint(sound)
    for changed in (sound * 0.3, np.pad(sound, 50_001), sound[3 * 22050 + 777 : -2 * 22050]):
        found = compare(whole, fingerprint(changed))
        assert found is not None and found.same


def test_different_songs_are_not_one_sound(songs):
    words = [fingerprint(heard(path)) for path in songs]
    for first, second in itertools.combinations(words, 2):
        found = compare(first, second)
        assert found is not None and found.bit_error_rate > 0.4


@pytest.mark.parametrize("samples", [0, 1, 8191, 8192, 20_000])
def test_silence_and_scraps_have_no_words(samples):
    assert len(fingerprint(np.zeros(samples, np.float32))) == 0
    assert keys(fingerprint(np.zeros(samples, np.float32))) == []
    assert compare(np.zeros(0, np.uint32), np.zeros(0, np.uint32)) is None


@settings(max_examples=30, deadline=None)
@given(st.lists(st.floats(width=32), max_size=50), st.integers(0, 1500))
def test_no_sound_breaks_it(values, times):
    sound = np.tile(np.array(values, np.float32), times)
    words = fingerprint(sound)
    assert len(keys(words)) <= 128
