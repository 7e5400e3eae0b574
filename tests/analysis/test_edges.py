"""Silence, fades and the outline of a sound."""

import numpy as np
import pytest

from services.analysis.k_weighting import MONO_RATE, RATES, KWeighting
from services.analysis.outline import highest
from tests.analysis.signals import metered, music, sine


def padded(sound, before, after, rate=48000):
    silences = [np.zeros((*sound.shape[:-1], length * rate // 1000)) for length in (before, after)]
    return np.concatenate([silences[0], sound, silences[1]], -1)


@pytest.mark.parametrize("before, after", [(0, 0), (1, 1), (1234, 4321), (3000, 0)])
def test_silence_is_found_to_the_millisecond(before, after):
    found = metered(padded(sine(1000, -12, 3.0, phase_degrees=90), before, after))
    assert found.silence_start_ms == before
    assert found.silence_end_ms == before + 3000
    assert found.duration_ms == before + 3000 + after


def test_hiss_below_the_threshold_is_silence():
    hiss = 0.0005 * np.random.default_rng(1).uniform(-1, 1, 48000 * 5)
    hiss[48000 : 2 * 48000] += sine(500, -20, 1, phase_degrees=90)
    found = metered(hiss)
    assert (found.silence_start_ms, found.silence_end_ms) == (1000, 2000)


def test_a_silent_sound_is_played_whole():
    found = metered(np.zeros(48000 * 2))
    assert (found.silence_start_ms, found.silence_end_ms, found.fade_in_end_ms) == (0, 2000, None)
    assert found.outline == bytes(100)


@pytest.mark.parametrize("shape", ["straight", "decibels", "cosine"])
@pytest.mark.parametrize("seconds", [3, 12])
def test_fades_are_found(shape, seconds):
    rate = 44100
    sound = music(40, rate)
    count = seconds * rate
    along = np.arange(count) / count
    gain = {"straight": 1 - along, "decibels": 10 ** (-50 * along / 20), "cosine": np.cos(along * np.pi / 2)}[shape]
    steady = np.sign(sound) * np.minimum(np.abs(sound), 0.1)
    faded = steady.copy()
    faded[:, -count:] *= gain
    out = metered(faded, rate)
    assert out.fade_out_start_ms == pytest.approx((40 - seconds) * 1000, abs=300 * seconds)
    assert out.fade_in_end_ms is None
    turned = metered(faded[:, ::-1], rate)
    assert turned.fade_in_end_ms == pytest.approx(seconds * 1000, abs=300 * seconds)
    assert turned.fade_out_start_ms is None


def test_a_straight_fade_of_a_tone_is_found_to_a_fifth_of_a_second():
    tone = sine(440, -12, 30)
    tone[-8 * 48000 :] *= np.linspace(1, 0, 8 * 48000)
    tone[: 4 * 48000] *= np.linspace(0, 1, 4 * 48000)
    found = metered(padded(tone, 700, 900))
    assert found.fade_in_end_ms == pytest.approx(4700, abs=200)
    assert found.fade_out_start_ms == pytest.approx(22_700, abs=200)


def test_an_end_without_a_fade_has_none():
    ringing = sine(440, -12, 20)
    ringing[-24000:] *= np.linspace(1, 0, 24000)
    for sound in (sine(440, -12, 20), music(20, 48000), ringing, padded(sine(440, -12, 20), 2000, 2000)):
        found = metered(sound)
        assert (found.fade_in_end_ms, found.fade_out_start_ms) == (None, None)


def test_a_quiet_last_part_is_no_fade():
    sound = np.concatenate([sine(440, -6, 20), sine(440, -20, 20)])
    assert metered(sound).fade_out_start_ms is None


def test_the_outline_holds_the_highest_values():
    sound = np.zeros(48000 * 10)
    sound[: 48000 * 5] = sine(1000, 0, 5) * 0.5
    sound[480_000 - 480] = -1.0
    found = metered(sound)
    assert len(found.outline) == 500
    assert set(found.outline[:250]) == {128}
    assert set(found.outline[250:499]) == {0}
    assert found.outline[499] == 255


def test_a_long_outline_has_4000_points():
    sound = np.zeros(8000 * 200)
    sound[8000 * 100] = 0.4
    outline = metered(sound, 8000).outline
    assert len(outline) == 4000
    assert [(at, value) for at, value in enumerate(outline) if value] == [(2000, 102)]


@pytest.mark.parametrize("points", [50, 99, 333, 999, 1000, 1001, 4000])
def test_resampling_keeps_every_peak(points):
    values = np.random.default_rng(points).integers(0, 255, 1000).astype(np.uint8)
    values[[0, 517, 999]] = 255
    found = highest(values, points)
    assert len(found) == points
    assert found[0] == found[-1] == 255
    for place in range(points):
        covered = values[place * 1000 // points : max(place * 1000 // points + 1, -(-(place + 1) * 1000 // points))]
        assert found[place] == covered.max()


@pytest.mark.parametrize("rate", RATES)
def test_the_mono_sound_is_the_sound(rate):
    seconds = 4
    t = np.arange(rate * seconds) / rate
    sound = np.stack([np.sin(2 * np.pi * 440 * t), 0.5 * np.sin(2 * np.pi * 1000 * t)]).astype(np.float32)
    weighting = KWeighting(rate, 2)
    parts = [weighting.take(sound[:, at : at + weighting.hop])[1] for at in range(0, sound.shape[1], weighting.hop)]
    mono = np.concatenate([*parts, weighting.end()])[: seconds * MONO_RATE]
    u = np.arange(seconds * MONO_RATE) / MONO_RATE
    expected = 0.5 * np.sin(2 * np.pi * 440 * u) + 0.25 * np.sin(2 * np.pi * 1000 * u)
    inner = slice(MONO_RATE // 4, -MONO_RATE // 4)
    assert len(mono) >= seconds * MONO_RATE
    assert np.abs(mono[inner] - expected[inner]).max() < 1e-3


def test_nothing_folds_back_into_the_mono_sound():
    weighting = KWeighting(44100, 1)
    high = np.sin(2 * np.pi * 13_000 * np.arange(44100 * 3) / 44100).astype(np.float32)[None]
    parts = [weighting.take(high[:, at : at + weighting.hop])[1] for at in range(0, high.shape[1], weighting.hop)]
    mono = np.concatenate(parts)[MONO_RATE // 2 : MONO_RATE * 2]
    assert np.abs(mono).max() < 1e-3
