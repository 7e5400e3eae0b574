"""Drums and cymbals, synthesised once each, and the weather in the background: vinyl, rain, wind, water.

Owns percussion and noise. Refuses to know patterns; the bands write those.
"""

from __future__ import annotations

import numpy as np

from services.demo.instruments import SAMPLE_RATE, Signal, fast_length, times

KICK, RIM, SNARE, CLAP, HAT, OPEN_HAT, TOM, CRASH, SHAKER, BRUSH, STOMP, SWELL = range(36, 48)
"""Pitch numbers that a drum part is written in."""

_TWO_PI = 2.0 * np.pi


def drum(pitch: int, flavour: str, rng: np.random.Generator) -> Signal:
    """One hit, mono. `flavour` is `dusty` (short, dark), `bright` (electronic, long) or `wood` (acoustic)."""
    bright = flavour == "bright"
    if pitch == KICK:
        return _kick(0.42 if bright else 0.34, 52.0 if bright else 47.0, 5.0 if bright else 2.0)
    if pitch in (SNARE, CLAP):
        return _snare(0.34 if bright else 0.2, rng, clap=pitch == CLAP, bright=bright)
    if pitch == RIM:
        t = times(0.12)
        return _faded(np.sin(_TWO_PI * 1700 * t) * np.exp(-t * 70) * 0.5 + np.sin(_TWO_PI * 480 * t) * np.exp(-t * 60))
    if pitch in (HAT, OPEN_HAT):
        return _hat(0.32 if pitch == OPEN_HAT else 0.06 if bright else 0.045, rng)
    if pitch == TOM:
        t = times(0.5)
        sweep = 92.0 * t - (46.0 / 14.0) * (np.exp(-t * 14) - 1)
        return _faded(np.sin(_TWO_PI * sweep) * np.exp(-t * 7.5))
    if pitch == CRASH:
        return _band(rng, 2.4, 3200, 14_000) * np.exp(-times(2.4) * 2.1)
    if pitch == SHAKER:
        t = times(0.11)
        heard: Signal = _band(rng, 0.11, 4500, 11_000) * np.sin(np.pi * np.clip(t / 0.09, 0, 1)) ** 2
        return heard
    if pitch == BRUSH:
        t = times(0.26)
        return _band(rng, 0.26, 1500, 8000) * np.sin(np.pi * np.clip(t / 0.26, 0, 1)) ** 1.5
    if pitch == STOMP:
        return _kick(0.22, 62.0, 0.6) * 0.9
    if pitch == SWELL:
        t = times(2.0)
        return _band(rng, 2.0, 2500, 12_000) * (t / 2.0) ** 3
    raise ValueError(f"no such drum: {pitch}")


def _kick(seconds: float, floor_hz: float, click: float) -> Signal:
    """A sine that falls to its floor: the phase is the integral of floor + 120 e^(-45 t) + 40 e^(-9 t) Hz."""
    t = times(seconds)
    phase = floor_hz * t + 120 / 45 * (1 - np.exp(-45 * t)) + 40 / 9 * (1 - np.exp(-9 * t))
    body = np.sin(_TWO_PI * phase) * np.exp(-t * 6.5 / seconds * 0.42)
    snap = np.sin(_TWO_PI * 1900 * t) * np.exp(-t * 260) * 0.05 * click
    return _faded(np.tanh(1.6 * (body + snap)))


def _snare(seconds: float, rng: np.random.Generator, *, clap: bool, bright: bool) -> Signal:
    t = times(seconds)
    noise = _band(rng, seconds, 900 if clap else 1400, 10_500 if bright else 6500)
    if clap:
        bursts = sum(np.exp(-np.clip(t - at, 0, None) * 150) * (t >= at) for at in (0.0, 0.011, 0.023))
        return _faded(noise * (0.6 * bursts + np.exp(-t * 17) * (t > 0.03)))
    tone = np.sin(_TWO_PI * (186 * t - 2.0 * np.exp(-t * 40))) * np.exp(-t * 22) * 0.75
    return _faded(tone + noise * np.exp(-t * (13 if bright else 22)) * 0.8)


def _hat(seconds: float, rng: np.random.Generator) -> Signal:
    """Six clashing square-like tones under noise, as the old machines had it, cut off below 7 kHz."""
    length = seconds * 2.5
    t = times(length)
    metal = sum(np.sign(np.sin(_TWO_PI * hz * t)) for hz in (2063, 2810, 3420, 4190, 5333, 6211))
    mixed = 0.09 * metal + _band(rng, length, 6500, 16_000)
    spectrum = np.fft.rfft(mixed)
    hz = np.fft.rfftfreq(mixed.size, 1 / SAMPLE_RATE)
    high = np.fft.irfft(spectrum / (1 + (7000 / np.maximum(hz, 1.0)) ** 6), mixed.size)
    return _faded((high * np.exp(-t / seconds * 1.9)).astype(np.float32))


def _band(rng: np.random.Generator, seconds: float, low_hz: float, high_hz: float) -> Signal:
    """Noise between two frequencies, unit power."""
    count = round(seconds * SAMPLE_RATE)
    size = fast_length(count)
    spectrum = np.fft.rfft(rng.standard_normal(size, dtype=np.float32))
    hz = np.fft.rfftfreq(size, 1 / SAMPLE_RATE).astype(np.float32)
    spectrum *= 1 / np.sqrt((1 + (low_hz / np.maximum(hz, 1.0)) ** 8) * (1 + (hz / high_hz) ** 8))
    noise = np.fft.irfft(spectrum, size)[:count]
    heard: Signal = (noise / np.sqrt(np.mean(noise**2)) * 0.3).astype(np.float32)
    return heard


def _faded(samples: Signal) -> Signal:
    samples = samples.astype(np.float32)
    tail = min(samples.size, 200)
    samples[-tail:] *= np.linspace(1, 0, tail, dtype=np.float32)
    samples[:16] *= np.linspace(0, 1, 16, dtype=np.float32)
    return samples


def weather(kind: str, count: int, rng: np.random.Generator) -> Signal:
    """Stereo background of `count` samples: `vinyl`, `rain`, `wind`, `sea` or `stream`; ValueError
    otherwise."""
    seconds = count / SAMPLE_RATE + 0.01
    pair = {
        "vinyl": (900, 5500),
        "rain": (1200, 8500),
        "wind": (160, 700),
        "sea": (120, 2600),
        "stream": (700, 4200),
    }.get(kind)
    if pair is None:
        raise ValueError(f"no such weather: {kind}")
    bed = np.stack([_band(rng, seconds, *pair)[:count] for _ in range(2)])
    t = np.arange(count, dtype=np.float32) / SAMPLE_RATE
    if kind == "vinyl":
        bed = bed * 0.12 + _specks(count, 9, 0.0006, rng)
    elif kind == "rain":
        bed = bed * (0.5 + 0.1 * np.sin(_TWO_PI * 0.07 * t)) + _specks(count, 34, 0.0012, rng) * 0.7
    else:
        period = {"wind": 11.0, "sea": 8.5, "stream": 5.0}[kind]
        depth = {"wind": 0.6, "sea": 0.85, "stream": 0.25}[kind]
        for channel, phase in enumerate((0.0, 0.9)):
            wave = 0.5 - 0.5 * np.cos(_TWO_PI * t / period + phase + 0.7 * np.sin(_TWO_PI * t / (period * 2.6)))
            bed[channel] *= 1 - depth + depth * wave**2
    return bed.astype(np.float32)


def _specks(count: int, per_second: float, seconds: float, rng: np.random.Generator) -> Signal:
    """Tiny clicks here and there in the stereo picture: dust in a groove, drops on a pane."""
    out = np.zeros((2, count), dtype=np.float32)
    grain = np.exp(-np.arange(round(seconds * 6 * SAMPLE_RATE)) / (seconds * SAMPLE_RATE))
    hits = int(count / SAMPLE_RATE * per_second)
    for _ in range(hits):
        at = int(rng.integers(0, max(1, count - grain.size)))
        level = float(rng.exponential(0.35))
        left = float(rng.uniform(0.15, 0.85))
        drop = grain * np.sin(np.arange(grain.size) * rng.uniform(0.15, 0.7)) * min(level, 1.2)
        out[0, at : at + grain.size] += (left * drop).astype(np.float32)
        out[1, at : at + grain.size] += ((1 - left) * drop).astype(np.float32)
    return out
