"""Loudness, loudness range and true peak against the EBU's test signals, made from their descriptions."""

import re
import subprocess

import numpy as np
import pytest

from services.analysis import loudness
from services.analysis.k_weighting import RATES, k_response
from tests.analysis.signals import metered, music, sine, steps, write_wav
from tests.sound_tool import QUICK_FFMPEG

# EBU Tech 3341, table 1: the signals of steady and stepped tones (1 to 6), each to within 0.1 LU.
TECH_3341 = {
    "1": ([(-23, 20)], -23.0),
    "2": ([(-33, 20)], -33.0),
    "3": ([(-36, 10), (-23, 60), (-36, 10)], -23.0),
    "4": ([(-72, 10), (-36, 10), (-23, 60), (-36, 10), (-72, 10)], -23.0),
    "5": ([(-26, 20), (-20, 20.1), (-26, 20)], -23.0),
}
# EBU Tech 3342, table 1: signals 1 to 4, each to within 1 LU.
TECH_3342 = {
    "1": ([(-20, 20), (-30, 20)], 10.0),
    "2": ([(-20, 20), (-15, 20)], 5.0),
    "3": ([(-40, 20), (-20, 20)], 20.0),
    "4": ([(-50, 20), (-35, 20), (-20, 20), (-35, 20), (-50, 20)], 15.0),
}


@pytest.mark.parametrize("number", TECH_3341)
def test_integrated_loudness_of_tech_3341(number):
    parts, expected = TECH_3341[number]
    assert metered(steps(*parts)).loudness_lufs == pytest.approx(expected, abs=0.1)


def test_channels_weigh_as_bs_1770_says():
    tone = sine(1000, 0, 20)
    levels = [-28, -28, -24, None, -30, -30]
    channels = [tone * 0 if level is None else tone * 10 ** (level / 20) for level in levels]
    assert metered(np.stack(channels)).loudness_lufs == pytest.approx(-23.0, abs=0.1)
    channels[3] = tone
    assert metered(np.stack(channels)).loudness_lufs == pytest.approx(-23.0, abs=0.1), "low frequencies do not count"


@pytest.mark.parametrize("number", TECH_3342)
def test_loudness_range_of_tech_3342(number):
    parts, expected = TECH_3342[number]
    assert metered(steps(*parts)).loudness_range_lu == pytest.approx(expected, abs=0.1)


@pytest.mark.parametrize("rate", RATES)
def test_every_rate_hears_the_same(rate):
    found = metered(sine(997, -18, 5, rate), rate)
    assert found.loudness_lufs == pytest.approx(-18.0, abs=0.1)
    assert found.duration_ms == 5000


def test_the_filters_are_those_that_bs_1770_prints():
    z = np.exp(-2j * np.pi * np.arange(4801) / 9600)
    shelf = np.polyval([1.19839281085285, -2.69169618940638, 1.53512485958697], z)
    shelf /= np.polyval([0.73248077421585, -1.69065929318241, 1.0], z)
    high_pass = np.polyval([1.0, -2.0, 1.0], z) / np.polyval([0.99007225036621, -1.99004745483398, 1.0], z)
    assert np.allclose(k_response(48000, 9600), shelf * high_pass, atol=1e-9)


# EBU Tech 3341, table 1, signals 15 to 19: tones whose samples miss the peak; +0.2 and -0.4 dB are allowed.
@pytest.mark.parametrize(
    "divisor, phase, amplitude, expected",
    [(4, 0, 0.5, -6.0), (4, 45, 0.5, -6.0), (6, 60, 0.5, -6.0), (8, 67.5, 0.5, -6.0), (4, 45, 1.41, 3.0)],
)
def test_true_peak_of_tech_3341_tones(divisor, phase, amplitude, expected):
    rate, ramp = 48000, 480
    tone = amplitude * np.sin(2 * np.pi * np.arange(rate) / divisor + np.radians(phase))
    tone[:ramp] *= np.linspace(0, 1, ramp)
    tone[-ramp:] *= np.linspace(1, 0, ramp)
    found = metered(tone).true_peak_dbtp
    assert expected - 0.4 <= found <= expected + 0.2


# Signals 20 to 23: one louder period in a tone, made at four times the rate and thinned from each of four samples on.
@pytest.mark.parametrize("offset", range(4))
def test_true_peak_of_tech_3341_between_samples(offset):
    rate, factor = 48000, 4
    at = np.arange(rate * factor)
    tone = np.sin(2 * np.pi * at / (6 * factor)) * 0.5
    period = 6 * factor
    middle = len(at) // 2 // period * period
    tone[middle : middle + period] *= 2
    spectrum = np.fft.rfft(tone)
    spectrum[int(rate / 2 * 0.98) :] = 0
    smooth = np.fft.irfft(spectrum, len(tone))
    smooth /= np.abs(smooth).max()
    found = metered(smooth[offset::factor]).true_peak_dbtp
    assert -0.4 <= found <= 0.2


def test_a_true_peak_across_blocks_is_found():
    lone = np.zeros(48000 * 3)
    for place in (67_198, 67_199, 67_200, 67_201, len(lone) - 1):
        sound = lone.copy()
        sound[place] = sound[place - 1] = 0.5
        assert metered(sound).true_peak_dbtp == pytest.approx(20 * np.log10(0.5 * 4 / np.pi), abs=0.15)


@pytest.mark.parametrize("seed", [1, 2])
def test_music_measures_as_it_does_in_ffmpeg(tmp_path, seed):
    path = write_wav(tmp_path / "music.wav", music(20, seed=seed), 44100)
    command = [QUICK_FFMPEG, "-hide_banner", "-nostats", "-i", str(path)]
    said = subprocess.run(
        [*command, "-af", "ebur128=peak=true", "-f", "null", "-"], capture_output=True, text=True
    ).stderr.rpartition("Summary:")[2]
    figure = {name: float(re.search(rf"{name}:\s+(-?[\d.]+)", said)[1]) for name in ("I", "LRA", "Peak")}
    with open(path, "rb") as file:
        file.seek(44)
        samples = np.frombuffer(file.read(), dtype="<i2").reshape(-1, 2).T / 32768
    found = metered(samples, 44100)
    assert found.loudness_lufs == pytest.approx(figure["I"], abs=0.1)
    assert found.loudness_range_lu == pytest.approx(figure["LRA"], abs=0.2)
    assert found.true_peak_dbtp == pytest.approx(figure["Peak"], abs=0.2)


def test_an_album_is_as_loud_as_its_songs_in_a_row():
    songs = [music(10, seed=1), music(15, seed=2) * 0.3, music(5, seed=4) * 0.02]
    whole = metered(np.concatenate(songs, axis=1), 44100).loudness_lufs
    together = loudness.together(metered(song, 44100).loudness_blocks for song in songs)
    assert together == pytest.approx(whole, abs=0.1)
    # The quiet song lies below the gate of the whole: averaging the songs would tell something else.
    each = [metered(song, 44100).loudness_lufs for song in songs]
    assert abs(whole - np.mean(each)) > 3


def test_silence_and_short_sounds_have_no_loudness():
    silent = metered(np.zeros(48000 * 5))
    assert (silent.loudness_lufs, silent.loudness_range_lu, silent.true_peak_dbtp) == (None, None, None)
    assert silent.loudness_blocks == []
    short = metered(sine(1000, -10, 0.39))
    assert short.loudness_lufs is None
    assert short.true_peak_dbtp == pytest.approx(-10, abs=0.05)
    assert metered(sine(1000, -10, 0.4)).loudness_lufs == pytest.approx(-10, abs=0.2)
    assert loudness.together([[], []]) is None
