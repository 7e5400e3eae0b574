"""Instruments that hold a note: pads, bowed strings, winds, voices, synthesiser leads and basses.

Owns their synthesis, as `instruments` does for those that ring. Pads come as stereo. Refuses to know the
music.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from services.demo.instruments import SAMPLE_RATE, Signal, times

_TABLE = 2048
_TWO_PI = 2.0 * np.pi
Spectrum = Callable[[Signal], Signal]
"""Frequencies in Hz → amplitude."""


def _soft_saw(cutoff_hz: float) -> Spectrum:
    return lambda hz: (hz[0] / hz) / np.sqrt(1.0 + (hz / cutoff_hz) ** 4)


def _formants(*peaks: tuple[float, float, float]) -> Spectrum:
    """Resonances of a body or a mouth: (centre Hz, width Hz, level) over a falling source."""

    def amplitude(hz: Signal) -> Signal:
        source = (hz[0] / hz) ** 0.9
        response = 0.04 + sum(level / (1.0 + ((hz - centre) / width) ** 2) for centre, width, level in peaks)
        heard: Signal = source * response / (1.0 + (hz / 7000.0) ** 4)
        return heard

    return amplitude


_VOWEL = _formants((580, 130, 1.0), (1050, 160, 0.55), (2600, 300, 0.16), (3400, 400, 0.08))
_CHOIR = _formants((480, 160, 1.0), (900, 220, 0.5), (2500, 500, 0.10))
_VIOLIN = _formants((290, 110, 0.8), (480, 160, 1.0), (1100, 400, 0.7), (2700, 900, 0.45), (4500, 1500, 0.15))


def spread_spectrum(hz: float, shape: Spectrum, cents: float, rng: np.random.Generator) -> Signal:
    """A lush steady sound made in the frequency domain: each harmonic a small bell curve with random phases.

    The idea is Nasca Octavian Paul's PADsynth: one inverse transform gives three seconds of an ensemble
    that loop without a seam. Both channels share half of their phases, which is wide but not hollow.
    """
    size = 1 << 17
    harmonics = hz * np.arange(1, int(13_000 / hz) + 1)
    amplitudes = shape(harmonics)
    bins = np.zeros(size // 2 + 1)
    for harmonic, amplitude in zip(harmonics, amplitudes, strict=True):
        centre = harmonic / SAMPLE_RATE * size
        width = max(0.8, (2 ** (cents / 1200) - 1) * harmonic / SAMPLE_RATE * size)
        first, last = int(centre - 4 * width), int(centre + 4 * width) + 2
        if first < 1 or last >= bins.size:
            continue
        around = np.arange(first, last)
        bins[first:last] += amplitude / np.sqrt(width) * np.exp(-0.5 * ((around - centre) / width) ** 2)
    live = np.flatnonzero(bins)
    shared = rng.uniform(0, _TWO_PI, live.size)
    spectra = np.zeros((2, bins.size), dtype=np.complex64)
    for channel in spectra:
        channel[live] = bins[live] * np.exp(1j * (shared + rng.uniform(-1.3, 1.3, live.size)))
    sound = np.fft.irfft(spectra, size)
    heard: Signal = (sound / np.sqrt(np.mean(sound**2)) * 0.2).astype(np.float32)
    return heard


def _held(sound: Signal, seconds: float, attack_s: float, release_s: float) -> Signal:
    count = round(seconds * SAMPLE_RATE)
    start = 997
    rounds = -(-(start + count) // sound.shape[1])
    looped = np.tile(sound, rounds)[:, start : start + count]
    return (looped * _envelope(count, attack_s, release_s)).astype(np.float32)


def _envelope(count: int, attack_s: float, release_s: float) -> Signal:
    """A raised-cosine rise and fall; the release lies inside the note's own length."""
    gate = np.ones(count, dtype=np.float32)
    rise = min(count // 2, round(attack_s * SAMPLE_RATE))
    fall = min(count - rise, round(release_s * SAMPLE_RATE))
    if rise:
        gate[:rise] = 0.5 - 0.5 * np.cos(np.linspace(0, np.pi, rise))
    if fall:
        gate[-fall:] *= 0.5 + 0.5 * np.cos(np.linspace(0, np.pi, fall))
    return gate


def warm_pad(hz: float, seconds: float, velocity: float, rng: np.random.Generator) -> Signal:
    """A dark, wide synthesiser pad."""
    sound = spread_spectrum(hz, _soft_saw(700 + 900 * velocity), 22, rng)
    return _held(sound, seconds, 0.7, 0.9)


def glass_pad(hz: float, seconds: float, velocity: float, rng: np.random.Generator) -> Signal:
    """A bright, slow pad of octaves and fifths."""
    sparse = lambda f: np.where(np.isin(np.round(f / f[0]), (1, 2, 3, 4, 6, 8, 12)), (f[0] / f) ** 1.1, 0.0)  # noqa: E731
    return _held(spread_spectrum(hz, sparse, 9, rng), seconds, 1.2, 1.6)


def bright_pad(hz: float, seconds: float, velocity: float, rng: np.random.Generator) -> Signal:
    """A polished analogue-style chord pad."""
    sound = spread_spectrum(hz, _soft_saw(2200 + 1800 * velocity), 16, rng)
    return _held(sound, seconds, 0.12, 0.35)


def choir(hz: float, seconds: float, velocity: float, rng: np.random.Generator) -> Signal:
    """Many voices on one vowel."""
    return _held(spread_spectrum(hz, _CHOIR, 26, rng), seconds, 0.5, 0.8)


def string_section(hz: float, seconds: float, velocity: float, rng: np.random.Generator) -> Signal:
    """Bowed strings in a group."""
    return _held(spread_spectrum(hz, _VIOLIN, 15, rng), seconds, 0.16, 0.35)


def _cycle(hz: float, shape: Spectrum) -> Signal:
    """One period of a waveform with these harmonics and nothing above hearing."""
    harmonics = hz * np.arange(1, int(min(_TABLE // 2 - 1, 14_000 / hz)) + 1)
    bins = np.zeros(_TABLE // 2 + 1, dtype=np.complex128)
    bins[1 : harmonics.size + 1] = -1j * shape(harmonics)
    cycle = np.fft.irfft(bins, _TABLE)
    cycle /= np.sqrt(np.mean(cycle**2)) * 4.0
    return np.append(cycle, cycle[0]).astype(np.float32)


def _play(cycle: Signal, hz: Signal) -> Signal:
    """The waveform read at a changing frequency, with linear interpolation."""
    turns = np.cumsum(hz.astype(np.float64)) / SAMPLE_RATE
    place = (turns - np.floor(turns)) * _TABLE
    index = place.astype(np.int64)
    part = (place - index).astype(np.float32)
    return cycle[index] * (1 - part) + cycle[index + 1] * part


def _vibrato(t: Signal, hz: float, rate_hz: float, cents: float, delay_s: float, phase: float) -> Signal:
    depth = np.clip((t - delay_s) / 0.5, 0.0, 1.0) * (2 ** (cents / 1200) - 1)
    return hz * (1.0 + depth * np.sin(_TWO_PI * rate_hz * t + phase))


def _blend(dark: Signal, bright: Signal, amount: Signal, hz: Signal) -> Signal:
    heard: Signal = _play(dark, hz) * (1 - amount) + _play(bright, hz) * amount
    return heard


def saw_lead(hz: float, seconds: float, velocity: float, rng: np.random.Generator) -> Signal:
    """Two soft saws a few cents apart; the filter opens with each note and closes again."""
    t = times(seconds)
    dark, bright = _cycle(hz, _soft_saw(900)), _cycle(hz, _soft_saw(4200))
    opening = (0.25 + 0.6 * velocity * np.exp(-t * 2.2)).astype(np.float32)
    pitch = _vibrato(t, hz, 5.2, 14, 0.22, float(rng.uniform(0, 6)))
    tone = _blend(dark, bright, opening, pitch * 1.0022) + _blend(dark, bright, opening, pitch * 0.9978)
    return (tone * _envelope(t.size, 0.012, 0.09)).astype(np.float32)


def glass_lead(hz: float, seconds: float, velocity: float, rng: np.random.Generator) -> Signal:
    """A round, hollow lead: odd harmonics and a slow bloom."""
    t = times(seconds)
    hollow = _cycle(hz, lambda f: np.where(np.round(f / f[0]) % 2 == 1, (f[0] / f) ** 1.7, 0.02 * f[0] / f))
    pitch = _vibrato(t, hz, 4.8, 11, 0.25, float(rng.uniform(0, 6)))
    tone = _play(hollow, pitch) + 0.5 * _play(hollow, pitch * 2.0015) * np.exp(-t * 3.0)
    return (tone * _envelope(t.size, 0.03, 0.16)).astype(np.float32)


def solo_violin(hz: float, seconds: float, velocity: float, rng: np.random.Generator) -> Signal:
    """One bowed string: it swells into the note, warms with vibrato and carries a breath of bow noise."""
    t = times(seconds)
    pitch = _vibrato(t, hz, 5.6, 17, 0.16, float(rng.uniform(0, 6)))
    drift = 1.0 + 0.0006 * np.sin(_TWO_PI * 1.3 * t + float(rng.uniform(0, 6)))
    second = _play(_cycle(hz, _VIOLIN), pitch * 1.0028)
    tone = _play(_cycle(hz, _VIOLIN), pitch * drift) + 0.45 * second
    bow = np.diff(rng.standard_normal(t.size + 1).astype(np.float32)) * 0.006
    swell = 0.8 + 0.2 * np.sin(np.pi * np.clip(t / max(seconds, 0.1), 0, 1))
    return ((tone + bow) * swell * _envelope(t.size, 0.07, 0.13)).astype(np.float32)


def cello(hz: float, seconds: float, velocity: float, rng: np.random.Generator) -> Signal:
    """A darker bowed string for the bass."""
    t = times(seconds)
    body = _formants((110, 60, 0.9), (220, 90, 1.0), (420, 160, 0.6), (900, 400, 0.3), (1800, 800, 0.1))
    pitch = _vibrato(t, hz, 4.9, 10, 0.25, float(rng.uniform(0, 6)))
    return (_play(_cycle(hz, body), pitch) * _envelope(t.size, 0.06, 0.16)).astype(np.float32)


def clarinet(hz: float, seconds: float, velocity: float, rng: np.random.Generator) -> Signal:
    """A reed in a closed tube: mostly odd harmonics, a breath at the start."""
    t = times(seconds)
    reed = _cycle(
        hz,
        lambda f: np.where(np.round(f / f[0]) % 2 == 1, 1.0, 0.12) * (f[0] / f) ** 1.25 / (1 + (f / 3800) ** 4),
    )
    tone = _play(reed, _vibrato(t, hz, 4.7, 6, 0.3, float(rng.uniform(0, 6))))
    breath = rng.standard_normal(t.size).astype(np.float32) * (0.004 + 0.02 * np.exp(-t * 25.0))
    return ((tone + breath) * _envelope(t.size, 0.03, 0.07)).astype(np.float32)


def whistle(hz: float, seconds: float, velocity: float, rng: np.random.Generator) -> Signal:
    """A wooden flute: nearly a sine, airy, with a lively start."""
    t = times(seconds)
    tube = _cycle(hz, lambda f: (f[0] / f) ** 2.6)
    pitch = _vibrato(t, hz, 5.0, 13, 0.2, float(rng.uniform(0, 6))) * (1 - 0.012 * np.exp(-t * 40.0))
    air = np.diff(rng.standard_normal(t.size + 1).astype(np.float32)) * (0.012 + 0.03 * np.exp(-t * 30.0))
    return ((_play(tube, pitch) + air) * _envelope(t.size, 0.035, 0.09)).astype(np.float32)


def voice(hz: float, seconds: float, velocity: float, rng: np.random.Generator) -> Signal:
    """A hummed "ah": a gliding start, a slow vibrato, breath, and a second take a few cents away."""
    t = times(seconds)
    glide = 1.0 - 0.025 * np.exp(-t * 22.0)
    closed = _formants((330, 110, 1.0), (800, 150, 0.25), (2300, 300, 0.05))
    opening = np.clip(t / 0.12, 0, 1).astype(np.float32) * (0.55 + 0.4 * velocity)
    tone = np.zeros(t.size, dtype=np.float32)
    for cents, level in ((0.0, 1.0), (6.0, 0.5)):
        pitch = _vibrato(t, hz * 2 ** (cents / 1200), 5.1, 22, 0.25, float(rng.uniform(0, 6))) * glide
        tone += np.float32(level) * _blend(_cycle(hz, closed), _cycle(hz, _VOWEL), opening, pitch)
    breath = np.diff(rng.standard_normal(t.size + 1).astype(np.float32)) * 0.006
    return ((tone + breath) * _envelope(t.size, 0.06, 0.14)).astype(np.float32)


def synth_bass(hz: float, seconds: float, velocity: float, rng: np.random.Generator) -> Signal:
    """A saw bass with a filter that snaps shut, and a sine an octave's weight beneath it."""
    t = times(seconds)
    steady = np.full(t.size, hz, dtype=np.float32)
    dark, bright = _cycle(hz, _soft_saw(220)), _cycle(hz, _soft_saw(1600))
    snap = (0.08 + 0.75 * velocity * np.exp(-t * 9.0)).astype(np.float32)
    weight = 0.35 * np.sin(_TWO_PI * hz * t.astype(np.float64)).astype(np.float32)
    heard: Signal = np.tanh((_blend(dark, bright, snap, steady) + weight) * 1.6) * _envelope(t.size, 0.004, 0.03)
    return heard


def sub_bass(hz: float, seconds: float, velocity: float, rng: np.random.Generator) -> Signal:
    """A slow, soft bass tone with just enough second harmonic to be heard on small speakers."""
    t = times(seconds).astype(np.float64)
    tone = np.sin(_TWO_PI * hz * t) + 0.3 * np.sin(_TWO_PI * 2 * hz * t) + 0.1 * np.sin(_TWO_PI * 3 * hz * t)
    return (tone * 0.4 * _envelope(t.size, 0.08, 0.2)).astype(np.float32)
