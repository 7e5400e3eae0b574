"""Every declared index of every collection, in one place, made at start by either engine.

Owns which questions are fast. An index closes with `_id` by itself, so it also gives the order of equal rows. A field
named here holds a plain value, the first field of an `array` index a list of them. A new hot query brings its index
here and its line in tests/storage/test_hot_queries.py.
"""

from __future__ import annotations

from storage.claim_indexes import CLAIM_INDEXES
from storage.declaring import index as _index
from storage.engine import Engine, Index
from storage.moderation_indexes import MODERATION_INDEXES
from storage.sign_in_indexes import SIGN_IN_INDEXES
from storage.tier_indexes import TIER_INDEXES


def _shown(*fields: str) -> Index:
    """An index over what is not hidden: it lists and counts what everybody sees without reading a document."""
    made = _index(*fields)
    return Index(f"shown_{made.name}", made.keys, where={"is_hidden": False})


# Newest first from either end: what somebody likes, and who likes something.
EDGE_INDEXES = (_index("user_id", "-created_at"), _index("target_id", "-created_at"), _index("-created_at"))

# The few that people took out of sight, so that a job can see to it that what belongs to them is out of sight too.
WITHDRAWN = Index("withdrawn", (("updated_at", -1),), where={"is_withdrawn": True})

INDEXES: dict[str, tuple[Index, ...]] = {
    **TIER_INDEXES,
    **CLAIM_INDEXES,
    "search_queries": (_index("user_id", "-searched_at"), _index("-searched_at")),
    "job_runs": (),
    "logged_errors": (_index("-last_at"), _index("level", "-last_at")),
    "slow_asks": (
        _index("-last_at"),
        _index("-count"),
        _index("-worst_ms"),
        _index("kind", "-last_at"),
        _index("kind", "-count"),
        _index("kind", "-worst_ms"),
    ),
    "radios": (_index("user_id", "-created_at"),),
    "tastes": (),
    "weekly_lists": (),
    "daily_mixes": (),
    "station_skips": (),
    "users": (
        _index("subscription_end", present=True),
        _index("erase_at", present=True),
        _index("suspended_until", present=True),
        _index("roles", array=True),
        _index("subscription_turn_at", present=True),
        _index("updated_at"),
        _index("email_key", unique=True),
        _index("username_key", unique=True),
        _index("-created_at"),
    ),
    **SIGN_IN_INDEXES,
    "artists": (
        _index("updated_at"),
        _index("identity_key", unique=True),
        _index("slug", unique=True),
        _index("old_slugs", array=True),
        _index("musicbrainz_id", present=True),
        _index("genre_ids", "-monthly_listeners", array=True),
        _index("sort_name"),
        _shown("sort_name"),
        _index("-monthly_listeners"),
        _index("-created_at"),
        _index("owner_id", present=True),
        WITHDRAWN,
    ),
    "albums": (
        _index("updated_at"),
        _index("identity_key", unique=True),
        _index("slug", unique=True),
        _index("old_slugs", array=True),
        _index("musicbrainz_id", present=True),
        _index("artist_id", "-release_date"),
        _index("-release_date"),
        _index("album_type", "-release_date"),
        _index("genre_ids", "-release_date", array=True),
        _index("sort_title"),
        _shown("sort_title"),
        _index("-play_count"),
        _index("-created_at"),
        WITHDRAWN,
    ),
    "songs": (
        _index("updated_at"),
        _index("slug", unique=True),
        _index("old_slugs", array=True),
        _index("match_key", present=True),
        _index("name_key", present=True),
        _index("album_id", "disc_number", "track_number"),
        _index("artist_id", "-play_count"),
        _index("artist_ids", "-play_count", array=True),
        _index("genre_ids", "-play_count", array=True),
        _index("sort_title"),
        _shown("sort_title"),
        _shown("year"),
        _shown("mood", "-play_count"),
        _shown("features.energy"),
        _index("-play_count"),
        _index("-created_at"),
        _index("-release_date"),
        _index("isrc", present=True),
        _index("musicbrainz_id", present=True),
        _index("lyrics_id", present=True),
    ),
    "audio_files": (
        _index("path", unique=True),
        _index("payload_hash"),
        _index("song_id"),
        _index("state", "analysed_version"),
    ),
    "genres": (
        _index("name_key", unique=True),
        _index("slug", unique=True),
        _index("parent_id", "name_key"),
        _index("ancestor_ids", array=True),
        _index("old_slugs", array=True),
        _index("old_keys", array=True),
    ),
    "plays": (
        _index("user_id", "song_id"),
        _index("user_id", "-started_at"),
        _index("song_id", "started_at"),
        _index("started_at"),
        Index("unfigured_started_at", (("started_at", 1),), where={"is_figured": False}),
        Index("unfolded_recorded_at", (("recorded_at", 1),), where={"folded": False}),
        Index("kept_user_id_started_at", (("user_id", 1), ("started_at", -1)), where={"is_removed": False}),
        Index(
            "skipped_user_id_song_id",
            (("user_id", 1), ("song_id", 1)),
            where={"completed": False, "ms_played": {"$lt": 30_000}},
        ),
        # Of the ledger's rows only those that a station played.
        Index("on_stations", (("user_id", 1), ("source_id", 1), ("started_at", -1)), where={"source": "radio"}),
    ),
    "liked_songs": EDGE_INDEXES,
    "saved_albums": EDGE_INDEXES,
    "followed_artists": EDGE_INDEXES,
    "followed_users": EDGE_INDEXES,
    "playlist_followers": EDGE_INDEXES,
    "playlists": (
        _index("-created_at"),
        _index("updated_at"),
        _index("slug", unique=True),
        _index("old_slugs", array=True),
        _index("user_id", "-updated_at"),
        _index("collaborator_ids", "-updated_at", array=True),
        _index("is_editorial", "-follower_count"),
        _index("refreshed_at", present=True),
    ),
    "notifications": (
        _index("user_id", "key", unique=True),
        _index("user_id", "turn"),
        _index("user_id", "read_at", "turn"),
        _index("slot", unique=True),
    ),
    "broadcasts": (_index("key", unique=True), _index("turn"), _index("slot", unique=True)),
    "notification_marks": (),
    "unlisted_notifications": (_index("user_id", "key", unique=True), _index("user_id"), _index("created_at")),
    "notification_choices": (_index("digest_at", present=True),),
    "push_subscriptions": (_index("user_id", "-created_at"), _index("user_id"), _index("session_id", present=True)),
    "account_exports": (_index("user_id", "-requested_at"), _index("due_at", present=True), _index("expires_at")),
    "mailed_links": (_index("user_id", "purpose"), _index("expires_at")),
    "email_changes": (_index("expires_at"),),
    "outbox": (_index("key", unique=True), _index("due_at", present=True), _index("created_at")),
    "notification_places": (_index("seen_at"),),
    "reviews": (
        _index("-created_at"),
        _index("user_id", "thing_key", unique=True),
        _index("user_id", "-created_at"),
        _index("thing_key", "-created_at"),
        _index("thing_key", "-helpful_count"),
        Index("shown_thing_key_rating", (("thing_key", 1), ("rating", 1)), where={"is_hidden": False}),
    ),
    "review_votes": EDGE_INDEXES,
    "share_links": (
        _index("user_id", "-created_at"),
        _index("expires_at"),
    ),
    "playlist_invites": (
        _index("token_hash", unique=True),
        _index("playlist_id", "-created_at"),
        _index("expires_at"),
    ),
    "uploads": (
        _index("user_id", "state"),
        _index("expires_at"),
        _index("state", "updated_at"),
    ),
    "genre_tree": (),
    "plays_by_day": (
        _index("day"),
        _index("song_id", "day"),
    ),
    "listens_by_day": (_index("song_id", "day"),),
    "plays_ever": (),
    "listens": (_index("user_id", "-plays"),),
    "listens_by_month": (_index("user_id", "kind", "month"),),
    "artist_listeners": (
        _index("user_id", "-plays"),
        _index("artist_id", "last_at"),
    ),
    "folds": (),
    "charts": (_index("range", "as_of"),),
    "images": (),
    "lyric_sheets": (),
    "sound_analyses": (_index("failure", present=True),),
    "waveforms": (),
    "fingerprints": (
        _index("keys", array=True),
        _index("grouped_version"),
    ),
    "sound_groups": (
        _index("payloads", array=True),
        _index("is_shown", "-made_at"),
    ),
    "leases": (),
    "downloads": (
        _index("key", "over", unique=True),
        _index("user_id", "-created_at"),
        _index("due_at", present=True),
        _index("expires_at"),
    ),
    "download_devices": (
        _index("user_id", "device_id", unique=True),
        _index("user_id", "added_at"),
    ),
    "rendition_sums": (_index("used_at"),),
    "play_queues": (_index("due_ms", present=True), _index("unrecorded_ms", present=True), _index("anchor.at_ms")),
    "rooms": (
        _index("member_ids", "-updated_at", array=True),
        _index("closed", "updated_at"),
    ),
    "room_invites": (
        _index("token_hash", unique=True),
        _index("room_id", "-created_at"),
        _index("expires_at"),
    ),
    "figure_days": (Index("stale", (("is_stale", 1),), where={"is_stale": True}),),
    "figures_by_day": (_index("day"), _index("kind", "target_id", "day"), _index("kind", "day")),
    "listener_numbers": (_index("user_id"),),
    "payments": (
        _index("user_id", "-at"),
        _index("-at"),
        _index("reference"),
        _index("subscription_id", "-at", present=True),
    ),
    "billing_customers": (_index("customer_id", unique=True),),
    "billing_subscriptions": (
        _index("customer_id"),
        _index("user_id", "-created_at"),
        _index("status", "-created_at"),
        _index("-created_at"),
    ),
    "billing_walks": (),
    "stripe_events": (
        _index("due_at", present=True),
        _index("-received_at"),
        _index("state", "-received_at"),
    ),
    **MODERATION_INDEXES,
    "migrations": (),
}


async def ensure_indexes(engine: Engine) -> None:
    """Bring every collection's indexes to what is declared here."""
    for collection, indexes in INDEXES.items():
        await engine.ensure(collection, indexes)
