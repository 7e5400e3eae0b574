"""Artists and their members."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime


@dataclass(slots=True)
class ArtistMember:
    """A person in a band; embedded in the artist."""

    id: str
    name: str
    role: str = ""
    image_id: str | None = None
    join_date: date | None = None
    leave_date: date | None = None


@dataclass(slots=True)
class Artist:
    """Somebody who makes music. `identity_key` is unique: imports meet there. It is the folded name, or the MusicBrainz
    id for the second artist of a name, or `made:` and the id for one that a person made.

    `is_kept`: a person made it, so it is shown before it has songs. `is_withdrawn`: people took it out of sight, with
    everything by it; `is_hidden` follows from both and from what is there. `edited_fields` are what a person set.
    `is_moderated`: the house withdrew it, so its owner cannot bring it back. `members_rev` counts edits of the members.
    """

    id: str
    name: str
    sort_name: str
    slug: str
    identity_key: str
    created_at: datetime
    updated_at: datetime
    old_slugs: list[str] = field(default_factory=list)
    musicbrainz_id: str | None = None
    bio: str = ""
    profile_image_id: str | None = None
    cover_image_id: str | None = None
    verified: bool = False
    country: str | None = None
    website: str | None = None
    social_links: dict[str, str] = field(default_factory=dict)
    genre_ids: list[str] = field(default_factory=list)
    members: list[ArtistMember] = field(default_factory=list)
    owner_id: str | None = None
    monthly_listeners: int = 0
    follower_count: int = 0
    album_count: int = 0
    song_count: int = 0
    is_hidden: bool = False
    is_withdrawn: bool = False
    is_moderated: bool = False
    is_kept: bool = False
    edited_fields: list[str] = field(default_factory=list)
    members_rev: int = 0
