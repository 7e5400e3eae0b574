"""Everything that is measured of one sound, in one pass over its decoded blocks.

Owns which measures there are and how much of a long sound each of them hears. Refuses to know the store, songs and
processes: it runs in a worker.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from services.analysis import fades, loudness
from services.analysis.decoding import Sound, decode
from services.analysis.fingerprint import Words, fingerprint
from services.analysis.k_weighting import MONO_RATE, KWeighting, Samples
from services.analysis.music.hearing import hear
from services.analysis.music.music import Music
from services.analysis.outline import Outline
from services.analysis.true_peak import TruePeak
from services.audio.ffmpeg import Ffmpeg

VERSION = 2
"""Counts up when a measure changes, so that every sound is measured again."""

MUSIC_SECONDS = 20 * 60
"""Tempo, key and feel need the sound in memory: of a longer one they hear the first 20 minutes (106 MB), and are
sure of themselves in that proportion."""


class NoSound(Exception):
    """The file decodes to nothing."""


@dataclass(frozen=True, slots=True)
class Measures:
    """What one pass tells; the fields are those of `SoundAnalysis`. `outline` has a byte for each stretch,
    `fingerprint` a word for each step of the sound."""

    duration_ms: int
    loudness_lufs: float | None
    loudness_range_lu: float | None
    true_peak_dbtp: float | None
    loudness_blocks: list[int]
    silence_start_ms: int
    silence_end_ms: int
    fade_in_end_ms: int | None
    fade_out_start_ms: int | None
    outline: bytes
    music: Music = field(default_factory=Music)
    fingerprint: Words = field(default_factory=lambda: np.zeros(0, np.uint32), compare=False)


def measure(ffmpeg: Ffmpeg, sound: Sound, *, timeout_s: float) -> Measures:
    """Decode and measure. Raises FfmpegFailed, TooLong or NoSound. Blocks; holds at most about 300 MB."""
    meter = Meter(sound.measured_rate, sound.measured_channels)
    for block in decode(ffmpeg, sound, meter.block_samples, timeout_s=timeout_s):
        meter.take(block)
    return meter.end()


class Meter:
    """Measures a sound taken in blocks of `block_samples` a channel, the last one shorter."""

    def __init__(self, rate: int, channels: int) -> None:
        self._weighting = KWeighting(rate, channels)
        self._peak = TruePeak(rate, channels)
        self._outline = Outline(rate)
        self._steps: list[loudness.Array] = []
        self._mono: list[Samples] = []
        self._mono_room = MUSIC_SECONDS * MONO_RATE
        self.block_samples = self._weighting.hop

    def take(self, block: Samples) -> None:
        """The next block, (channels, samples)."""
        self._outline.take(block)
        self._peak.take(block)
        steps, mono = self._weighting.take(block)
        self._steps.append(steps)
        self._keep(mono)

    def end(self) -> Measures:
        """All measures. NoSound when nothing was taken."""
        if not self._outline.samples:
            raise NoSound
        self._keep(self._weighting.end())
        steps = np.concatenate(self._steps)
        start_ms, end_ms = self._outline.heard()
        loud, duration_ms = loudness.integrated(steps), self._outline.duration_ms
        peak = self._peak.end()
        total = round(self._outline.samples * MONO_RATE / self._outline.rate)
        # A filter's tail is not music.
        mono = np.concatenate(self._mono)[:total]
        self._mono.clear()
        return Measures(
            duration_ms=duration_ms,
            loudness_lufs=loud,
            loudness_range_lu=loudness.loudness_range(steps),
            true_peak_dbtp=float(20 * np.log10(peak)) if peak > 0 else None,
            loudness_blocks=loudness.histogram(steps),
            silence_start_ms=start_ms,
            silence_end_ms=end_ms,
            fade_in_end_ms=None if loud is None else fades.fade_in_end_ms(steps, start_ms, duration_ms),
            fade_out_start_ms=None if loud is None else fades.fade_out_start_ms(steps, end_ms),
            outline=self._outline.picture(),
            music=hear(mono, len(mono) / max(1, total)),
            fingerprint=fingerprint(mono),
        )

    def _keep(self, mono: Samples) -> None:
        kept = mono[: self._mono_room]
        self._mono_room -= len(kept)
        if len(kept):
            self._mono.append(kept)
