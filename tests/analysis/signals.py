"""Signals whose measures are known beforehand, the EBU's own among them, and a meter to put them in."""

from __future__ import annotations

import wave
from functools import lru_cache
from pathlib import Path

import numpy as np

from services.analysis.k_weighting import MONO_RATE
from services.analysis.measuring import Measures, Meter


def sine(hertz: float, dbfs: float, seconds: float, rate: int = 48000, phase_degrees: float = 0.0) -> np.ndarray:
    """A tone with this peak value."""
    t = np.arange(round(seconds * rate)) / rate
    return 10 ** (dbfs / 20) * np.sin(2 * np.pi * hertz * t + np.radians(phase_degrees))


def steps(*parts: tuple[float, float], rate: int = 48000) -> np.ndarray:
    """Tones of 1 kHz one after the other: (dBFS, seconds)."""
    return np.concatenate([sine(1000, dbfs, seconds, rate) for dbfs, seconds in parts])


def measured(sound: np.ndarray, rate: int = 48000) -> Measures:
    """The measures of one channel (then of two that are the same), or of (channels, samples)."""
    return _through(Meter, sound, rate)


def metered(sound: np.ndarray, rate: int = 48000) -> Measures:
    """As `measured`, but hardly any of the music is heard: that takes as long as all the rest."""
    return _through(_HardOfHearing, sound, rate)


class _HardOfHearing(Meter):
    def __init__(self, rate: int, channels: int) -> None:
        super().__init__(rate, channels)
        self._mono_room = MONO_RATE


def _through(kind: type[Meter], sound: np.ndarray, rate: int) -> Measures:
    samples = np.asarray(np.stack([sound, sound]) if sound.ndim == 1 else sound, dtype=np.float32)
    meter = kind(rate, len(samples))
    for start in range(0, samples.shape[1], meter.block_samples):
        meter.take(samples[:, start : start + meter.block_samples])
    return meter.end()


def write_wav(path: Path, sound: np.ndarray, rate: int = 48000) -> Path:
    """The sound as 16 bits; one channel, or (channels, samples)."""
    samples = np.atleast_2d(sound)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(len(samples))
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes((np.clip(samples.T, -1, 1) * 32767).astype("<i2").tobytes())
    return path


@lru_cache(8)
def music(seconds: float, rate: int = 44100, seed: int = 3) -> np.ndarray:
    """Two channels of tones, bursts and breaths, louder and softer by the second; always the same."""
    random = np.random.default_rng(seed)
    t = np.arange(round(seconds * rate)) / rate
    sound = np.zeros((2, len(t)))
    for number, hertz in enumerate((55, 110, 220.5, 331, 1234, 5000, 9000)):
        for channel in range(2):
            sound[channel] += 0.2 / (1 + number) * np.sin(2 * np.pi * hertz * t + np.sin(t * (number + 1)) + channel)
    beats = np.exp(-((t * 2) % 1) * 8)
    sound += 0.3 * beats * random.standard_normal(sound.shape) * (0.5 + 0.5 * np.sin(0.3 * t))
    sound *= 10 ** (-(6 + 6 * np.sin(0.15 * t)) / 20) * 0.5
    sound.flags.writeable = False  # it is kept, for it takes longer to make than to measure
    return sound
