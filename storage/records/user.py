"""People: accounts, their preferences and their sign-in sessions."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime


@dataclass(slots=True)
class UserPreferences:
    """What a listener chose; embedded in the user. `presence_visibility` is `everyone`, `followers` or `only_me`.

    `time_zone` is an IANA name, or empty for the house's.
    """

    explicit_content: bool = True
    autoplay: bool = True
    audio_quality: str = "high"
    language: str = "en"
    private_session: bool = False
    presence_visibility: str = "followers"
    time_zone: str = ""


@dataclass(slots=True)
class SubscriptionSpan:
    """A tier from a moment to another (None: without an end)."""

    tier: str
    starts_at: datetime
    ends_at: datetime | None = None


@dataclass(slots=True)
class User:
    """One account. `email_key` and `username_key` are the folded forms that must be unique.

    `profile_visibility` is `everyone`, `followers` or `only_me`. `is_suspended` keeps somebody out; it ends at
    `suspended_until`, or not at all. `explicit_locked`: a parental lock keeps explicit songs off. What begins with
    `subscription` follows from the user's grants: what they have, what comes `later`, when the next turn is, and how
    often that was written (`rev`). Whom one blocks, by whom one is blocked and whom one mutes are ids, the latest last.
    `erase_at` is when somebody who left is forgotten, under `nameless_id` from then on.
    """

    id: str
    email: str
    email_key: str
    username: str
    username_key: str
    password_hash: str
    created_at: datetime
    updated_at: datetime
    first_name: str = ""
    last_name: str = ""
    bio: str = ""
    profile_image_id: str | None = None
    birth_date: date | None = None
    country: str | None = None
    roles: list[str] = field(default_factory=list)
    is_verified: bool = False
    is_suspended: bool = False
    is_demo: bool = False
    subscription_type: str = "free"
    subscription_start: datetime | None = None
    subscription_end: datetime | None = None
    subscription_later: list[SubscriptionSpan] = field(default_factory=list)
    subscription_turn_at: datetime | None = None
    subscription_rev: int | None = None
    follower_count: int = 0
    preferences: UserPreferences = field(default_factory=UserPreferences)
    profile_visibility: str = "everyone"
    blocked_ids: list[str] = field(default_factory=list)
    blocked_by_ids: list[str] = field(default_factory=list)
    muted_ids: list[str] = field(default_factory=list)
    erase_at: datetime | None = None
    nameless_id: str | None = None
    suspended_until: datetime | None = None
    banned_at: datetime | None = None
    suspension_reason: str | None = None
    explicit_locked: bool = False

    @property
    def is_artist(self) -> bool:
        """Whether the account may own catalogue entries."""
        return "artist" in self.roles


@dataclass(slots=True)
class Session:
    """One sign-in on one device: a family of refresh tokens of which only the newest is good.

    `key_id` is the app password it was opened with, whose `scopes` it has; both None for who signed in themselves.
    """

    id: str
    user_id: str
    token_hash: str
    created_at: datetime
    refreshed_at: datetime
    expires_at: datetime
    user_agent: str = ""
    address: str = ""
    ended_at: datetime | None = None
    end_reason: str | None = None
    scopes: list[str] | None = None
    key_id: str | None = None
