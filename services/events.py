"""What happened, told after it was written. Events carry ids only; each hearer re-reads with its own viewer.

Owns the event types and the bus inside one process. Refuses to know sockets, brokers and who listens.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from services.leaving_events import AccountErased as AccountErased
from services.leaving_events import AccountLeaving as AccountLeaving
from services.security_events import SecurityMattered
from services.subscription_events import SubscriptionChanged as SubscriptionChanged
from services.subscription_events import SubscriptionStep as SubscriptionStep

log = logging.getLogger("tutti.events")


@dataclass(frozen=True, slots=True)
class NowPlayingChanged:
    """A listener started (or, with `song_id` None, stopped) playing a song."""

    user_id: str
    song_id: str | None
    at: datetime


@dataclass(frozen=True, slots=True)
class SessionEnded:
    """A sign-in session is over (logged out, replayed, suspended): its sockets and streams go too."""

    user_id: str
    session_id: str


@dataclass(frozen=True, slots=True)
class CatalogueChanged:
    """Songs, albums or artists were added, changed, hidden or brought back by an import or an edit."""

    song_ids: tuple[str, ...] = ()
    album_ids: tuple[str, ...] = ()
    artist_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AlbumReleased:
    """An album came out: it is new in the catalogue, or was hidden until now."""

    album_id: str
    artist_id: str


@dataclass(frozen=True, slots=True)
class UserChanged:
    """Somebody's profile or preferences changed."""

    user_id: str


@dataclass(frozen=True, slots=True)
class UserFollowed:
    """`user_id` began to follow `target_id`."""

    user_id: str
    target_id: str


@dataclass(frozen=True, slots=True)
class UserUnfollowed:
    """`user_id` follows `target_id` no more."""

    user_id: str
    target_id: str


@dataclass(frozen=True, slots=True)
class PlaylistChanged:
    """A playlist was made, edited or (with `gone`) deleted; `rev` counts its edits.

    `songs` is how many more it has than before; `edit` says whether its `songs`, `order` or `details` changed.
    """

    playlist_id: str
    by_id: str
    rev: int
    gone: bool = False
    songs: int = field(default=0, compare=False)
    edit: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class PlaylistFollowed:
    """`user_id` began to follow a playlist of `owner_id`."""

    user_id: str
    playlist_id: str
    owner_id: str


@dataclass(frozen=True, slots=True)
class RoomInvited:
    """`by_id` asked `user_id` into a room where people listen together."""

    room_id: str
    user_id: str
    by_id: str


@dataclass(frozen=True, slots=True)
class PlaylistInvited:
    """`by_id` let `user_id` into a playlist, as an editor or viewer."""

    playlist_id: str
    user_id: str
    by_id: str


@dataclass(frozen=True, slots=True)
class ReviewFoundHelpful:
    """`by_id` found the review of `author_id` helpful."""

    review_id: str
    author_id: str
    by_id: str


@dataclass(frozen=True, slots=True)
class ReviewHidden:
    """A moderator took the review of `author_id` out of sight."""

    review_id: str
    author_id: str


@dataclass(frozen=True, slots=True)
class ContentModerated:
    """A moderator hid something of `owner_id`, or brought it back; `kind` is song, album, artist or playlist."""

    kind: str
    target_id: str
    owner_id: str
    name: str
    hidden: bool
    at: datetime


@dataclass(frozen=True, slots=True)
class PlayRecorded:
    """A play entered the ledger; never one of a private session."""

    user_id: str
    song_id: str
    play_id: str


@dataclass(frozen=True, slots=True)
class Notified:
    """Notifications were written: pairs of a user's id and their notification's id, a batch at a time."""

    notices: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class PushDue:
    """Notifications to be pushed were written: pairs of a user's id and the notification's; `unlisted` or not."""

    notices: tuple[tuple[str, str], ...]
    unlisted: bool = False


@dataclass(frozen=True, slots=True)
class NotificationsRead:
    """Somebody read some of their notifications, or (with no ids) all of them."""

    user_id: str
    ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class BroadcastMade:
    """There is news for all followers of an artist who has too many to write to each."""

    broadcast_id: str


@dataclass(frozen=True, slots=True)
class QueueChanged:
    """Somebody's queue of songs, or what plays of it, is at revision `rev` now."""

    user_id: str
    rev: int


@dataclass(frozen=True, slots=True)
class DevicesChanged:
    """Somebody's devices came, went or changed; `rev` grows with each change."""

    user_id: str
    rev: int


@dataclass(frozen=True, slots=True)
class RoomChanged:
    """A room where people listen together is at revision `rev` now."""

    room_id: str
    rev: int


@dataclass(frozen=True, slots=True)
class SongProgressed:
    """What is made of a song's sound went a step further; `rev` counts the steps."""

    song_id: str
    rev: int


@dataclass(frozen=True, slots=True)
class PresenceChanged:
    """Somebody came online, went offline, or is seen by others than before."""

    user_id: str
    rev: int


Event = (
    NowPlayingChanged
    | SessionEnded
    | CatalogueChanged
    | AlbumReleased
    | UserChanged
    | UserFollowed
    | UserUnfollowed
    | PlaylistChanged
    | PlaylistFollowed
    | PlaylistInvited
    | RoomInvited
    | ReviewFoundHelpful
    | ReviewHidden
    | PlayRecorded
    | SubscriptionChanged
    | SecurityMattered
    | AccountLeaving
    | AccountErased
    | ContentModerated
    | PushDue
    | Notified
    | NotificationsRead
    | BroadcastMade
    | QueueChanged
    | DevicesChanged
    | RoomChanged
    | PresenceChanged
    | SongProgressed
)
Hearer = Callable[[Event], None]


class Bus:
    """Hands each published event to its hearers at once. Hearers only take note (put on a queue); they never wait."""

    def __init__(self) -> None:
        self._hearers: dict[type, list[Hearer]] = {}

    def hear(self, kind: type, hearer: Hearer) -> Callable[[], None]:
        """Call `hearer` for each event of `kind`; the returned function stops that."""
        self._hearers.setdefault(kind, []).append(hearer)

        def deaf() -> None:
            if hearer in self._hearers.get(kind, []):
                self._hearers[kind].remove(hearer)

        return deaf

    def publish(self, event: Event) -> None:
        """Tell everybody who hears this kind. One hearer's bug is logged and does not silence the others."""
        for hearer in list(self._hearers.get(type(event), ())):
            try:
                hearer(event)
            except Exception:
                log.exception("event hearer failed", extra={"event": type(event).__name__})
