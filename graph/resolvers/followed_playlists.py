"""A playlist, as it changes."""

from __future__ import annotations

from typing import Any

from graph.bind import resolves
from graph.context import Info
from graph.impersonal import shared_where
from services.playlists.access import may_see


@resolves("Subscription.playlist")
@shared_where(may_see)
async def playlist(_: None, info: Info, id: str) -> Any:
    """The present, then each change."""
    return await info.context.feeds.playlist(info.context.viewer, id)
