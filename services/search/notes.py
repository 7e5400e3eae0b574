"""What was told to have changed and is to be looked at soon: ids by kind, from the house's own news.

Owns the bound: beyond 10,000 the following by time must do. Refuses to look.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Sequence

from services.events import Bus, CatalogueChanged, Event, PlaylistChanged, UserChanged
from services.search.entries import Kind

NOTED_LIMIT = 10_000


class Notes:
    """The ids that were noted and not yet taken."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._noted: dict[tuple[Kind, str], None] = {}
        self._woken = asyncio.Event()
        self._deaf: list[Callable[[], None]] = []

    def listen(self) -> None:
        """Note what the house tells from here on."""
        for kind in (CatalogueChanged, PlaylistChanged, UserChanged):
            self._deaf.append(self._bus.hear(kind, self._hear))

    def stop(self) -> None:
        """Hear nothing more."""
        for deaf in self._deaf:
            deaf()
        self._deaf.clear()

    def note(self, kind: Kind, ids: Sequence[str]) -> None:
        """These may have changed, or be gone."""
        for id in ids:
            if len(self._noted) < NOTED_LIMIT:
                self._noted[kind, id] = None
        self.wake()

    def take(self) -> dict[tuple[Kind, str], None]:
        """All of them, which are noted no more."""
        noted, self._noted = self._noted, {}
        return noted

    def give_back(self, noted: dict[tuple[Kind, str], None]) -> None:
        """These were taken and not looked at."""
        self._noted = noted | self._noted

    def wake(self) -> None:
        """End the wait."""
        self._woken.set()

    async def wait(self, seconds: float) -> None:
        """Until something is noted, at most so long."""
        with contextlib.suppress(TimeoutError):
            # Not `wait_for`, which before Python 3.12 can lose a cancellation that comes with the news.
            async with asyncio.timeout(seconds):
                await self._woken.wait()
        self._woken.clear()

    def _hear(self, event: Event) -> None:
        if isinstance(event, CatalogueChanged):
            self.note(Kind.SONG, event.song_ids)
            self.note(Kind.ALBUM, event.album_ids)
            self.note(Kind.ARTIST, event.artist_ids)
        elif isinstance(event, PlaylistChanged):
            self.note(Kind.PLAYLIST, (event.playlist_id,))
        elif isinstance(event, UserChanged):
            self.note(Kind.USER, (event.user_id,))
