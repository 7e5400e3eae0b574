"""Playlists on their way in: a file becomes a playlist of the songs that are here, and a list of those that are not.

All or nothing: one new playlist in one insert. Refuses to know how files are read (exchange.py) and how their songs are
found (matching.py).
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

from services.errors import Invalid
from services.playlists import formats
from services.playlists.exchange import Track
from services.playlists.formats import Format
from services.playlists.making import Making, PlaylistDraft
from services.playlists.matching import Matching
from services.playlists.words import NAME_LIMIT, read_name
from services.viewer import Role, Viewer
from storage.records import Playlist, Song

USUAL_NAME = "Imported playlist"


@dataclass(slots=True)
class Import:
    """What came of a file. No playlist is made when none of its songs are here."""

    playlist: Playlist | None
    matched: int
    unmatched: list[Track] = field(default_factory=list)


class Imports:
    """Takes playlists in."""

    def __init__(self, matching: Matching, making: Making) -> None:
        self._matching = matching
        self._making = making

    async def take(
        self,
        viewer: Viewer,
        text: str,
        *,
        format: Format | None = None,
        name: str | None = None,
        is_public: bool = True,
    ) -> Import:
        """A new playlist of the viewer's with the file's songs in their order, as far as the viewer may see them.

        Named `name`, or as the file says. Invalid for what is no playlist of that form (told from the text unless
        given); TooLarge beyond 10,000 tracks or 5 million characters.
        """
        viewer.require(Role.LISTENER)
        if name is not None:
            read_name(name)
        exchange = await asyncio.to_thread(formats.read, text, format)
        found = await self._matching.match(viewer, exchange.tracks)
        songs: Sequence[Song] = [song for song in found if song is not None]
        unmatched = [track for track, song in zip(exchange.tracks, found, strict=True) if song is None]
        if not songs:
            return Import(None, 0, unmatched)
        draft = PlaylistDraft(
            _usable_name(exchange.name) if name is None else name, exchange.description, is_public=is_public
        )
        return Import(await self._making.create(viewer, draft, songs), len(songs), unmatched)


def _usable_name(name: str) -> str:
    """The file's own name for itself as far as it may be one: nobody typed it, so it is cut and not refused."""
    try:
        return read_name(name[:NAME_LIMIT])
    except Invalid:
        return USUAL_NAME
