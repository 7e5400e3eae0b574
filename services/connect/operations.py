"""What can be done to a queue, as values: each names items by id, never by index alone. Refuses to know how."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass, field
from enum import StrEnum

from storage.records.play_queue import QueueContext


class Origin(StrEnum):
    """Who put a song there: its owner, the album or list that plays, or the house."""

    USER = "user"
    CONTEXT = "context"
    AUTOPLAY = "autoplay"


class Repeat(StrEnum):
    """What is played again."""

    OFF = "off"
    ALL = "all"
    ONE = "one"


@dataclass(frozen=True, slots=True)
class NewItem:
    """A song on its way into a queue."""

    song_id: str
    duration_ms: int
    origin: Origin = Origin.USER
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Passing:
    """What moving on may meet: songs that cannot be heard are passed over; `more` follow when the queue runs out."""

    hidden: Set[str] = field(default_factory=frozenset)
    more: tuple[NewItem, ...] = ()


@dataclass(frozen=True, slots=True)
class PlayNow:
    """Play these songs from the one at `start`; what the owner queued stays next. `seed` shuffles, None does not."""

    items: tuple[NewItem, ...]
    context: QueueContext
    start: int = 0
    position_ms: float = 0.0
    seed: int | None = None


@dataclass(frozen=True, slots=True)
class Add:
    """Put songs right before an item, else right after what plays (`next`), else after what the owner queued."""

    items: tuple[NewItem, ...]
    before_id: str | None = None
    next: bool = False


@dataclass(frozen=True, slots=True)
class Move:
    """Put an item right before another; at the end for None. One that has gone stays gone."""

    item_id: str
    before_id: str | None


@dataclass(frozen=True, slots=True)
class Remove:
    """Take items out. Those that have gone are no matter; when the one that plays goes, the next plays."""

    item_ids: frozenset[str]
    passing: Passing = Passing()


@dataclass(frozen=True, slots=True)
class Clear:
    """Take out everything that comes later, or `all` of it, which stops the music."""

    all: bool = False


@dataclass(frozen=True, slots=True)
class Next:
    """On to the next item."""

    passing: Passing = Passing()


@dataclass(frozen=True, slots=True)
class Previous:
    """Back to the item's beginning, or to the one before it within its first three seconds."""

    passing: Passing = Passing()


@dataclass(frozen=True, slots=True)
class Jump:
    """On to this item, wherever it is; those between stay where they are."""

    item_id: str


@dataclass(frozen=True, slots=True)
class Ended:
    """The item is over, says the device; or, `silent`, nobody said so and the time is past.

    A device that names the playing by its `play_id` is believed whenever it comes; others only about the song's end.
    """

    item_id: str
    passing: Passing = Passing()
    silent: bool = False
    play_id: str | None = None


@dataclass(frozen=True, slots=True)
class Pause:
    """Stand still."""


@dataclass(frozen=True, slots=True)
class Resume:
    """Go on from where it stands, or with the next that can be heard."""

    passing: Passing = Passing()


@dataclass(frozen=True, slots=True)
class Seek:
    """Go to a position of the item that plays."""

    position_ms: float


@dataclass(frozen=True, slots=True)
class SetRepeat:
    """Repeat nothing, everything or one."""

    repeat: Repeat


@dataclass(frozen=True, slots=True)
class Shuffle:
    """Shuffle by this seed, anew if it was already; None puts everything back."""

    seed: int | None


@dataclass(frozen=True, slots=True)
class SetAutoplay:
    """Whether the house goes on when the queue runs out."""

    on: bool


@dataclass(frozen=True, slots=True)
class SetVolume:
    """How loud the active device is, 0 to 100."""

    volume: int


@dataclass(frozen=True, slots=True)
class Transfer:
    """Play on that device from now on: at once with position, volume and whether it plays; None leaves each."""

    device_id: str | None
    position_ms: float | None = None
    volume: int | None = None
    playing: bool | None = None
    passing: Passing = Passing()


Operation = (
    PlayNow
    | Add
    | Move
    | Remove
    | Clear
    | Next
    | Previous
    | Jump
    | Ended
    | Pause
    | Resume
    | Seek
    | SetRepeat
    | Shuffle
    | SetAutoplay
    | SetVolume
    | Transfer
)
