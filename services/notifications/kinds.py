"""The kinds of news there are, and how each is worded.

Owns sentences and the keys that make the same news one. Refuses to know who is told and where it is kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from storage.records import Album, User


class Kind(StrEnum):
    """What a notification is about."""

    FOLLOWED = "followed"
    PLAYLIST_INVITED = "playlist_invited"
    PLAYLIST_FOLLOWED = "playlist_followed"
    PLAYLIST_CHANGED = "playlist_changed"
    REVIEW_HELPFUL = "review_helpful"
    REVIEW_HIDDEN = "review_hidden"
    ALBUM_RELEASED = "album_released"


class TargetKind(StrEnum):
    """What kind of thing a notification leads to."""

    USER = "user"
    PLAYLIST = "playlist"
    ALBUM = "album"
    REVIEW = "review"


@dataclass(frozen=True, slots=True)
class PlaylistTitle:
    """What the wording needs of a playlist."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class News:
    """One piece of news before it is anybody's. Nobody has two notifications of one `key`."""

    kind: Kind
    key: str
    title: str
    message: str
    target_kind: TargetKind
    target_id: str
    actor_id: str | None = None


def followed(actor: User) -> News:
    """Somebody follows you; following again later is not news again."""
    return News(
        Kind.FOLLOWED,
        f"followed:{actor.id}",
        "New follower",
        f"{actor.username} follows you now.",
        TargetKind.USER,
        actor.id,
        actor.id,
    )


def playlist_invited(actor: User, playlist: PlaylistTitle) -> News:
    """Somebody let you into their playlist."""
    return News(
        Kind.PLAYLIST_INVITED,
        f"playlist_invited:{playlist.id}:{actor.id}",
        "Invited to a playlist",
        f"{actor.username} let you into the playlist {playlist.name}.",
        TargetKind.PLAYLIST,
        playlist.id,
        actor.id,
    )


def playlist_followed(actor: User, playlist: PlaylistTitle) -> News:
    """Somebody follows a playlist of yours."""
    return News(
        Kind.PLAYLIST_FOLLOWED,
        f"playlist_followed:{playlist.id}:{actor.id}",
        "New playlist follower",
        f"{actor.username} follows your playlist {playlist.name}.",
        TargetKind.PLAYLIST,
        playlist.id,
        actor.id,
    )


def playlist_changed(actor: User, playlist: PlaylistTitle, at: datetime) -> News:
    """Somebody edited a playlist you share: once an hour and person, however many edits there are."""
    return News(
        Kind.PLAYLIST_CHANGED,
        f"playlist_changed:{playlist.id}:{actor.id}:{at:%Y-%m-%dT%H}",
        "A playlist changed",
        f"{actor.username} changed the playlist {playlist.name}.",
        TargetKind.PLAYLIST,
        playlist.id,
        actor.id,
    )


def review_helpful(review_id: str, at: datetime) -> News:
    """Your review helped: once a day, and nobody is named."""
    return News(
        Kind.REVIEW_HELPFUL,
        f"review_helpful:{review_id}:{at:%Y-%m-%d}",
        "Your review helped",
        "Somebody found your review helpful.",
        TargetKind.REVIEW,
        review_id,
    )


def review_hidden(review_id: str) -> News:
    """Your review was taken out of sight."""
    return News(
        Kind.REVIEW_HIDDEN,
        f"review_hidden:{review_id}",
        "Your review was hidden",
        "A moderator took your review out of sight.",
        TargetKind.REVIEW,
        review_id,
    )


def album_released(album: Album) -> News:
    """Something new by an artist you follow."""
    what = {"single": "single", "ep": "EP", "compilation": "compilation"}.get(album.album_type, "album")
    return News(
        Kind.ALBUM_RELEASED,
        f"album_released:{album.id}",
        f"New by {album.artist_credit}",
        f"The {what} {album.title} by {album.artist_credit} is out.",
        TargetKind.ALBUM,
        album.id,
    )
