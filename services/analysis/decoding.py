"""A file's sound as blocks of samples, decoded once by ffmpeg and never held whole.

Owns the arguments and the rate and channels a sound is measured at. Refuses to know what is measured.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from services.analysis.k_weighting import OTHERWISE_RATE, RATES, Samples
from services.audio.ffmpeg import Ffmpeg

LONGEST_SECONDS = 12 * 3600
"""Nothing longer is measured: its record says so."""

_FORMATS = "mp3,flac,ogg,wav,w64,aiff,aac,caf,mov,mp4,m4a,3gp,3g2,mj2"
# Only real files of known formats: a playlist in disguise must not make ffmpeg fetch what it names.
_LIMITS = ("-threads", "1", "-protocol_whitelist", "file", "-format_whitelist", _FORMATS)
_LAYOUTS = {1: "mono", 2: "stereo", 6: "5.1"}
_SANE = np.float32(1000.0)


class TooLong(Exception):
    """The sound is longer than what is measured."""


@dataclass(frozen=True, slots=True)
class Sound:
    """A file to measure, with the rate and channels that its record tells; 0 where it does not."""

    path: str
    sample_rate: int = 0
    channels: int = 0

    @property
    def measured_rate(self) -> int:
        """Its own rate, or 48 kHz for a rate that is not usual."""
        return self.sample_rate if self.sample_rate in RATES else OTHERWISE_RATE

    @property
    def measured_channels(self) -> int:
        """One, two, or 5.1 for whatever has more."""
        return self.channels if self.channels in (1, 2) else 6 if self.channels > 2 else 2


def decode(ffmpeg: Ffmpeg, sound: Sound, samples: int, *, timeout_s: float) -> Iterator[Samples]:
    """The sound in blocks of (channels, `samples`), the last one shorter.

    Raises FfmpegFailed when it cannot be decoded to its end, TooLong after 12 hours of it.
    """
    rate, channels = sound.measured_rate, sound.measured_channels
    block_bytes = samples * channels * 4
    left = LONGEST_SECONDS * rate
    with ffmpeg.pipe(_arguments(sound.path, rate, channels), timeout_s=timeout_s) as stream:
        while block := stream.read(block_bytes):
            whole = len(block) // (4 * channels)
            left -= whole
            if left < 0:
                raise TooLong
            if whole:
                frames = np.frombuffer(block, dtype="<f4", count=whole * channels).reshape(whole, channels)
                yield _sane(np.ascontiguousarray(frames.T))


def mono_arguments(path: str, rate: int, seconds: float) -> list[str]:
    """What makes ffmpeg write the first so many seconds of a file's sound to its output: one channel of floats."""
    return [*_LIMITS, "-t", f"{seconds:g}", "-i", f"file:{Path(path)}", "-map", "0:a:0", "-vn", "-sn", "-dn",
            "-ac", "1", "-ar", str(rate), "-c:a", "pcm_f32le", "-f", "f32le", "pipe:1"]  # fmt: skip


def _arguments(path: str, rate: int, channels: int) -> list[str]:
    chain = f"aresample={rate},aformat=sample_fmts=flt:channel_layouts={_LAYOUTS[channels]}"
    return [
        *(*_LIMITS, "-i", f"file:{Path(path)}", "-map", "0:a:0", "-vn", "-sn", "-dn"),
        *("-af", chain, "-c:a", "pcm_f32le", "-f", "f32le", "pipe:1"),
    ]


def _sane(samples: Samples) -> Samples:
    """Without what no loudspeaker could play: damaged float files hold infinities and worse."""
    if np.isfinite(samples).all() and float(np.abs(samples).max()) <= _SANE:
        return samples
    return np.clip(np.nan_to_num(samples), -_SANE, _SANE)
