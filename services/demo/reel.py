"""The tape on its reel: pydub trims the ends, shapes the fades and hands on a WAV for the encoder.

Owns everything that pydub does here. pydub starts no process of its own: WAV is written by the standard
library, and its notion of ffmpeg is pinned to the one we were given.
"""

from __future__ import annotations

import io
import warnings
from pathlib import Path

import numpy as np
import numpy.typing as npt

_SILENCE_DBFS = -66.0
_KEEP_MS = 350


def finish(pcm: npt.NDArray[np.int16], *, sample_rate: int, fade_in_ms: int, fade_out_ms: int, ffmpeg: Path) -> bytes:
    """A WAV file of the (n, 2) samples: dead air at the end cut off, the start eased in, the end faded
    out."""
    with warnings.catch_warnings():
        # pydub warns on import when PATH has no ffmpeg, and its regular expressions and audioop are of
        # their time.
        warnings.simplefilter("ignore")
        from pydub import AudioSegment
        from pydub.silence import detect_leading_silence
    AudioSegment.converter = str(ffmpeg)
    tape = AudioSegment(data=pcm.tobytes(), sample_width=2, frame_rate=sample_rate, channels=2)
    dead_ms = detect_leading_silence(tape[-6000:].reverse(), silence_threshold=_SILENCE_DBFS, chunk_size=20)
    if dead_ms > _KEEP_MS:
        tape = tape[: len(tape) - dead_ms + _KEEP_MS]
    tape = tape.fade_in(fade_in_ms).fade_out(fade_out_ms)
    wav = io.BytesIO()
    tape.export(wav, format="wav")
    return wav.getvalue()
