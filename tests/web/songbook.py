"""Songs that an ear can tell apart: no two of them, and no two moments of one, are alike."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy.signal import resample_poly

from services.audio.ffmpeg import Ffmpeg
from tests.sound_tool import QUICK_FFMPEG
from tests.web.sound_house import write_wav

RATE = 48_000
EAR_RATE = 8_000
"""What songs are compared at: their notes lie below half of it, and an eighth of a millisecond is near enough."""
NOTE_S = 0.11
LOWEST_HZ, HIGHEST_HZ = 220, 1760
Samples = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Tune:
    """A song as it is tagged. Its sound follows from its title."""

    title: str
    artist: str
    album: str
    track: int
    seconds: float


RAIN = Tune("Morning Rain", "Ada Brook", "Weather", 1, 90)
SNOW = Tune("Late Snow", "Ada Brook", "Weather", 2, 16)
WIND = Tune("High Wind", "Ada Brook", "Weather", 3, 16)
HARBOUR = Tune("Harbour Lights", "Ben Quay", "Shores", 1, 20)


def sound_of(tune: Tune) -> Samples:
    """One channel at `RATE`: a melody by dice over a soft hiss, rising at its beginning and falling at its end."""
    dice = np.random.default_rng(list(tune.title.encode()))
    count = int(tune.seconds * RATE)
    notes = LOWEST_HZ * (HIGHEST_HZ / LOWEST_HZ) ** dice.random(math.ceil(tune.seconds / NOTE_S))
    pitch = np.repeat(notes, int(NOTE_S * RATE) + 1)[:count]
    melody = np.sin(2 * np.pi * np.cumsum(pitch) / RATE)
    hiss = np.convolve(dice.standard_normal(count), np.ones(16) / 16, "same")
    edge = np.minimum(1, np.minimum(np.arange(count), np.arange(count)[::-1]) / (0.02 * RATE))
    return np.asarray((0.2 * melody + 0.3 * hiss).clip(-1, 1) * edge, np.float32)


def for_the_ear(sound: Samples, rate: int) -> Samples:
    """The same at `EAR_RATE`."""
    common = math.gcd(EAR_RATE, rate)
    return np.asarray(resample_poly(sound, EAR_RATE // common, rate // common), np.float32)


def write_tune(tune: Tune, folder: Path) -> Path:
    """A tagged FLAC of it; a folder that is missing is made."""
    folder.mkdir(parents=True, exist_ok=True)
    one = np.asarray(sound_of(tune) * 32767, np.int16)
    plain = write_wav(folder / "plain.wav", np.stack([one, one], 1), RATE)
    tags = {"title": tune.title, "artist": tune.artist, "album": tune.album, "track": str(tune.track)}
    words = [part for key, value in tags.items() for part in ("-metadata", f"{key}={value}")]
    path = folder / f"{tune.track:02d} {tune.title}.flac"
    Ffmpeg(Path(QUICK_FFMPEG)).run(["-v", "error", "-i", str(plain), *words, str(path)], timeout_s=60)
    plain.unlink()
    return path
