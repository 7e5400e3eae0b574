"""A small band of synthesised instruments, mono at 22,050 Hz: what the scores of the test set are played on.

Owns single notes and single strokes. A `Tone` differs from song to song (brightness, decay, vibrato), so that no two
songs share one timbre. Everything is drawn from the generator it is given.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Sound = npt.NDArray[np.float32]

RATE = 22_050
_TOP_HZ = 9_500.0


@dataclass(frozen=True)
class Tone:
    """What makes one maker's instrument differ from another's. Factors around 1."""

    bright: float = 1.0
    decay: float = 1.0
    attack: float = 1.0
    vibrato: float = 1.0


def some_tone(rng: np.random.Generator) -> Tone:
    """A tone by chance."""
    bright, decay, attack, vibrato = np.exp(rng.uniform(-0.45, 0.45, 4))
    return Tone(float(bright), float(decay), float(attack), float(vibrato))


def _partials(pitch_hz: float, most: int, inharmonicity: float = 0.0) -> npt.NDArray[np.float64]:
    numbers = np.arange(1, most + 1)
    heights = numbers * pitch_hz * np.sqrt(1 + inharmonicity * numbers**2)
    return heights[heights < _TOP_HZ]


def _ends(sound: npt.NDArray[np.float64], attack_s: float, release_s: float) -> Sound:
    """The sound with a rise at its beginning and a fall at its end."""
    rise = min(len(sound), max(2, round(attack_s * RATE)))
    fall = min(len(sound), max(2, round(release_s * RATE)))
    sound[:rise] *= np.sin(np.linspace(0, np.pi / 2, rise)) ** 2
    sound[-fall:] *= np.linspace(1, 0, fall)
    return sound.astype(np.float32)


def _ringing(
    pitch_hz: float, seconds: float, tone: Tone, *, slope: float, life_s: float, odd: float, stiff: float, most: int
) -> Sound:
    """Partials that die away, the higher the sooner."""
    count = round(seconds * RATE)
    heights = _partials(pitch_hz, most, stiff)
    numbers = np.arange(1, len(heights) + 1)
    levels = _levels(numbers, slope, odd, tone)
    lives = life_s * tone.decay / (1 + 0.35 * (numbers - 1)) * (220 / max(pitch_hz, 60)) ** 0.4
    # A decay and a turn at once, for a stretch and for the start of each: their product is every sample.
    turns = (2j * np.pi * heights - 1 / lives) / RATE
    stretch = int(np.sqrt(count)) + 1
    within = np.exp(np.outer(turns, np.arange(stretch)))
    starts = np.exp(np.outer(np.arange(stretch) * stretch, turns)) * levels * np.exp(1j * numbers)
    sound = (starts @ within).imag.ravel()[:count]
    return _ends(sound, 0.003 * tone.attack, min(0.06, seconds / 3))


def _levels(numbers: npt.NDArray[np.int64], slope: float, odd: float, tone: Tone) -> npt.NDArray[np.float64]:
    return numbers ** (-slope / tone.bright) * np.where(numbers % 2 == 0, odd, 1.0)


def _held(
    pitch_hz: float,
    seconds: float,
    tone: Tone,
    *,
    slope: float,
    attack_s: float,
    depth: float,
    odd: float,
    voices: int,
    most: int,
) -> Sound:
    """Partials that last, with vibrato, in one or several slightly mistuned voices."""
    time = np.arange(round(seconds * RATE)) / RATE
    sound = np.zeros(len(time))
    levels = _levels(np.arange(1, min(most, int(_TOP_HZ / pitch_hz)) + 1), slope, odd, tone)
    for voice in range(voices):
        off = (voice - (voices - 1) / 2) * 0.004
        shake = depth * tone.vibrato * np.minimum(1, time / 0.25)
        rate = 5.1 + 0.6 * voice
        phase = (
            2
            * np.pi
            * pitch_hz
            * (1 + off)
            * (time - shake / (2 * np.pi * rate) * np.cos(2 * np.pi * rate * time + voice))
        )
        turned = np.exp(1j * (phase + voice))
        partials = np.zeros(len(time), dtype=complex)
        for level in levels[::-1]:
            partials += level / voices
            partials *= turned
        sound += partials.imag
    return _ends(sound, attack_s * tone.attack, min(0.12, seconds / 3))


def play(name: str, pitch: float, seconds: float, tone: Tone, reference_hz: float = 440.0) -> Sound:
    """One note; `pitch` is a MIDI number. Ringing instruments ring on a little after the note is let go."""
    hz = reference_hz * 2 ** ((pitch - 69) / 12)
    if name == "guitar":
        return _ringing(hz, seconds + 0.25, tone, slope=1.1, life_s=0.7, odd=0.8, stiff=0.00008, most=16)
    if name == "steel":
        return _ringing(hz, seconds + 0.15, tone, slope=0.75, life_s=0.5, odd=1.0, stiff=0.0002, most=20)
    if name == "piano":
        return _ringing(hz, seconds + 0.2, tone, slope=1.5, life_s=0.9, odd=0.9, stiff=0.0004, most=14)
    if name == "tines":
        time = np.arange(round((seconds + 0.2) * RATE)) / RATE
        bell = 1.6 * tone.bright * np.exp(-time / 0.25) * np.sin(2 * np.pi * hz * time)
        return _ends(np.exp(-time / (0.9 * tone.decay)) * np.sin(2 * np.pi * hz * time + bell), 0.004, 0.06)
    if name == "harpsichord":
        return _ringing(hz, seconds + 0.05, tone, slope=0.45, life_s=0.6, odd=1.0, stiff=0.0001, most=24)
    if name == "vibes":
        return _ringing(hz, seconds + 0.4, tone, slope=2.6, life_s=1.2, odd=0.2, stiff=0.0, most=5)
    if name == "bass":
        return _ringing(hz, seconds, tone, slope=1.4, life_s=0.6, odd=0.9, stiff=0.0001, most=12)
    if name == "synth_bass":
        return _held(hz, seconds, tone, slope=1.0, attack_s=0.004, depth=0.0, odd=0.9, voices=1, most=14)
    if name == "organ":
        return _held(hz, seconds, tone, slope=0.8, attack_s=0.008, depth=0.002, odd=0.9, voices=1, most=8)
    if name == "pad":
        return _held(hz, seconds, tone, slope=1.2, attack_s=0.15, depth=0.004, odd=1.0, voices=3, most=12)
    if name == "strings":
        return _held(hz, seconds, tone, slope=1.0, attack_s=0.07, depth=0.007, odd=0.9, voices=2, most=16)
    if name == "flute":
        return _held(hz, seconds, tone, slope=2.2, attack_s=0.04, depth=0.008, odd=0.6, voices=1, most=6)
    if name == "reed":
        return _held(hz, seconds, tone, slope=1.0, attack_s=0.03, depth=0.006, odd=0.35, voices=1, most=14)
    if name == "saw":
        return _held(hz, seconds, tone, slope=1.0, attack_s=0.006, depth=0.004, odd=1.0, voices=2, most=24)
    if name == "voice":
        return _held(hz, seconds, tone, slope=1.3, attack_s=0.05, depth=0.014, odd=0.9, voices=1, most=14)
    raise ValueError(name)


def strike(name: str, tone: Tone, rng: np.random.Generator) -> Sound:
    """One stroke of a drum."""
    lengths = {
        "kick": 0.3,
        "snare": 0.25,
        "clap": 0.2,
        "hat": 0.06,
        "open": 0.25,
        "ride": 0.5,
        "rim": 0.06,
        "shaker": 0.09,
        "tom": 0.3,
        "conga": 0.2,
    }
    time = np.arange(round(lengths[name] * RATE)) / RATE
    noise = rng.standard_normal(len(time))
    high = np.diff(noise, prepend=0.0)
    fade = np.exp(-time / (lengths[name] * 0.3 * tone.decay))
    if name == "kick":
        swept = 2 * np.pi * (48 * time + 90 * tone.bright * 0.03 * (1 - np.exp(-time / 0.03)))
        return _ends(
            1.3 * np.sin(swept) * np.exp(-time / (0.1 * tone.decay)) + 0.25 * noise * np.exp(-time / 0.004), 0.001, 0.05
        )
    if name in ("tom", "conga"):
        base = 110.0 if name == "tom" else 260.0 * tone.bright
        return _ends(
            np.sin(2 * np.pi * base * (time + 0.01 * (1 - np.exp(-time / 0.02)))) * fade
            + 0.1 * noise * np.exp(-time / 0.005),
            0.001,
            0.02,
        )
    if name == "snare":
        body = np.sin(2 * np.pi * 190 * tone.bright * time) * np.exp(-time / 0.06)
        return _ends(0.6 * body + 0.55 * noise * fade, 0.001, 0.02)
    if name == "clap":
        bursts = sum(np.where(time >= at, np.exp(-np.maximum(0, time - at) / 0.008), 0) for at in (0.0, 0.011, 0.022))
        return _ends(0.5 * high * (bursts + 0.8 * fade), 0.001, 0.02)
    if name == "rim":
        return _ends(
            0.7 * np.sin(2 * np.pi * 1700 * tone.bright * time) * np.exp(-time / 0.01)
            + 0.3 * noise * np.exp(-time / 0.004),
            0.0005,
            0.01,
        )
    if name == "ride":
        ring = sum(np.sin(2 * np.pi * hz * tone.bright * time) for hz in (3100.0, 4270.0, 5630.0, 7120.0))
        return _ends(0.08 * ring * fade + 0.25 * high * np.exp(-time / 0.03), 0.001, 0.05)
    if name == "shaker":
        return _ends(0.35 * high * np.sin(np.pi * np.minimum(1, time / lengths[name])), 0.02, 0.02)
    return _ends(0.45 * np.diff(high, prepend=0.0) * fade, 0.0008, 0.01)
