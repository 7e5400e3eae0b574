"""One topic that a player follows, and how its source is let go. Owns no task: the session does."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Hashable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(eq=False, slots=True)
class Follow:
    """A topic, its source and whoever reads it; `task` is None before it is read."""

    topic: str
    source: AsyncIterator[Mapping[str, Any]]
    seen_as: Hashable = None
    each: bool = False
    task: asyncio.Task[None] | None = None


async def let_go(follow: Follow) -> None:
    """Close the source, if it is of the kind that is closed."""
    close = getattr(follow.source, "aclose", None)
    if close is not None:
        await close()
