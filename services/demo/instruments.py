"""Struck and plucked instruments: notes that ring and die away by themselves.

Owns their synthesis, one function a note: frequency in Hz, seconds, velocity 0 to 1, a seeded generator,
and out come mono float32 samples at `SAMPLE_RATE`. Refuses to know which notes are played.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

SAMPLE_RATE = 44_100
Signal = npt.NDArray[Any]
"""Samples, float32: shape (n,) mono or (2, n) stereo."""

_TWO_PI = 2.0 * np.pi


def times(seconds: float) -> Signal:
    """The instants of so many seconds of sound."""
    return np.arange(round(seconds * SAMPLE_RATE), dtype=np.float32) / np.float32(SAMPLE_RATE)


def sine(t: Signal, hz: float, phase: float = 0.0) -> Signal:
    """A sine whose phase is wrapped in double precision first, so that long notes stay in tune."""
    turns = np.arange(t.size, dtype=np.float64) * (hz / SAMPLE_RATE) + phase / _TWO_PI
    return np.sin(((turns - np.floor(turns)) * _TWO_PI).astype(np.float32))


def fast_length(count: int) -> int:
    """The next length whose only factors are 2, 3 and 5: transforms of other lengths can be ten times
    slower."""
    best = 1 << (count - 1).bit_length()
    five = 1
    while five < best:
        three = five
        while three < best:
            size = three
            while size < count:
                size *= 2
            best = min(best, size)
            three *= 3
        five *= 5
    return best


def electric_piano(hz: float, seconds: float, velocity: float, rng: np.random.Generator) -> Signal:
    """A tine piano by frequency modulation: a warm fundamental, a bark that grows with velocity, a short
    bell."""
    t = times(seconds)
    decay = np.exp(-t * (0.75 + hz / 620.0))
    index = (0.35 + 1.5 * velocity * velocity) * np.exp(-t * 2.4) + 0.12
    turns = np.arange(t.size, dtype=np.float64) * (hz / SAMPLE_RATE)
    angle = ((turns - np.floor(turns)) * _TWO_PI).astype(np.float32)
    body = np.sin(angle + index * np.sin(angle)) * decay
    shimmer = sine(t, hz * 1.003) * decay * 0.35
    tine_hz = hz * 14.0 if hz * 14.0 < 9000 else hz * 7.0
    tine = sine(t, tine_hz) * np.exp(-t * 11.0) * (0.05 + 0.14 * velocity)
    return _soften(body + shimmer + tine, 0.003)


def felt_piano(hz: float, seconds: float, velocity: float, rng: np.random.Generator) -> Signal:
    """A softly hammered string pair: stretched partials that each decay at their own pace, and a felt
    thump."""
    t = times(seconds)
    out = np.zeros(t.size, dtype=np.float32)
    stretch = 0.00035
    partials = int(min(14, 9000 / hz))
    for k in range(1, partials + 1):
        partial_hz = hz * k * np.sqrt(1 + stretch * k * k)
        level = np.exp(-k * (0.62 - 0.28 * velocity)) * (1.0 - 0.7 * (k % 8 == 0))
        pace = (0.45 + 0.28 * k) * (hz / 262.0) ** 0.45
        # Two strings of one note are never quite alike: they start together and drift apart.
        beat = sine(t, float(partial_hz)) + 0.6 * sine(t, float(partial_hz * 1.0007), float(rng.uniform(0, 1)))
        out += np.float32(level) * beat * (0.75 * np.exp(-t * pace * 1.6) + 0.25 * np.exp(-t * pace * 0.45))
    thump = rng.standard_normal(t.size).astype(np.float32) * np.exp(-t * 90.0)
    out += 0.05 * velocity * _smooth(thump, 24)
    return _soften(out, 0.004)


def plucked(hz: float, seconds: float, velocity: float, rng: np.random.Generator) -> Signal:
    """A nylon string by the Karplus-Strong loop, a whole period at a time.

    The loop is a two-point average (the string's loss) times a fractional delay (its tuning): three taps on
    the period before, which is all a period needs to know.
    """
    return _string(hz, seconds, velocity, rng, damping=0.5, loss=0.9965, pick=0.21)


def steel(hz: float, seconds: float, velocity: float, rng: np.random.Generator) -> Signal:
    """A brighter steel string, plucked near the bridge."""
    return _string(hz, seconds, min(1.0, velocity + 0.2), rng, damping=0.35, loss=0.9978, pick=0.13)


def harp(hz: float, seconds: float, velocity: float, rng: np.random.Generator) -> Signal:
    """A harp string: plucked at its middle, long and round."""
    return _string(hz, seconds, velocity * 0.8, rng, damping=0.5, loss=0.9985, pick=0.42)


def pizzicato(hz: float, seconds: float, velocity: float, rng: np.random.Generator) -> Signal:
    """A plucked violin or cello string: short, woody."""
    t = times(seconds)
    string = _string(hz, seconds, velocity * 0.8, rng, damping=0.5, loss=0.985, pick=0.3)
    knock = sine(t, 190.0) * np.exp(-t * 60.0) * 0.15
    return string * np.exp(-t * 5.0) + knock.astype(np.float32)


def _string(
    hz: float,
    seconds: float,
    velocity: float,
    rng: np.random.Generator,
    *,
    damping: float,
    loss: float,
    pick: float,
) -> Signal:
    count = round(seconds * SAMPLE_RATE)
    period = SAMPLE_RATE / hz
    whole = int(period - damping - 0.1)
    fraction = period - damping - whole
    taps = np.convolve([1 - damping, damping], [1 - fraction, fraction]) * loss ** (220.0 / max(hz, 80.0))
    burst = rng.uniform(-1, 1, whole)
    # A gentle finger excites fewer highs; where it plucks silences every harmonic with a node there.
    for _ in range(1 + round(3 * (1 - velocity))):
        burst = (burst + np.roll(burst, 1)) / 2
    burst -= np.roll(burst, max(1, round(whole * pick)))
    burst -= burst.mean()
    rounds = count // whole + 2
    out = np.zeros((rounds, whole))
    out[0] = burst / (np.abs(burst).max() + 1e-9)
    carry = np.zeros(2)
    for index in range(1, rounds):
        older = np.concatenate((carry, out[index - 1]))
        out[index] = taps[0] * older[2:] + taps[1] * older[1:-1] + taps[2] * older[:-2]
        carry = out[index - 1, -2:]
    return _soften(out.ravel()[:count].astype(np.float32), 0.001)


def vibraphone(hz: float, seconds: float, velocity: float, rng: np.random.Generator) -> Signal:
    """A metal bar over its tube: fundamental, double octave, a brief strike, slow motor tremolo."""
    t = times(seconds)
    bar = sine(t, hz) * np.exp(-t * 1.1) + 0.22 * sine(t, hz * 4.0) * np.exp(-t * 4.5)
    strike = 0.08 * velocity * sine(t, min(hz * 9.2, 12_000.0)) * np.exp(-t * 28.0)
    motor = 1.0 + 0.18 * np.sin(_TWO_PI * 4.6 * t + float(rng.uniform(0, 6)))
    return _soften((bar + strike) * motor, 0.002)


def bell(hz: float, seconds: float, velocity: float, rng: np.random.Generator) -> Signal:
    """A glassy bell: inharmonic partials, quick to soften."""
    t = times(seconds)
    partials = ((1.0, 1.0, 1.2), (2.0, 0.35, 1.7), (2.76, 0.22, 3.2), (5.4, 0.10, 6.5), (8.93, 0.04, 11.0))
    out = np.zeros(t.size, dtype=np.float32)
    for ratio, level, pace in partials:
        if hz * ratio < 15_000:
            out += np.float32(level * (0.6 + 0.4 * velocity)) * sine(t, hz * ratio) * np.exp(-t * pace)
    return _soften(out, 0.003)


def celesta(hz: float, seconds: float, velocity: float, rng: np.random.Generator) -> Signal:
    """A music-box tone: pure, with a bright tick."""
    t = times(seconds)
    tone = sine(t, hz) * np.exp(-t * 2.6) + 0.3 * sine(t, hz * 3.01) * np.exp(-t * 6.5)
    return _soften(tone + 0.06 * velocity * sine(t, min(hz * 7.0, 13_000.0)) * np.exp(-t * 30.0), 0.002)


def upright_bass(hz: float, seconds: float, velocity: float, rng: np.random.Generator) -> Signal:
    """A finger on a thick string: round partials, a soft thud, a little growl while it is loud."""
    t = times(seconds)
    out = np.zeros(t.size, dtype=np.float32)
    for k, level in enumerate((1.0, 0.55, 0.28, 0.14, 0.07, 0.04), start=1):
        out += np.float32(level) * sine(t, hz * k * (1 + 0.00008 * k * k)) * np.exp(-t * (0.9 + 0.75 * k))
    thud = _smooth(rng.standard_normal(t.size).astype(np.float32) * np.exp(-t * 60.0), 40)
    return _soften(np.tanh(1.3 * (out + 0.35 * thud * velocity)).astype(np.float32), 0.006)


def synth_pluck(hz: float, seconds: float, velocity: float, rng: np.random.Generator) -> Signal:
    """A sequencer's blip: a saw whose harmonics fall away one after the other, as a closing filter would do
    it."""
    t = times(seconds)
    out = np.zeros(t.size, dtype=np.float32)
    for k in range(1, int(min(22, 11_000 / hz)) + 1):
        out += np.float32(1.0 / k) * sine(t, hz * k) * np.exp(-t * (2.6 + (1.35 - 0.5 * velocity) * k))
    return _soften(out, 0.002)


def _soften(samples: Signal, seconds: float) -> Signal:
    """The first instants raised from silence, so that no note starts with a click."""
    count = min(samples.size, max(2, round(seconds * SAMPLE_RATE)))
    samples = samples.astype(np.float32)
    samples[:count] *= np.linspace(0.0, 1.0, count, dtype=np.float32)
    return samples


def _smooth(samples: Signal, width: int) -> Signal:
    """A moving average: the plainest low-pass."""
    total = np.cumsum(np.concatenate((np.zeros(width, dtype=np.float64), samples.astype(np.float64))))
    heard: Signal = ((total[width:] - total[:-width]) / np.sqrt(width)).astype(np.float32)
    return heard
