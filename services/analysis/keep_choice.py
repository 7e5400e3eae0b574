"""Which of several songs of one sound is best kept, and why. Pure: records in, an order out."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from storage.records import AudioFile, FileState, Song

_LOSSLESS = frozenset({"flac", "alac", "pcm"})
_WORTH = {"opus": 1.6, "aac": 1.3, "vorbis": 1.3}
"""How many bits of MP3 a bit of these stands for, roughly, at the rates at which music is kept."""

_LENGTH_MS = 1000
_BIT_RATE_STEP = 1.1


class KeepReason(StrEnum):
    """What the song to keep has over the next best."""

    PRESENT = "present"
    LOSSLESS = "lossless"
    LONGER = "longer"
    MORE_DETAIL = "more_detail"
    HIGHER_QUALITY = "higher_quality"
    MORE_LOVED = "more_loved"
    OLDER = "older"


@dataclass(frozen=True, slots=True)
class Choice:
    """The songs, the one to keep first, and why it comes before the second."""

    song_ids: list[str]
    reason: KeepReason


def choose(songs: Sequence[tuple[Song, AudioFile]]) -> Choice:
    """The order of two songs or more, each with its file. What weighs more comes first in `KeepReason`.

    Lengths count by whole seconds and bit rates by steps of a tenth, so that a frame or a header decides nothing.
    """
    ranked = sorted(songs, key=lambda each: (tuple(value for _, value in _ranks(*each)), each[0].id))
    first, second = _ranks(*ranked[0]), _ranks(*ranked[1])
    reason = next((why for (why, mine), (_, theirs) in zip(first, second, strict=True) if mine != theirs), None)
    return Choice([song.id for song, _ in ranked], reason or KeepReason.OLDER)


def _ranks(song: Song, file: AudioFile) -> list[tuple[KeepReason, bool | int | datetime]]:
    """What a song is judged by; less is better."""
    lossless = file.codec in _LOSSLESS
    detail = file.sample_rate * (file.bits_per_sample or 16) if lossless else 0
    return [
        (KeepReason.PRESENT, file.state != FileState.PRESENT),
        (KeepReason.LOSSLESS, not lossless),
        (KeepReason.LONGER, -round(file.duration_ms / _LENGTH_MS)),
        (KeepReason.MORE_DETAIL, -detail),
        (KeepReason.HIGHER_QUALITY, 0 if lossless else -_steps(file)),
        (KeepReason.MORE_LOVED, -(song.play_count + 10 * song.like_count)),
        (KeepReason.OLDER, song.created_at),
    ]


def _steps(file: AudioFile) -> int:
    return round(math.log(max(1.0, file.bitrate * _WORTH.get(file.codec, 1.0)), _BIT_RATE_STEP))
