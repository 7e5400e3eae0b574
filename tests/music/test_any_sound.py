"""Sounds that are no music, or hardly: an answer or none, never an error."""

import tracemalloc
from dataclasses import asdict

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.analysis.music.music import Music, measure
from tests.music.instruments import RATE
from tests.music.scores import Plan, perform

SECONDS = 8
TIME = np.arange(SECONDS * RATE) / RATE


def noise(seed: int, seconds: float = SECONDS) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal(round(seconds * RATE)).astype(np.float32)


def plausible(found: Music) -> None:
    for name, value in asdict(found).items():
        if isinstance(value, float):
            assert np.isfinite(value), name
            if name != "tempo":
                assert 0.0 <= value <= 1.0, name
    assert found.tempo is None or 40 <= found.tempo <= 230
    assert (found.tempo is None) == (not found.beats_ms)
    assert (found.key is None) == (found.mode is None)


def test_silence_says_nothing() -> None:
    assert measure(np.zeros(SECONDS * RATE, dtype=np.float32), RATE) == Music()


def test_a_constant_is_silence() -> None:
    assert measure(np.full(SECONDS * RATE, 0.5, dtype=np.float32), RATE) == Music()


def test_less_than_five_seconds_says_nothing() -> None:
    sound = perform(Plan("short", "rock", 1, 120.0, 0, "major", seconds=12.0)).sound
    assert measure(sound[: 5 * RATE - 1], RATE) == Music()
    assert measure(sound[: 6 * RATE], RATE).energy is not None
    assert measure(sound[:0], RATE) == Music()


@pytest.mark.parametrize("seed", range(4))
def test_noise_has_neither_tempo_nor_key(seed: int) -> None:
    found = measure(noise(seed, 20) * np.float32(0.1), RATE)
    assert (found.tempo, found.key, found.valence, found.danceability) == (None, None, None, None)
    assert found.energy is not None


@pytest.mark.parametrize(
    "sound",
    [
        np.sin(2 * np.pi * 440 * TIME),
        np.sign(np.sin(2 * np.pi * 50 * TIME)),
        np.sin(2 * np.pi * (100 * TIME + 50 * TIME**2)),
        np.eye(1, len(TIME), 1000)[0],
        np.where(np.arange(len(TIME)) % 3, 1e30, -1e30),
        np.full(len(TIME), 1e-40),
        np.full(len(TIME), np.nan),
        np.where(np.arange(len(TIME)) % 9, 0.0, np.inf),
        np.clip(noise(7) * 9, -1, 1),
    ],
    ids=["tone", "square", "sweep", "click", "beyond", "denormal", "no numbers", "infinite", "clipped"],
)
def test_odd_sounds_have_plausible_answers(sound: np.ndarray) -> None:
    plausible(measure(sound.astype(np.float32), RATE))


def test_a_held_tone_has_no_tempo() -> None:
    assert measure(np.sin(2 * np.pi * 440 * TIME).astype(np.float32) * 0.3, RATE).tempo is None


def test_a_telephone_s_band_is_enough() -> None:
    sound = perform(Plan("narrow", "rock", 1, 116.0, 7, "major", seconds=20.0)).sound
    spectrum = np.fft.rfft(sound)
    hz = np.fft.rfftfreq(len(sound), 1 / RATE)
    narrow = np.fft.irfft(np.where((hz > 250) & (hz < 3400), spectrum, 0), len(sound)).astype(np.float32)
    found = measure(narrow, RATE)
    assert found.tempo == pytest.approx(116.0, rel=0.01)
    assert (found.key, found.mode) == ("G", "major")


def test_clipping_changes_neither_tempo_nor_key() -> None:
    sound = perform(Plan("clipped", "funk", 1, 104.0, 4, "minor", seconds=20.0)).sound
    plain, clipped = measure(sound, RATE), measure(np.clip(sound * 6, -1, 1), RATE)
    assert clipped.tempo == pytest.approx(plain.tempo, rel=0.01)
    assert (clipped.key, clipped.mode) == (plain.key, plain.mode)


def test_a_rate_no_sound_has_is_refused() -> None:
    with pytest.raises(ValueError, match="sample rate"):
        measure(noise(0), 100)


def test_other_rates_are_measured_too() -> None:
    for rate in (8_000, 48_000):
        plausible(measure(noise(1)[: rate * 6] if rate < RATE else np.resize(noise(1), rate * 6), rate))


def test_a_long_sound_needs_little_memory() -> None:
    half_a_minute = perform(Plan("long", "house", 1, 124.0, 0, "minor", seconds=30.0)).sound
    long = np.tile(half_a_minute, 10)
    tracemalloc.start()
    try:
        found = measure(long, RATE)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert found.tempo == pytest.approx(124.0, rel=0.01)
    # Blocks of fixed size, and a few hundred bytes a frame: the samples themselves are 26 MB, an hour's 318.
    assert peak < 80e6


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    scale=st.floats(1e-12, 1e12),
    offset=st.floats(-1e3, 1e3),
    period=st.integers(1, 60_000),
    seconds=st.floats(0.0, 9.0),
    gaps=st.booleans(),
)
def test_any_finite_sound_has_an_answer(
    seed: int, scale: float, offset: float, period: int, seconds: float, gaps: bool
) -> None:
    sound = noise(seed, seconds) * np.float32(scale) + np.float32(offset)
    if gaps:
        sound[np.arange(len(sound)) % (2 * period) < period] = 0
    plausible(measure(sound, RATE))
