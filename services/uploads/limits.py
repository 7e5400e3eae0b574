"""How much may be sent in, and for how long it is kept. The values come from the settings."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class UploadLimits:
    """The bounds of uploads.

    `max_bytes` holds for one file and for all files of one request together; `max_base64_bytes` for a whole JSON
    body with sound in it; `max_open` resumable uploads may wait at once for one person, `keep_hours` each.
    """

    max_bytes: int = 500_000_000
    max_base64_bytes: int = 50_000_000
    max_open: int = 10
    keep_hours: int = 24
