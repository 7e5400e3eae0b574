"""A playlist, as it changes."""

from __future__ import annotations

from typing import Any

from graph.bind import resolves
from graph.context import Info


@resolves("Subscription.playlist")
async def playlist(_: None, info: Info, id: str) -> Any:
    """The present, then each change."""
    return await info.context.feeds.playlist(info.context.viewer, id)
