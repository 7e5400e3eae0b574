"""Albums: releases that hold songs in order."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from storage.records.song import Credit


@dataclass(slots=True)
class Album:
    """One release. `identity_key` (MusicBrainz release, barcode, else artist + title + year) is unique.

    `release_date` keeps the precision the tags gave: `2020`, `2020-03` or `2020-03-14`. Durations in milliseconds.
    `is_kept`, `is_withdrawn`, `edited_fields`: as for artists. `tagged` is what the files say of the edited fields, by
    which an import knows the album again. `announced_at`: when its artist's followers were told that it is out.
    """

    id: str
    title: str
    sort_title: str
    slug: str
    identity_key: str
    artist_id: str
    artist_credit: str
    created_at: datetime
    updated_at: datetime
    credits: list[Credit] = field(default_factory=list)
    old_slugs: list[str] = field(default_factory=list)
    album_type: str = "album"
    release_date: str | None = None
    cover_id: str | None = None
    description: str = ""
    label: str | None = None
    copyright: str | None = None
    upc: str | None = None
    musicbrainz_id: str | None = None
    genre_ids: list[str] = field(default_factory=list)
    total_duration_ms: int = 0
    total_tracks: int = 0
    disc_count: int = 1
    play_count: int = 0
    is_explicit: bool = False
    replaygain_db: float | None = None
    replaygain_peak: float | None = None
    is_hidden: bool = False
    save_count: int = 0
    is_withdrawn: bool = False
    is_moderated: bool = False
    is_kept: bool = False
    edited_fields: list[str] = field(default_factory=list)
    tagged: dict[str, Any] = field(default_factory=dict)
    announced_at: datetime | None = None

    def as_tagged(self, name: str) -> Any:
        """What the files say of a field, whatever a person made of it."""
        return self.tagged.get(name) if name in self.edited_fields else getattr(self, name)
