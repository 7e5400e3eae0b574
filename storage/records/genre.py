"""Genres: a tree of any depth."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(slots=True)
class Genre:
    """One genre. `ancestor_ids` runs from the root to the parent, so "and descendants" is one membership test.

    `old_keys` are the folded names it had: tags that still say so mean this genre. `tree_rev` is the turn of the tree
    that placed it last.
    """

    id: str
    name: str
    name_key: str
    slug: str
    created_at: datetime
    updated_at: datetime
    description: str = ""
    parent_id: str | None = None
    ancestor_ids: list[str] = field(default_factory=list)
    old_slugs: list[str] = field(default_factory=list)
    old_keys: list[str] = field(default_factory=list)
    tree_rev: int = 0


@dataclass(slots=True)
class GenreTree:
    """The one record through which the tree changes: `rev` counts the turns, `pending_*` is the one under way.

    A turn is written here before it is carried out, so that whoever comes next finishes what a crash left undone.
    """

    id: str
    rev: int = 0
    pending_kind: str | None = None
    pending_id: str | None = None
    pending_parent_id: str | None = None
