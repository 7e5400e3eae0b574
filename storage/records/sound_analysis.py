"""What was measured of a sound: loudness, silence, tempo, key and feel; and the outline a seek bar draws.

One record for each audio payload, whichever file holds it: renaming and retagging measure nothing again.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(slots=True)
class SoundAnalysis:
    """The measures of one payload. `id` is the audio file's `payload_hash`; `version` is the analyser's own.

    Times are milliseconds from the sound's beginning. Loudness is EBU R128's: `loudness_lufs` integrated,
    `loudness_range_lu`, `true_peak_dbtp`; `loudness_blocks` counts the 400 ms blocks by loudness, from which an album's
    loudness follows. `silence_start_ms` is where the sound begins, `silence_end_ms` where it ends; the fades are where
    a fade-in is over and where a fade-out starts. `tempo` is in beats a minute, `beats_ms` are the beats. `energy`,
    `danceability`, `valence` and all confidences are from 0 to 1. None where it could not be told; `failure` says why
    nothing at all could.
    """

    id: str
    version: int
    analysed_at: datetime
    failure: str | None = None
    duration_ms: int = 0
    loudness_lufs: float | None = None
    loudness_range_lu: float | None = None
    true_peak_dbtp: float | None = None
    loudness_blocks: list[int] = field(default_factory=list)
    silence_start_ms: int = 0
    silence_end_ms: int | None = None
    fade_in_end_ms: int | None = None
    fade_out_start_ms: int | None = None
    tempo: float | None = None
    tempo_confidence: float = 0.0
    beats_ms: list[int] = field(default_factory=list)
    beats_confidence: float = 0.0
    key: str | None = None
    mode: str | None = None
    key_confidence: float = 0.0
    energy: float | None = None
    energy_confidence: float = 0.0
    danceability: float | None = None
    danceability_confidence: float = 0.0
    valence: float | None = None
    valence_confidence: float = 0.0


@dataclass(slots=True)
class Waveform:
    """The outline of a sound: its highest value in each of up to 4,000 equally long stretches. `id` is the payload's.

    `peaks` has a byte for each, 255 for full scale, as base64: a list of numbers takes ten times the room.
    """

    id: str
    peaks: str
    version: int
    duration_ms: int
