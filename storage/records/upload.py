"""Uploads: sound that arrives piece by piece, and the note that it is becoming a song."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class UploadState(StrEnum):
    """How far an upload has come. `TAKING` while its song is being written: what a sweep finishes or undoes."""

    OPEN = "open"
    COMPLETE = "complete"
    TAKING = "taking"
    USED = "used"


@dataclass(slots=True)
class Upload:
    """One file on its way in. `received` counts bytes that are on disk for good; what lies behind them does not count.

    `is_direct` marks one that came in a single request and cannot be resumed. `song_id` is the song it is made into,
    `file_key` the place of that song's file under the data folder.
    """

    id: str
    user_id: str
    file_name: str
    size: int
    created_at: datetime
    updated_at: datetime
    expires_at: datetime
    received: int = 0
    state: str = UploadState.OPEN.value
    sha256: str | None = None
    is_direct: bool = False
    song_id: str | None = None
    file_key: str | None = None

    @property
    def is_complete(self) -> bool:
        """Whether every byte is here."""
        return self.state != UploadState.OPEN
