"""Pictures: covers and portraits, kept once per content."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(slots=True)
class Image:
    """One picture in the file store. `id` is made from its content, so the same cover is kept once. Sizes in pixels."""

    id: str
    content_type: str
    width: int
    height: int
    size: int
    created_at: datetime
