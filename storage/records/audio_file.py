"""Audio files on disk: where a song's sound is, and how it is recognised when it moves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class FileState(StrEnum):
    """Whether the sound can be had."""

    PRESENT = "present"
    VANISHED = "vanished"
    BROKEN = "broken"


@dataclass(slots=True)
class AudioFile:
    """One file: `path` is full, under a library root or the data folder, or `files:KEY` for one in the file store.

    `payload_hash` covers the audio alone, `tags_hash` what was read beside it; `sha256` is of the whole file and known
    of those that were sent in.

    `codec` is one of mp3, flac, vorbis, opus, aac, alac, pcm; `bitrate` in bits a second, `samples` per channel at
    `sample_rate`. `reason` says why a broken file is broken. `analysed_version` is that of the analyser whose measures
    of this payload are kept, or whose failure is; an import that reads the file anew forgets it. `vanished_at`: when
    the file was found gone.
    """

    id: str
    path: str
    size: int
    mtime_ns: int
    state: str
    seen_at: datetime
    song_id: str | None = None
    payload_hash: str | None = None
    tags_hash: str | None = None
    sidecar_hash: str | None = None
    codec: str = ""
    container: str = ""
    content_type: str = "application/octet-stream"
    bitrate: int = 0
    sample_rate: int = 0
    channels: int = 0
    bits_per_sample: int | None = None
    samples: int | None = None
    duration_ms: int = 0
    reason: str | None = None
    analysed_version: int | None = None
    sha256: str | None = None
    vanished_at: datetime | None = None
