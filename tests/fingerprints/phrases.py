"""Short pieces of made-up music that differ as songs do: notes, chords and hiss in an order of their own."""

from __future__ import annotations

from functools import cache

import numpy as np

RATE = 22050


@cache
def phrase(seed: int, seconds: float = 24.0, rate: int = RATE) -> np.ndarray:
    """One channel; the same for the same seed."""
    random = np.random.default_rng(seed)
    sound = np.zeros(round(seconds * rate))
    at = 0.0
    while at < seconds - 0.05:
        lasts = float(random.choice([0.2, 0.3, 0.45, 0.6]))
        start, end = round(at * rate), min(len(sound), round((at + lasts) * rate))
        t = np.arange(end - start) / rate
        fade = np.exp(-t * random.uniform(1, 5)) * np.minimum(1, t * 100)
        for hertz in 110 * 2 ** (random.integers(0, 40, 4) / 12):
            for part in (1, 2, 3):
                sound[start:end] += fade * np.sin(2 * np.pi * part * hertz * t + random.uniform(0, 6)) / part
        sound[start:end] += 0.2 * np.exp(-t * 30) * random.standard_normal(len(t))
        at += lasts
    return (sound / np.abs(sound).max() * 0.7).astype(np.float32)
