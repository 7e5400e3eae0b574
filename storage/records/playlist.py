"""Playlists: songs in an order that people keep, alone or together."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(slots=True)
class PlaylistEntry:
    """One song's place; its position is its index in the playlist. `id` stays while the entry moves."""

    id: str
    song_id: str
    added_by: str
    added_at: datetime
    duration_ms: int = 0


@dataclass(slots=True)
class Collaborator:
    """Somebody the owner let in: `role` is `editor` or `viewer`."""

    user_id: str
    role: str
    since: datetime


@dataclass(slots=True)
class Playlist:
    """An ordered list of up to 10,000 songs. Every edit of `entries` is one atomic update guarded by `rev`.

    `cover_id` is a picture somebody chose, `mosaic_id` one made from the songs' covers. A playlist with `rules` is
    smart: a job fills its entries with up to `rules_limit` songs in `rules_order`, nobody edits them; `match_count` is
    how many satisfied the rules at `refreshed_at`. `mosaic_rev` is the `rev` whose songs the mosaic was last compared
    with, `mosaic_cover_ids` what it was drawn from. `duplicates` is `allow` or `refuse`.
    """

    id: str
    name: str
    slug: str
    user_id: str
    created_at: datetime
    updated_at: datetime
    description: str = ""
    cover_id: str | None = None
    mosaic_id: str | None = None
    is_public: bool = True
    is_collaborative: bool = False
    is_editorial: bool = False
    is_hidden: bool = False
    duplicates: str = "allow"
    rev: int = 0
    song_count: int = 0
    total_duration_ms: int = 0
    follower_count: int = 0
    old_slugs: list[str] = field(default_factory=list)
    collaborator_ids: list[str] = field(default_factory=list)
    collaborators: list[Collaborator] = field(default_factory=list)
    rules: dict[str, Any] | None = None
    rules_order: str | None = None
    rules_limit: int | None = None
    match_count: int | None = None
    refreshed_at: datetime | None = None
    mosaic_cover_ids: list[str] = field(default_factory=list)
    mosaic_rev: int | None = None
    entries: list[PlaylistEntry] = field(default_factory=list)
