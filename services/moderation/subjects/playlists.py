"""Playlists as things that can be reported."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.errors import NotFound
from services.moderation.subjects.subject import Subject, facts_of
from services.playlists.making import Making
from services.playlists.playlists import Playlists
from services.viewer import SYSTEM, Viewer


class PlaylistSubject:
    """Playlists: hidden from all but their owner and those they were opened to."""

    def __init__(self, playlists: Playlists, making: Making) -> None:
        self._playlists = playlists
        self._making = making

    async def seen(self, viewer: Viewer, id: str, place_id: str | None) -> Subject:
        """A playlist that the viewer sees."""
        playlist = await self._playlists.get(viewer, id)
        return Subject(playlist.user_id, playlist.name, facts_of(name=playlist.name, description=playlist.description))

    async def before_hiding(self, id: str, place_id: str | None) -> dict[str, Any]:
        """Nothing: it is only hidden."""
        return {}

    async def hide(self, by: Viewer, id: str, place_id: str | None, why: str) -> None:
        """Out of sight, also from the index and from those who follow it."""
        await self._set(by, id, hidden=True)

    async def restore(self, by: Viewer, id: str, place_id: str | None, undo: Mapping[str, Any]) -> None:
        """In sight again."""
        await self._set(by, id, hidden=False)

    async def remove(self, by: Viewer, id: str, place_id: str | None, why: str) -> None:
        """Deleted, with its followers' edges."""
        try:
            await self._making.delete(SYSTEM, id)
        except NotFound:
            return

    async def _set(self, by: Viewer, id: str, *, hidden: bool) -> None:
        try:
            await self._making.set_hidden(by, id, hidden)
        except NotFound:
            return
