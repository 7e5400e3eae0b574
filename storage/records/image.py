"""Pictures: covers and portraits, kept once per content."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(slots=True)
class Image:
    """One picture in the file store. `id` is made from its content, so the same cover is kept once. Sizes in pixels.

    `sums` has the SHA-256 of the file of each size (`"640"`); pictures of an earlier version have none.
    """

    id: str
    content_type: str
    width: int
    height: int
    size: int
    created_at: datetime
    sums: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class BlockedPicture:
    """A picture that is shown nowhere; `id` is the image's."""

    id: str
    blocked_at: datetime
