"""What subscriptions listen to: one callable for each, built in `realtime/`, handed over by the composition root.

Owns the list alone. A house without doors has feeds that refuse.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from services.errors import Unavailable
from services.notifications.notifications import NotificationFeed
from services.now_playing import NowPlayingFeed
from services.viewer import Viewer

StateFeed = Callable[[Viewer, str], Awaitable[AsyncIterator[Any]]]
"""Given a viewer and an id: the state now, then the state after each change. NotFound as for reading it."""


async def _refuse(*_: Any) -> Any:
    raise Unavailable("This house has no doors, so nobody can listen.")


_nobody: Any = _refuse


@dataclass(frozen=True, slots=True)
class Feeds:
    """Each subscription's source."""

    now_playing: NowPlayingFeed = _nobody
    notifications: NotificationFeed = _nobody
    notification_trail: Callable[[Viewer, Any], Awaitable[AsyncIterator[Any]]] = _nobody
    queue: StateFeed = _nobody
    devices: StateFeed = _nobody
    room: StateFeed = _nobody
    playlist: StateFeed = _nobody
    presence: StateFeed = _nobody
    friends: Callable[[Viewer], Awaitable[AsyncIterator[Any]]] = _nobody
    transcode: StateFeed = _nobody
