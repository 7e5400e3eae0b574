"""The newest readable model of the data folder, put in place of the one before it.

Owns the looking: at the start and every so often, in a worker thread, whichever process made the model. One that
cannot be read is told of once and passed over for an older one, or none. Refuses to make any.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from services.discovery.collaborative.affinities import Affinities
from services.discovery.collaborative.affinity import Origin
from services.discovery.learning.versions import Versions, VersionUnreadable

if TYPE_CHECKING:
    from services.discovery.collaborative.learned import Learned

log = logging.getLogger("tutti.discovery")


class Models:
    """Keeps `affinities` at the newest version that can be read."""

    def __init__(self, versions: Versions, affinities: Affinities) -> None:
        self._versions = versions
        self._affinities = affinities
        self._refused: dict[str, str] = {}
        self._looking = asyncio.Lock()

    @property
    def is_damaged(self) -> bool:
        """Whether a newer version than the one in place could not be read: it is worth learning anew."""
        return bool(self._refused)

    async def look(self) -> bool:
        """Take the newest readable version, unless it is in place; whether another one is now."""
        async with self._looking:
            origin = self._affinities.origin
            current = None if origin is None else origin.version
            learned, refused = await asyncio.to_thread(self._newest, current)
            for version, fault in refused.items():
                if version not in self._refused:
                    log.warning("a learned model cannot be read", extra={"version": version, "fault": fault})
            self._refused = refused
            if learned is None:
                return False
            self._affinities.take(learned)
            facts = learned.origin
            log.info(
                "a learned model is in place",
                extra={"version": facts.version, "songs": len(learned.songs), "plays": facts.plays},
            )
            return True

    def _newest(self, current: str | None) -> tuple[Learned | None, dict[str, str]]:
        """The newest readable version when it is not the current one, and what newer ones were refused for."""
        refused: dict[str, str] = {}
        for version in self._versions.names():
            if version == current:
                break
            if version in self._refused:
                # Once is enough: to find out again would mean to read all of it, every minute.
                refused[version] = self._refused[version]
                continue
            try:
                return self._load(version), refused
            except VersionUnreadable as fault:
                refused[version] = str(fault)
        return None, refused

    def _load(self, version: str) -> Learned:
        # Imported where it is first needed: what it stands on takes 25 MB and a fifth of a second.
        from services.discovery.learning.shape import learned_of

        facts, arrays = self._versions.read(version)
        return learned_of(arrays, Origin(version, facts.made_at, facts.plays, facts.people))
