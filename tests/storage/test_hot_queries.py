"""Every query of a hot path uses an index: no scan, no sort of more than it answers."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from storage.engine import Engine, Insert
from storage.indexes import INDEXES, ensure_indexes
from storage.language import prefix
from storage.mongo import MongoEngine
from storage.sqlite import SqliteEngine

NOW = datetime(2026, 3, 1, tzinfo=UTC)

# What is asked, of which collection, in which order, and after which row a later page begins.
HOT: dict[str, tuple[str, dict[str, Any], list[tuple[str, int]], list[Any] | None]] = {
    "account by email": ("users", {"email_key": "a@x"}, [], None),
    "account by name": ("users", {"username_key": "ann"}, [], None),
    "subscriptions that end": ("users", {"subscription_end": {"$gt": NOW, "$lte": NOW}}, [], None),
    "subscriptions whose turn has come": (
        "users",
        {"subscription_turn_at": {"$lte": NOW}},
        [("subscription_turn_at", 1)],
        None,
    ),
    "grants of somebody": ("grants", {"user_id": "u"}, [("starts_at", -1)], None),
    "grants that a crash left": ("grants", {"is_settled": False, "updated_at": {"$lte": NOW}}, [], None),
    "suspensions that end": ("users", {"suspended_until": {"$lte": NOW}}, [("suspended_until", 1)], None),
    "people of a role": ("users", {"roles": {"$in": ["moderator", "admin"]}}, [], None),
    "newest blocked pictures": ("blocked_pictures", {}, [("blocked_at", -1)], [NOW, "i"]),
    "reports of a person": ("reports", {"reporter_id": "u"}, [("created_at", -1)], [NOW, "r"]),
    "reports of a case": ("reports", {"case_id": "c"}, [("created_at", -1)], [NOW, "r"]),
    "open case of a thing": ("moderation_cases", {"open_key": "song:s"}, [], None),
    "queue of cases": ("moderation_cases", {"state": "open"}, [("queue_key", 1)], ["7:2026", "c"]),
    "cases of a thing": ("moderation_cases", {"target_key": "song:s"}, [("opened_at", -1)], None),
    "claims that ran out": ("moderation_cases", {"claimed_until": {"$lte": NOW}}, [("claimed_until", 1)], None),
    "decisions about a person": ("moderation_decisions", {"owner_id": "u"}, [("at", -1)], [NOW, "d"]),
    "decisions about a thing": ("moderation_decisions", {"target_id": "s"}, [("at", -1)], None),
    "decisions to carry out": ("moderation_decisions", {"pending_at": {"$lte": NOW}}, [("pending_at", 1)], None),
    "newest lines of the audit log": ("audit_entries", {}, [("at", -1)], [NOW, "1"]),
    "last line of the audit log": ("audit_entries", {}, [("number", -1)], None),
    "lines of an actor": ("audit_entries", {"actor_id": "u"}, [("at", -1)], None),
    "lines of an action": ("audit_entries", {"action": "a"}, [("at", -1)], None),
    "lines about a thing": ("audit_entries", {"kind": "user", "target_id": "u"}, [("at", -1)], None),
    "plays that no figures hold": ("plays", {"is_figured": False}, [("started_at", 1)], None),
    "days to be counted": ("figure_days", {"is_stale": True}, [], None),
    "figures of a day": ("figures_by_day", {"day": "2026-06-01"}, [], None),
    "figures of a thing": (
        "figures_by_day",
        {"kind": "artist", "target_id": "a", "day": {"$gte": "2026-06-01", "$lte": "2026-06-02"}},
        [("day", 1)],
        None,
    ),
    "days of figures": ("figure_days", {"_id": {"$gte": "2026-06-01", "$lte": "2026-06-02"}}, [], None),
    "likes of some days": ("liked_songs", {"created_at": {"$gte": NOW, "$lt": NOW}}, [], None),
    **{
        f"{shelf} of some days": (shelf, {"created_at": {"$gte": NOW, "$lt": NOW}}, [], None)
        for shelf in ("saved_albums", "followed_artists", "followed_users", "playlist_followers", "review_votes")
    },
    "figures of a kind": (
        "figures_by_day",
        {"kind": "song", "day": {"$gte": "2026-06-01", "$lte": "2026-06-02"}},
        [],
        None,
    ),
    "number of somebody who leaves": ("listener_numbers", {"user_id": "u"}, [], None),
    "playlists of some days": ("playlists", {"created_at": {"$gte": NOW, "$lt": NOW}}, [], None),
    "reviews of some days": ("reviews", {"created_at": {"$gte": NOW, "$lt": NOW}}, [], None),
    "cases of some days": ("moderation_cases", {"opened_at": {"$gte": NOW, "$lt": NOW}}, [], None),
    "people of a family": ("family_members", {"family_id": "u"}, [("joined_at", 1)], None),
    "invitations of a family": ("family_invitations", {"family_id": "u", "state": "open"}, [("created_at", -1)], None),
    "invitations to somebody": ("family_invitations", {"receiver_id": "u"}, [("created_at", -1)], None),
    "invitation by its link": ("family_invitations", {"token_hash": "t", "state": "open"}, [], None),
    "invitations long over": ("family_invitations", {"expires_at": {"$lt": NOW}}, [], None),
    "proof by its address": ("student_proofs", {"address_key": "k"}, [], None),
    "proofs that end soon": ("student_proofs", {"ends_at": {"$gt": NOW, "$lte": NOW}}, [], None),
    "proofs of late": ("student_proofs", {"proven_at": {"$gt": NOW}}, [], None),
    "codes that ran out": ("student_codes", {"expires_at": {"$lte": NOW}}, [], None),
    "claim under way": ("artist_claims", {"waiting": "u:a"}, [], None),
    "claim in its place": ("artist_claims", {"slot": "u:0"}, [], None),
    "claims, the oldest first": ("artist_claims", {}, [("created_at", 1)], [NOW, "a"]),
    "claims that wait": ("artist_claims", {"state": "open"}, [("created_at", 1)], [NOW, "a"]),
    "claims of somebody": ("artist_claims", {"user_id": "u"}, [("created_at", -1)], [NOW, "a"]),
    "claims of an artist": ("artist_claims", {"artist_id": "a"}, [("created_at", 1)], [NOW, "a"]),
    "claims that a crash left": ("artist_claims", {"is_settled": False, "decided_at": {"$lt": NOW}}, [], None),
    "documents that wait": ("student_applications", {"state": "open"}, [("created_at", 1)], [NOW, "a"]),
    "documents that a crash left": ("student_applications", {"is_proven": False, "decided_at": {"$lt": NOW}}, [], None),
    "document under way": ("student_applications", {"waiting": "u"}, [], None),
    "place in a family": ("family_members", {"place": "u:1"}, [], None),
    "documents of somebody": ("student_applications", {"user_id": "u"}, [("created_at", -1)], None),
    "coupon by its code": ("coupons", {"code_hash": "h"}, [], None),
    "newest coupons": ("coupons", {}, [("created_at", -1)], [NOW, "c"]),
    "coupons used of late": ("coupons", {"updated_at": {"$gt": NOW}}, [], None),
    "trial under an e-mail": ("trials", {"email_key": "k"}, [], None),
    "trials that a crash left": ("trials", {"is_given": False, "at": {"$lt": NOW}}, [], None),
    "newest accounts": ("users", {}, [("created_at", -1)], [NOW, "u"]),
    "second factors of older keys": ("second_factors", {"seal_key": {"$lt": "k"}}, [], None),
    "codes of sign-ins that ran out": ("sign_in_codes", {"expires_at": {"$lt": NOW}}, [("expires_at", 1)], None),
    "somebody's other ways in": ("identities", {"user_id": "u"}, [("created_at", 1)], None),
    "a key by its secret": ("access_keys", {"secret_hash": "h"}, [], None),
    "keys of a user": ("access_keys", {"user_id": "u", "kind": "api"}, [("created_at", -1)], None),
    "keys that ran out": ("access_keys", {"expires_at": {"$lte": NOW}}, [], None),
    "challenges of a user": ("sign_in_challenges", {"user_id": "u"}, [], None),
    "challenges that ran out": ("sign_in_challenges", {"expires_at": {"$lte": NOW}}, [], None),
    "sessions of a user": ("sessions", {"user_id": "u"}, [("created_at", -1)], None),
    "sessions that ended": ("sessions", {"expires_at": {"$lt": NOW}}, [("expires_at", 1)], None),
    "artist by identity": ("artists", {"identity_key": "k"}, [], None),
    "artist by slug": ("artists", {"slug": "s"}, [], None),
    "artist by an old slug": ("artists", {"old_slugs": "s"}, [], None),
    "artists of a genre": ("artists", {"genre_ids": "g"}, [("monthly_listeners", -1)], [5, "a"]),
    "artists by name": ("artists", {"is_hidden": False}, [("sort_name", 1)], ["b", "a"]),
    "artists by first letters": ("artists", {"sort_name": prefix("be")}, [("sort_name", 1)], None),
    "newest artists": ("artists", {"is_hidden": False}, [("created_at", -1)], [NOW, "a"]),
    "most heard artists": ("artists", {}, [("monthly_listeners", -1)], [5, "a"]),
    "artists of an owner": ("artists", {"owner_id": "u"}, [], None),
    "album by identity": ("albums", {"identity_key": "k"}, [], None),
    "album by slug": ("albums", {"slug": "s"}, [], None),
    "album by an old slug": ("albums", {"old_slugs": "s"}, [], None),
    "albums of an artist": ("albums", {"artist_id": "a"}, [("release_date", -1)], ["2020", "b"]),
    "new releases": ("albums", {"is_hidden": False}, [("release_date", -1)], ["2020", "b"]),
    "new singles": ("albums", {"album_type": "single"}, [("release_date", -1)], [None, "b"]),
    "albums of a genre": ("albums", {"genre_ids": "g"}, [("release_date", -1)], ["2020", "b"]),
    "most played albums": ("albums", {"is_hidden": False}, [("play_count", -1)], [5, "b"]),
    "newest albums": ("albums", {"is_hidden": False}, [("created_at", -1)], [NOW, "b"]),
    "albums by title": ("albums", {}, [("sort_title", 1)], ["t", "b"]),
    "songs by slug": ("songs", {"slug": "s"}, [], None),
    "songs of an album": ("songs", {"album_id": "b"}, [("disc_number", 1), ("track_number", 1)], [1, 2, "s"]),
    "top songs of an artist": ("songs", {"artist_id": "a"}, [("play_count", -1)], [7, "s"]),
    "songs an artist is on": ("songs", {"artist_ids": "a"}, [("play_count", -1)], [7, "s"]),
    "songs that any of these artists is on": ("songs", {"artist_ids": {"$in": ["a", "b"]}}, [], None),
    "songs of a genre": ("songs", {"genre_ids": "g", "year": {"$gte": 1990}}, [("play_count", -1)], [7, "s"]),
    "songs of any of these genres": ("songs", {"genre_ids": {"$in": ["g", "h"]}}, [], None),
    "most played songs": ("songs", {"is_hidden": False}, [("play_count", -1)], [7, "s"]),
    "newest songs": ("songs", {"is_hidden": False}, [("created_at", -1)], [NOW, "s"]),
    "songs by release": ("songs", {}, [("release_date", -1)], ["2020", "s"]),
    "songs by title": ("songs", {}, [("sort_title", 1)], ["t", "s"]),
    "song by ISRC": ("songs", {"isrc": "x"}, [], None),
    "artist by MusicBrainz id": ("artists", {"musicbrainz_id": "x"}, [], None),
    "album by MusicBrainz id": ("albums", {"musicbrainz_id": "x"}, [], None),
    "songs of these names": ("songs", {"match_key": {"$in": ["x", "y"]}}, [], None),
    "plays that were skipped": (
        "plays",
        {"completed": False, "ms_played": {"$lt": 30_000}},
        [("user_id", 1), ("song_id", 1)],
        ["u", "s", "p"],
    ),
    "files of a folder": ("audio_files", {"path": {"$gt": "/a/", "$lt": "/a0"}}, [], None),
    "song by MusicBrainz id": ("songs", {"musicbrainz_id": "x"}, [], None),
    "songs of these lyric sheets": ("songs", {"lyrics_id": {"$in": ["x", "y"]}}, [], None),
    "smart playlists to refresh": ("playlists", {"refreshed_at": {"$lte": NOW}}, [("refreshed_at", 1)], None),
    "songs of these artists and titles": ("songs", {"name_key": {"$in": ["x", "y"]}}, [], None),
    "playlist by slug": ("playlists", {"slug": "s"}, [], None),
    "playlist by an old slug": ("playlists", {"old_slugs": "s"}, [], None),
    "waiting uploads": ("uploads", {"user_id": "u", "state": {"$in": ["open", "complete"]}}, [], None),
    "uploads whose time is over": ("uploads", {"expires_at": {"$lt": NOW}}, [("expires_at", 1)], None),
    "uploads that became stuck": (
        "uploads",
        {"state": "taking", "updated_at": {"$lt": NOW}},
        [("updated_at", 1)],
        None,
    ),
    "playlists of a user": ("playlists", {"user_id": "u"}, [("updated_at", -1)], [NOW, "p"]),
    "playlists somebody joined": ("playlists", {"collaborator_ids": "u"}, [("updated_at", -1)], [NOW, "p"]),
    "playlists of people that show": (
        "playlists",
        {"$and": [{"user_id": {"$in": ["u", "v"]}}, {"is_public": True, "is_hidden": False}]},
        [("user_id", 1), ("updated_at", -1)],
        ["u", NOW, "p"],
    ),
    "playlists of people that somebody sees": (
        "playlists",
        {
            "$and": [
                {"user_id": {"$in": ["u", "v"]}},
                {"$or": [{"is_public": True, "is_hidden": False}, {"user_id": "w"}, {"collaborator_ids": "w"}]},
            ]
        },
        [("user_id", 1), ("updated_at", -1)],
        ["u", NOW, "p"],
    ),
    "featured playlists": (
        "playlists",
        {"is_editorial": True, "is_public": True, "is_hidden": False},
        [("follower_count", -1)],
        None,
    ),
    "links into a playlist that are good": (
        "playlist_invites",
        {"playlist_id": "p", "expires_at": {"$gt": NOW}},
        [("created_at", -1)],
        None,
    ),
    "editorial playlists": ("playlists", {"is_editorial": True}, [("follower_count", -1)], [5, "p"]),
    "playlist invite by its token": ("playlist_invites", {"token_hash": "h"}, [], None),
    "invites into a playlist": ("playlist_invites", {"playlist_id": "p"}, [("created_at", -1)], None),
    "invites that ran out": ("playlist_invites", {"expires_at": {"$lt": NOW}}, [("expires_at", 1)], None),
    "queues whose device is silent": ("play_queues", {"due_ms": {"$lte": 1.0}}, [("due_ms", 1)], None),
    "queues that play in a future": (
        "play_queues",
        {"anchor.at_ms": {"$gt": 1.0}, "anchor.playing": True},
        [],
        None,
    ),
    "queues with unrecorded playings": ("play_queues", {"unrecorded_ms": {"$lte": 1.0}}, [("unrecorded_ms", 1)], None),
    "rooms of somebody": ("rooms", {"member_ids": "u", "closed": False}, [("updated_at", -1)], None),
    "rooms that are open": ("rooms", {"closed": False}, [("updated_at", 1)], [NOW, "r"]),
    "rooms closed long ago": ("rooms", {"closed": True, "updated_at": {"$lt": NOW}}, [("updated_at", 1)], None),
    "room invite by its token": ("room_invites", {"token_hash": "h"}, [], None),
    "invites into a room": ("room_invites", {"room_id": "r"}, [("created_at", -1)], None),
    "room invites that ran out": ("room_invites", {"expires_at": {"$lt": NOW}}, [("expires_at", 1)], None),
    "songs somebody likes": ("liked_songs", {"user_id": "u"}, [("created_at", -1)], [NOW, "e"]),
    "who likes a song": ("liked_songs", {"target_id": "t"}, [("created_at", -1)], [NOW, "e"]),
    "albums somebody saved": ("saved_albums", {"user_id": "u"}, [("created_at", -1)], [NOW, "e"]),
    "who saved an album": ("saved_albums", {"target_id": "t"}, [("created_at", -1)], [NOW, "e"]),
    "artists somebody follows": ("followed_artists", {"user_id": "u"}, [("created_at", -1)], [NOW, "e"]),
    "who follows an artist": ("followed_artists", {"target_id": "t"}, [("created_at", -1)], [NOW, "e"]),
    "people somebody follows": ("followed_users", {"user_id": "u"}, [("created_at", -1)], [NOW, "e"]),
    "who follows a person": ("followed_users", {"target_id": "t"}, [("created_at", -1)], [NOW, "e"]),
    "playlists somebody follows": ("playlist_followers", {"user_id": "u"}, [("created_at", -1)], [NOW, "e"]),
    "who follows a playlist": ("playlist_followers", {"target_id": "t"}, [("created_at", -1)], [NOW, "e"]),
    "notifications of a user": (
        "notifications",
        {"user_id": "u", "turn": {"$lt": 9}},
        [("turn", -1), ("_id", -1)],
        None,
    ),
    "notifications not read yet": (
        "notifications",
        {"user_id": "u", "read_at": None},
        [("turn", -1), ("_id", -1)],
        None,
    ),
    "notifications a user missed": ("notifications", {"user_id": "u", "turn": {"$gt": 9}}, [("turn", 1)], None),
    "notification at its turn": ("notifications", {"slot": "u:1"}, [], None),
    "notifications removed long ago": ("notifications", {"user_id": "", "read_at": {"$lt": NOW}}, [], None),
    "notification by what it is about": ("notifications", {"user_id": "u", "key": "k"}, [], None),
    "digests that are due": ("notification_choices", {"digest_at": {"$lte": NOW}}, [("digest_at", 1)], None),
    "news that is in no list": ("unlisted_notifications", {"user_id": "u"}, [("_id", 1)], ["n"]),
    "news in no list that is old": ("unlisted_notifications", {"created_at": {"$lt": NOW}}, [("created_at", 1)], None),
    "archives of somebody": ("account_exports", {"user_id": "u1"}, [("requested_at", -1)], None),
    "archives to make": ("account_exports", {"due_at": {"$lte": NOW}}, [("due_at", 1)], None),
    "archives that go": ("account_exports", {"expires_at": {"$lt": NOW}}, [("expires_at", 1)], None),
    "accounts to erase": ("users", {"erase_at": {"$lte": NOW}}, [("erase_at", 1)], None),
    "mailed links of somebody": ("mailed_links", {"user_id": "u1", "purpose": {"$in": ["verify", "reset"]}}, [], None),
    "mailed links that ran out": ("mailed_links", {"expires_at": {"$lt": NOW}}, [("expires_at", 1)], None),
    "changes of address that ran out": ("email_changes", {"expires_at": {"$lt": NOW}}, [("expires_at", 1)], None),
    "mails that are due": ("outbox", {"due_at": {"$lte": NOW}}, [("due_at", 1)], None),
    "mail by what it is": ("outbox", {"key": "k"}, [], None),
    "mails long done": ("outbox", {"created_at": {"$lt": NOW}}, [("created_at", 1)], None),
    "browsers of somebody": ("push_subscriptions", {"user_id": "u"}, [("created_at", -1)], None),
    "browsers of some people": ("push_subscriptions", {"user_id": {"$in": ["u", "v"]}}, [], None),
    "browsers of a session": ("push_subscriptions", {"session_id": "s"}, [], None),
    "news in no list by what it is": ("unlisted_notifications", {"user_id": "u", "key": "k"}, [], None),
    "places of devices long gone": ("notification_places", {"seen_at": {"$lt": NOW}}, [("seen_at", 1)], None),
    "newest broadcasts": ("broadcasts", {}, [("turn", -1), ("_id", -1)], None),
    "broadcast at its turn": ("broadcasts", {"slot": "broadcasts:1"}, [], None),
    "broadcasts before one": ("broadcasts", {"turn": {"$lt": 9}}, [("turn", -1), ("_id", -1)], None),
    "broadcast by what it is about": ("broadcasts", {"key": "k", "over": ""}, [], None),
    "review of a person and a thing": ("reviews", {"user_id": "u", "thing_key": "song:s"}, [], None),
    "reviews somebody wrote": ("reviews", {"user_id": "u"}, [("created_at", -1)], [NOW, "r"]),
    "newest reviews of a thing": ("reviews", {"thing_key": "song:s"}, [("created_at", -1)], [NOW, "r"]),
    "most helpful reviews of a thing": ("reviews", {"thing_key": "song:s"}, [("helpful_count", -1)], [5, "r"]),
    "reviews of a thing as its author sees them": (
        "reviews",
        {"thing_key": "song:s", "$or": [{"is_hidden": False}, {"user_id": "u"}]},
        [("created_at", -1)],
        [NOW, "r"],
    ),
    "newest reviews of some things": (
        "reviews",
        {"thing_key": {"$in": ["song:s", "song:t"]}, "is_hidden": False},
        [("thing_key", 1), ("created_at", -1)],
        None,
    ),
    "what some people like": (
        "liked_songs",
        {"user_id": {"$in": ["u", "v"]}},
        [("user_id", 1), ("created_at", -1)],
        None,
    ),
    "ratings of some things": ("reviews", {"thing_key": {"$in": ["song:s"]}, "is_hidden": False}, [], None),
    "reviews somebody found helpful": ("review_votes", {"user_id": "u"}, [("created_at", -1)], [NOW, "e"]),
    "who found a review helpful": ("review_votes", {"target_id": "t"}, [("created_at", -1)], [NOW, "e"]),
    "a download that was asked for before": ("downloads", {"key": "k", "over": ""}, [], None),
    "downloads of a person": ("downloads", {"user_id": "u"}, [("created_at", -1)], [NOW, "d"]),
    "downloads to prepare": ("downloads", {"due_at": {"$lte": NOW}}, [("due_at", 1)], None),
    "downloads whose licence ended long ago": ("downloads", {"expires_at": {"$lt": NOW}}, [("expires_at", 1)], None),
    "downloads that live": (
        "downloads",
        {"state": {"$ne": "revoked"}},
        [("user_id", 1), ("created_at", -1)],
        ["u", NOW, "d"],
    ),
    "device of a person": ("download_devices", {"user_id": "u", "device_id": "d"}, [], None),
    "devices of a person": ("download_devices", {"user_id": "u"}, [("added_at", 1)], None),
    "sums that nobody used": ("rendition_sums", {"used_at": {"$lt": NOW}}, [("used_at", 1)], None),
    "share links of a person": ("share_links", {"user_id": "u"}, [("created_at", -1)], [NOW, "k"]),
    "share links that are over": ("share_links", {"expires_at": {"$lt": NOW}}, [("expires_at", 1)], None),
    "songs by id": ("songs", {"_id": {"$in": ["a", "b"]}}, [], None),
    "songs that may be the same": ("songs", {"match_key": {"$in": ["x", "y"]}}, [], None),
    "albums that show, by title": ("albums", {"is_hidden": False}, [("sort_title", 1)], ["t", "b"]),
    "songs that show, by title": ("songs", {"is_hidden": False}, [("sort_title", 1)], ["t", "s"]),
    "songs of some years that show": (
        "songs",
        {"is_hidden": False, "year": {"$gte": 1990}},
        [("year", 1)],
        [1999, "s"],
    ),
    "song by an old slug": ("songs", {"old_slugs": "s"}, [], None),
    "file by path": ("audio_files", {"path": "/p"}, [], None),
    "file by sound": ("audio_files", {"payload_hash": "h"}, [], None),
    "files of a song": ("audio_files", {"song_id": "s"}, [], None),
    "sounds to measure": ("audio_files", {"state": "present"}, [("analysed_version", 1)], [None, "f"]),
    "sounds measured by this version": ("audio_files", {"state": "present", "analysed_version": 1}, [], None),
    "sounds that could not be measured": ("sound_analyses", {"failure": {"$gte": ""}}, [], None),
    "sounds that share a word": ("fingerprints", {"keys": {"$in": [1, 2]}}, [], None),
    "sounds not yet beside their likes": ("fingerprints", {}, [("grouped_version", 1)], [1, "p"]),
    "groups of these sounds": ("sound_groups", {"payloads": {"$in": ["p", "q"]}}, [], None),
    "groups of songs that sound the same": ("sound_groups", {"is_shown": True}, [("made_at", -1)], [NOW, "g"]),
    "broken files": ("audio_files", {"state": "broken"}, [], None),
    "genre by name": ("genres", {"name_key": "jazz"}, [], None),
    "genre by slug": ("genres", {"slug": "jazz"}, [], None),
    "genres below a genre": ("genres", {"ancestor_ids": "g"}, [], None),
    "children of a genre": ("genres", {"parent_id": "g"}, [("name_key", 1)], None),
    "genre by an old slug": ("genres", {"old_slugs": "s"}, [], None),
    "genre by an old name": ("genres", {"old_keys": "jazz"}, [], None),
    "artists taken out of sight": ("artists", {"is_withdrawn": True}, [("updated_at", -1)], None),
    "albums taken out of sight": ("albums", {"is_withdrawn": True}, [("updated_at", -1)], None),
    "roots of the genres": ("genres", {"parent_id": None}, [("name_key", 1)], None),
    "history of a user": ("plays", {"user_id": "u"}, [("started_at", -1)], [NOW, "p"]),
    "plays of a song": ("plays", {"song_id": "s", "started_at": {"$gte": NOW}}, [("started_at", 1)], None),
    "plays of a day": ("plays", {"started_at": {"$gte": NOW}}, [("started_at", 1)], [NOW, "p"]),
    "songs that changed": ("songs", {"updated_at": {"$gte": NOW}}, [("updated_at", 1)], [NOW, "s"]),
    "albums that changed": ("albums", {"updated_at": {"$gte": NOW}}, [("updated_at", 1)], [NOW, "a"]),
    "artists that changed": ("artists", {"updated_at": {"$gte": NOW}}, [("updated_at", 1)], [NOW, "a"]),
    "playlists that changed": ("playlists", {"updated_at": {"$gte": NOW}}, [("updated_at", 1)], [NOW, "p"]),
    "users that changed": ("users", {"updated_at": {"$gte": NOW}}, [("updated_at", 1)], [NOW, "u"]),
    "searches since a week": ("search_queries", {"searched_at": {"$gte": NOW}}, [("searched_at", -1)], [NOW, "q"]),
    "searches of a user": ("search_queries", {"user_id": "u"}, [("searched_at", -1)], [NOW, "q"]),
    "plays on a station": ("plays", {"user_id": "u", "source": "radio", "source_id": "r"}, [("started_at", -1)], None),
    "stations of a user": ("radios", {"user_id": "u"}, [("created_at", -1)], [NOW, "r"]),
    "which of these somebody played": ("plays", {"user_id": "u", "song_id": {"$in": ["a", "b"]}}, [], None),
    "plays that the roll-ups lack": ("plays", {"folded": False}, [("recorded_at", 1)], [NOW, "p"]),
    "history that its listener kept": (
        "plays",
        {"user_id": "u", "is_removed": False},
        [("started_at", -1)],
        [NOW, "p"],
    ),
    "plays of all songs of some days": ("plays_by_day", {"day": {"$gte": "d", "$lte": "e"}}, [("day", 1)], ["d", "r"]),
    "days of a song": ("plays_by_day", {"song_id": "s"}, [("day", 1)], ["d", "r"]),
    "songs tagged with a mood": ("songs", {"is_hidden": False, "mood": "Calm"}, [("play_count", -1)], [7, "s"]),
    "what these artists released lately": (
        "albums",
        {"is_hidden": False, "artist_id": {"$in": ["a", "b"]}, "release_date": {"$gte": "2026-05", "$lte": "2026-06"}},
        [],
        None,
    ),
    "songs these artists released lately": (
        "songs",
        {"is_hidden": False, "artist_ids": {"$in": ["a", "b"]}, "release_date": {"$gte": "2026-05", "$lte": "2026-06"}},
        [],
        None,
    ),
    "songs by energy": (
        "songs",
        {"is_hidden": False, "features.energy": {"$gte": 0.1, "$lte": 0.4}},
        [("features.energy", 1)],
        None,
    ),
    "accounts' days of some songs": (
        "listens_by_day",
        {"song_id": {"$in": ["s", "t"]}, "day": {"$gte": "d"}},
        [],
        None,
    ),
    "accounts' days of a stretch of songs": (
        "listens_by_day",
        {"song_id": {"$gt": "s", "$lte": "t"}},
        [("song_id", 1), ("day", 1)],
        None,
    ),
    "days of a stretch of songs": (
        "plays_by_day",
        {"song_id": {"$gt": "s", "$lte": "t"}},
        [("song_id", 1), ("day", 1)],
        None,
    ),
    "what somebody played most": ("listens", {"user_id": "u"}, [("plays", -1)], [5, "r"]),
    "what somebody played in some months": (
        "listens_by_month",
        {"user_id": "u", "kind": "song", "month": {"$gte": "m"}},
        [("month", 1)],
        None,
    ),
    "whom somebody played most": ("artist_listeners", {"user_id": "u"}, [("plays", -1)], [5, "r"]),
    "who played an artist lately": (
        "artist_listeners",
        {"artist_id": "a", "last_at": {"$gte": NOW}},
        [("last_at", 1)],
        None,
    ),
    "plays of these songs": ("plays", {"song_id": {"$in": ["s", "t"]}}, [], None),
    "songs of these albums": ("songs", {"album_id": {"$in": ["a", "b"]}}, [], None),
    "albums that are news": (
        "albums",
        {"is_hidden": False, "release_date": {"$gte": "2026-01-01", "$lte": "2026-01-31"}, "announced_at": None},
        [("release_date", -1)],
        None,
    ),
    "albums that show, and one's own": (
        "albums",
        {"$or": [{"is_hidden": False}, {"artist_id": {"$in": ["a", "b"]}}]},
        [("release_date", -1)],
        ["2020", "b"],
    ),
    "songs that show, and one's own": (
        "songs",
        {"$or": [{"is_hidden": False}, {"artist_id": {"$in": ["a", "b"]}}]},
        [("play_count", -1)],
        [7, "s"],
    ),
    "songs of a genre that are not explicit": (
        "songs",
        {"$and": [{"is_hidden": False}, {"is_explicit": False}, {"genre_ids": "g"}]},
        [("play_count", -1)],
        [7, "s"],
    ),
    "a genre by any of its names": (
        "genres",
        {"$or": [{"_id": "x"}, {"slug": "x"}, {"name_key": "x"}, {"old_slugs": "x"}, {"old_keys": "x"}]},
        [],
        None,
    ),
    "who played any of these artists lately": (
        "artist_listeners",
        {"artist_id": {"$in": ["a", "b"]}, "last_at": {"$gte": NOW}},
        [],
        None,
    ),
    "plays of a stretch of listeners": (
        "plays",
        {"user_id": {"$gt": "u"}},
        [("user_id", 1), ("started_at", -1)],
        ["u", NOW, "p"],
    ),
    "charts of a range that were not made again": ("charts", {"range": "week", "as_of": {"$lt": NOW}}, [], None),
    "payments of a person": ("payments", {"user_id": "u"}, [("at", -1)], [NOW, "p"]),
    "payments of a month": ("payments", {"at": {"$gte": NOW, "$lt": NOW}}, [("at", -1)], [NOW, "p"]),
    "payments of a subscription": ("payments", {"subscription_id": "s"}, [("at", -1)], None),
    "whom the payment service means": ("billing_customers", {"customer_id": "c"}, [], None),
    "paid subscriptions of a person": ("billing_subscriptions", {"user_id": "u"}, [("created_at", -1)], None),
    "paid subscriptions of a customer": ("billing_subscriptions", {"customer_id": "c"}, [], None),
    "paid subscriptions by state": ("billing_subscriptions", {"status": "active"}, [("created_at", -1)], [NOW, "s"]),
    "newest paid subscriptions": ("billing_subscriptions", {}, [("created_at", -1)], [NOW, "s"]),
    "billing events to be worked": ("stripe_events", {"due_at": {"$lte": NOW}}, [("due_at", 1)], None),
    "newest billing events": ("stripe_events", {}, [("received_at", -1)], [NOW, "e"]),
    "billing events by state": ("stripe_events", {"state": "failed"}, [("received_at", -1)], [NOW, "e"]),
    "newest log lines": ("logged_errors", {}, [("last_at", -1)], [NOW, "e"]),
    "newest log lines of a level": ("logged_errors", {"level": "error"}, [("last_at", -1)], [NOW, "e"]),
    "last slow things": ("slow_asks", {}, [("last_at", -1)], [NOW, "s"]),
    "most frequent slow things": ("slow_asks", {}, [("count", -1)], [9, "s"]),
    "slowest things": ("slow_asks", {}, [("worst_ms", -1)], [9.0, "s"]),
    "last slow things of a kind": ("slow_asks", {"kind": "store"}, [("last_at", -1)], [NOW, "s"]),
    "frequent slow things of a kind": ("slow_asks", {"kind": "store"}, [("count", -1)], [9, "s"]),
    "slowest things of a kind": ("slow_asks", {"kind": "store"}, [("worst_ms", -1)], [9.0, "s"]),
    "what was given back of a payment": ("payments", {"reference": "in_1"}, [], None),
}


@pytest.mark.parametrize("name", HOT)
async def test_a_hot_query_uses_an_index(embedded: SqliteEngine, name: str) -> None:
    collection, filter, sort, after = HOT[name]
    await embedded.ensure(collection, INDEXES[collection])
    for page in [None] if after is None else [None, after]:
        plan = await embedded.explain(collection, filter, sort=sort, limit=50, after=page)  # type: ignore[arg-type]
        assert any("INDEX" in step or "PRIMARY KEY" in step for step in plan), plan
        # An index walked in order is how "all songs by title" is meant; a bare scan or a sort is not.
        bare = [step for step in plan if step.startswith("SCAN") and "INDEX" not in step and "subquery" not in step]
        assert bare == [], plan
        if sort and page is None:
            assert not [step for step in plan if "TEMP B-TREE" in step], plan


async def test_every_declared_index_answers_some_hot_query(embedded: SqliteEngine) -> None:
    used = set()
    for collection, filter, sort, after in HOT.values():
        await embedded.ensure(collection, INDEXES[collection])
        steps = await embedded.explain(collection, filter, sort=sort, limit=50, after=after)  # type: ignore[arg-type]
        used |= {
            (collection, index.name)
            for index in INDEXES[collection]
            for step in steps
            if f"{collection}__{index.name} " in f"{step} " or (index.array and " s USING PRIMARY KEY" in step)
        }
        used |= {
            (collection, index.name)
            for index in INDEXES[collection]
            if index.array and index.keys[0][0] in filter and "PRIMARY KEY" in " ".join(steps)
        }
    declared = {(collection, index.name) for collection, indexes in INDEXES.items() for index in indexes}
    assert declared - used == set()


@pytest.mark.services
async def test_mongodb_explains_hot_queries_without_a_collection_scan(engine: Engine) -> None:
    if not isinstance(engine, MongoEngine):
        pytest.skip("the embedded engine has its own test")
    if engine.ferret is not None:
        pytest.skip("FerretDB 1.x uses no index but that of _id")
    await ensure_indexes(engine)
    for name, (collection, filter, sort, _) in HOT.items():
        await engine.bulk(collection, [Insert({"_id": "x"})])
        plan = str(await engine.explain(collection, filter, sort=sort, limit=50))  # type: ignore[arg-type]
        assert "COLLSCAN" not in plan, (name, plan)
