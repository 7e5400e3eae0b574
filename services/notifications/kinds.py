"""The kinds of news there are, and how each is worded.

Owns sentences and the keys that make the same news one. Refuses to know who is told and where it is kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from storage.records import Album, Notification, User


class Kind(StrEnum):
    """What a notification is about."""

    FOLLOWED = "followed"
    PLAYLIST_INVITED = "playlist_invited"
    PLAYLIST_FOLLOWED = "playlist_followed"
    PLAYLIST_CHANGED = "playlist_changed"
    REVIEW_HELPFUL = "review_helpful"
    REVIEW_HIDDEN = "review_hidden"
    ALBUM_RELEASED = "album_released"
    SUBSCRIPTION_BEGAN = "subscription_began"
    SUBSCRIPTION_RENEWAL_FAILED = "subscription_renewal_failed"
    SUBSCRIPTION_ENDS_SOON = "subscription_ends_soon"
    SUBSCRIPTION_ENDED = "subscription_ended"
    TRIAL_ENDS_SOON = "trial_ends_soon"
    CONTENT_HIDDEN = "content_hidden"
    CONTENT_RESTORED = "content_restored"
    ROOM_INVITED = "room_invited"
    REPORT_RESOLVED = "report_resolved"
    MODERATION_DECIDED = "moderation_decided"
    APPEAL_ANSWERED = "appeal_answered"
    SECURITY = "security"
    ARTIST_CLAIM_ASKED = "artist_claim_asked"
    ARTIST_CLAIM_DECIDED = "artist_claim_decided"
    ARTIST_CLAIM_DISPUTED = "artist_claim_disputed"
    ARTIST_OWNER_CHANGED = "artist_owner_changed"


class TargetKind(StrEnum):
    """What kind of thing a notification leads to."""

    USER = "user"
    PLAYLIST = "playlist"
    ALBUM = "album"
    REVIEW = "review"
    SONG = "song"
    ARTIST = "artist"
    ROOM = "room"


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


def room_invited(actor: User, room_id: str, room_name: str) -> News:
    """Somebody asks you into a room where people listen together."""
    return News(
        Kind.ROOM_INVITED,
        f"room_invited:{room_id}:{actor.id}",
        "Invited to listen together",
        f"{actor.username} asks you into the room {room_name}.",
        TargetKind.ROOM,
        room_id,
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


def playlist_changed(actor: User, playlist: PlaylistTitle, at: datetime, songs: int = 0, edit: str = "") -> News:
    """Somebody edited a playlist you share: once an hour and person, however many edits there are.

    `songs` is how many more it has, `edit` otherwise what was changed: `order` or `details`.
    """
    number = "a song" if abs(songs) == 1 else f"{abs(songs)} songs"
    match (songs > 0) - (songs < 0), edit:
        case 1, _:
            what = f"added {number} to"
        case -1, _:
            what = f"removed {number} from"
        case _, "order":
            what = "reordered"
        case _, "details":
            what = "changed the details of"
        case _:
            what = "changed"
    return News(
        Kind.PLAYLIST_CHANGED,
        f"playlist_changed:{playlist.id}:{actor.id}:{at:%Y-%m-%dT%H}",
        "A playlist changed",
        f"{actor.username} {what} the playlist {playlist.name}.",
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


def subscription_began(user_id: str, tier: str, began: datetime, until: datetime | None) -> News:
    """A tier began."""
    end = "" if until is None else f" It lasts until {_day(until)}."
    return News(
        Kind.SUBSCRIPTION_BEGAN,
        f"subscription_began:{tier}:{began.isoformat(timespec='seconds')}",
        f"Your {tier} subscription began",
        f"You have Tutti {tier} now.{end}",
        TargetKind.USER,
        user_id,
    )


def subscription_renewal_failed(user_id: str, tier: str, period: str, until: datetime | None) -> News:
    """A payment did not go through: once a period."""
    end = "" if until is None else f" Without it your subscription ends on {_day(until)}."
    return News(
        Kind.SUBSCRIPTION_RENEWAL_FAILED,
        f"subscription_renewal_failed:{period}",
        "Your payment failed",
        f"Your {tier} subscription could not be renewed: please look after your payment.{end}",
        TargetKind.USER,
        user_id,
    )


def subscription_ends_soon(user_id: str, tier: str, until: datetime) -> News:
    """A tier ends in some days: once for each end."""
    return News(
        Kind.SUBSCRIPTION_ENDS_SOON,
        f"subscription_ends_soon:{until.isoformat(timespec='seconds')}",
        "Your subscription ends soon",
        f"Your {tier} subscription ends on {_day(until)}.",
        TargetKind.USER,
        user_id,
    )


def subscription_ended(user_id: str, tier: str, at: datetime) -> News:
    """A tier is over."""
    return News(
        Kind.SUBSCRIPTION_ENDED,
        f"subscription_ended:{tier}:{at.isoformat(timespec='seconds')}",
        "Your subscription ended",
        f"Your {tier} subscription is over. Your library and playlists stay as they are.",
        TargetKind.USER,
        user_id,
    )


def trial_ends_soon(user_id: str, tier: str, until: datetime) -> News:
    """A trial ends in some days and is paid for from then on: once for each end."""
    return News(
        Kind.TRIAL_ENDS_SOON,
        f"trial_ends_soon:{until.isoformat(timespec='seconds')}",
        "Your trial ends soon",
        f"Your {tier} trial ends on {_day(until)}. From then on it is paid for, unless you cancel it before.",
        TargetKind.USER,
        user_id,
    )


def content_decided(target_kind: TargetKind, target_id: str, name: str, *, hidden: bool, at: datetime) -> News:
    """A moderator hid something of yours, or brought it back; nobody is named."""
    what = target_kind.value
    return News(
        Kind.CONTENT_HIDDEN if hidden else Kind.CONTENT_RESTORED,
        f"content:{what}:{target_id}:{'hidden' if hidden else 'restored'}:{at.isoformat(timespec='seconds')}",
        f"Your {what} was hidden" if hidden else f"Your {what} is back",
        f"A moderator {'took' if hidden else 'brought'} the {what} {name} {'out of sight' if hidden else 'back'}.",
        target_kind,
        target_id,
    )


def path_to(one: Notification) -> str:
    """Where in the house's pages what a notification is about opens."""
    return "/" if one.target_kind is None else f"/?open={one.target_kind}:{one.target_id}"


def _day(moment: datetime) -> str:
    return f"{moment.day} {moment:%B %Y}"
