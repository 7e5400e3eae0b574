"""Genres: a tree of any depth."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(slots=True)
class Genre:
    """One genre. `ancestor_ids` runs from the root to the parent, so "and descendants" is one membership test."""

    id: str
    name: str
    name_key: str
    slug: str
    created_at: datetime
    updated_at: datetime
    description: str = ""
    parent_id: str | None = None
    ancestor_ids: list[str] = field(default_factory=list)
