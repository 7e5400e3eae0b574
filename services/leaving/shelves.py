"""What each shelf of the store holds of a person: how their rows are found, what happens to them, what is taken along.

One row for each collection; a test fails where one is missing. Owns the table. Refuses to read and to write.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Fate(StrEnum):
    """What happens to somebody's rows when they are forgotten."""

    DELETED = "deleted"
    NAMELESS = "nameless"
    """Kept under an id that nobody has: what was counted stays right."""
    KEPT = "kept"
    """For the law or for the house's safety: without anything that names the person but a number."""
    BY_HAND = "by hand"
    """More than rows: `erasing.py` says how."""
    NOBODYS = "nobody's"
    """Holds nothing of people."""


@dataclass(frozen=True, slots=True)
class Shelf:
    """One collection. `owner` is the field that says whose a row is; `hidden` fields are never taken along."""

    fate: Fate
    owner: str = "user_id"
    exported: bool = False
    hidden: tuple[str, ...] = ()
    why: str = ""


_NOTHING = Shelf(Fate.NOBODYS)
_OWN = Shelf(Fate.DELETED, exported=True)
_BY_ID = Shelf(Fate.DELETED, "_id", exported=True)
_SECRET = Shelf(Fate.DELETED)
_LAW = "money that was paid stays in the books"

SHELVES: dict[str, Shelf] = {
    "users": Shelf(
        Fate.BY_HAND,
        "_id",
        exported=True,
        hidden=("password_hash", "email_key", "username_key", "blocked_by_ids"),
        why="last of all, so that an erasing that was broken off is found again",
    ),
    "sessions": Shelf(Fate.DELETED, exported=True, hidden=("token_hash",)),
    "second_factors": Shelf(Fate.DELETED, "_id"),
    "sign_in_codes": Shelf(Fate.NOBODYS, why="of nobody yet, and gone within minutes"),
    "identities": _OWN,
    "access_keys": Shelf(Fate.DELETED, exported=True, hidden=("secret_hash",)),
    "known_places": Shelf(Fate.DELETED, "_id"),
    "sign_in_challenges": _SECRET,
    "artists": Shelf(Fate.BY_HAND, "owner_id", why="the catalogue stays the house's; owner and badge are taken off"),
    "albums": _NOTHING,
    "songs": _NOTHING,
    "audio_files": _NOTHING,
    "genres": _NOTHING,
    "plays": Shelf(Fate.NAMELESS, exported=True, why="charts and counts were made of them"),
    "images": _NOTHING,
    "leases": _NOTHING,
    "liked_songs": _OWN,
    "saved_albums": _OWN,
    "followed_artists": _OWN,
    "followed_users": _OWN,
    "playlist_followers": _OWN,
    "notifications": _OWN,
    "broadcasts": _NOTHING,
    "notification_marks": Shelf(Fate.DELETED, "_id"),
    "unlisted_notifications": Shelf(Fate.DELETED),
    "notification_choices": _BY_ID,
    "notification_places": Shelf(Fate.DELETED),
    "outbox": Shelf(Fate.DELETED, "receiver", why="found by the address; others empty themselves when they are sent"),
    "mailed_links": _SECRET,
    "email_changes": Shelf(Fate.DELETED, "_id"),
    "account_exports": Shelf(Fate.BY_HAND, why="with their files"),
    "push_subscriptions": Shelf(Fate.DELETED, exported=True, hidden=("auth", "p256dh", "key")),
    "reviews": _OWN,
    "review_votes": _OWN,
    "share_links": _OWN,
    "playlists": Shelf(Fate.BY_HAND, exported=True, why="with followers and invitations; others' lose a collaborator"),
    "playlist_invites": Shelf(Fate.DELETED, "by_id"),
    "uploads": Shelf(Fate.DELETED, exported=True, why="what they became is the catalogue's"),
    "genre_tree": _NOTHING,
    "search_queries": _OWN,
    "search_trends": _NOTHING,
    "tastes": _BY_ID,
    "weekly_lists": _BY_ID,
    "daily_mixes": _BY_ID,
    "radios": _OWN,
    "station_skips": Shelf(Fate.DELETED),
    "plays_by_day": _NOTHING,
    "listens_by_day": Shelf(Fate.NAMELESS, why="counted listeners"),
    "plays_ever": _NOTHING,
    "listens": Shelf(Fate.NAMELESS, why="counted listeners"),
    "listens_by_month": Shelf(Fate.NAMELESS, why="counted listeners"),
    "artist_listeners": Shelf(Fate.NAMELESS, why="counted listeners"),
    "folds": _NOTHING,
    "charts": _NOTHING,
    "lyric_sheets": _NOTHING,
    "sound_analyses": _NOTHING,
    "waveforms": _NOTHING,
    "fingerprints": _NOTHING,
    "sound_groups": _NOTHING,
    "downloads": Shelf(Fate.DELETED, exported=True, hidden=("key",)),
    "download_devices": _OWN,
    "rendition_sums": _NOTHING,
    "rooms": Shelf(Fate.BY_HAND, "member_ids", why="left, or closed where they are the host"),
    "room_invites": Shelf(Fate.DELETED, "by_id"),
    "play_queues": _BY_ID,
    "device_lists": _BY_ID,
    "grants": Shelf(Fate.DELETED, exported=True),
    "student_proofs": Shelf(Fate.DELETED, "_id", exported=True, hidden=("address_key",)),
    "student_codes": Shelf(Fate.DELETED, "_id"),
    "student_applications": _OWN,
    "artist_claims": Shelf(Fate.DELETED, exported=True, hidden=("decided_by", "taken_from", "waiting", "slot")),
    "coupons": Shelf(Fate.KEPT, "user_ids", why="a code is good once for an account, whoever it was"),
    "trials": Shelf(Fate.KEPT, "_id", why="a trial is had once"),
    "families": Shelf(Fate.DELETED, "_id"),
    "family_members": Shelf(Fate.DELETED, "_id"),
    "family_switches": Shelf(Fate.DELETED, "_id"),
    "family_invitations": Shelf(Fate.DELETED, "family_id"),
    "payments": Shelf(Fate.KEPT, exported=True, why=_LAW),
    "billing_customers": Shelf(Fate.KEPT, "_id", why=_LAW),
    "billing_subscriptions": Shelf(Fate.KEPT, exported=True, why=_LAW),
    "billing_walks": _NOTHING,
    "stripe_events": Shelf(Fate.KEPT, "customer_id", why=_LAW),
    "audit_entries": Shelf(Fate.KEPT, "actor_id", why="the log of what was done to others is never changed"),
    "audit_marks": _NOTHING,
    "job_runs": _NOTHING,
    "logged_errors": _NOTHING,
    "slow_asks": _NOTHING,
    "reports": Shelf(Fate.KEPT, "reporter_id", why="a case is decided without its reporter too"),
    "moderation_cases": Shelf(Fate.KEPT, "owner_id", why="what was decided, and why"),
    "moderation_decisions": Shelf(Fate.KEPT, "owner_id", why="what was decided, and why"),
    "blocked_pictures": _NOTHING,
    "figure_days": _NOTHING,
    "figures_by_day": _NOTHING,
    "listener_numbers": Shelf(Fate.NAMELESS, why="counted listeners"),
    "parental_locks": Shelf(Fate.DELETED, "_id"),
    "moderation_marks": _NOTHING,
}
