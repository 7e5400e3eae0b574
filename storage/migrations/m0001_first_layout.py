"""The first layout: every collection of the first release exists, with its indexes."""

from __future__ import annotations

from storage.engine import Engine
from storage.indexes import ensure_indexes


async def apply(engine: Engine) -> None:
    """Make the collections and indexes; what is there already stays as it is."""
    await ensure_indexes(engine)
