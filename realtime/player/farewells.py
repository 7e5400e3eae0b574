"""What is to be done once a player is gone, whyever: each by its name, one after another, each within a bound.

Owns the order and the bound. Refuses to know what is done: whoever wants something done says so.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from services.errors import TuttiError

log = logging.getLogger("tutti.realtime")

Farewell = Callable[[], Awaitable[None]]


class Farewells:
    """The farewells of one player."""

    __slots__ = ("_by_name", "_each_s")

    def __init__(self, each_s: float) -> None:
        self._by_name: dict[str, Farewell] = {}
        self._each_s = each_s

    def add(self, name: str, farewell: Farewell) -> None:
        """Do this too; a later one of the same name replaces it."""
        self._by_name[name] = farewell

    async def say(self) -> None:
        """Do them all; one that fails does not keep the others from being done."""
        for name, farewell in self._by_name.items():
            try:
                async with asyncio.timeout(self._each_s):
                    await farewell()
            except TuttiError as trouble:
                log.info("player's farewell was refused", extra={"farewell": name, "code": trouble.reason})
            except Exception:
                log.exception("player's farewell failed", extra={"farewell": name})
