"""What somebody chose about their taste, as the rest of discovery asks for it: numbers, a new start, and "not this".

Owns that it is read once for each call, though one list asks a dozen times, and never kept beyond it. Refuses to know
how it is changed (`taste_editing.py`).
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from services.catalogue.access import Condition, Sight
from services.catalogue.genres import DESCENDANT_LIMIT
from storage.collections.store import Store
from storage.records import Song, Taste

_NOTE = "choice"


@dataclass(frozen=True, slots=True)
class Choice:
    """Somebody's choices. `muted_genres` has those below the muted ones too."""

    taste: Taste
    muted_artists: frozenset[str] = field(default_factory=frozenset)
    muted_genres: frozenset[str] = field(default_factory=frozenset)

    def conditions(self) -> list[Condition]:
        """What of the catalogue is not muted, as conditions of a filter for songs."""
        conditions: list[Condition] = []
        if self.muted_artists:
            conditions.append({"artist_ids": {"$nin": sorted(self.muted_artists)}})
        if self.muted_genres:
            conditions.append({"genre_ids": {"$nin": sorted(self.muted_genres)}})
        return conditions

    def mutes(self, song: Song) -> bool:
        """Whether the song is by one of the muted artists, or of one of the muted genres."""
        by = song.artist_ids or [song.artist_id]
        return not self.muted_artists.isdisjoint(by) or not self.muted_genres.isdisjoint(song.genre_ids)


class Choices:
    """Everybody's choices."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def read(self, user_id: str | None) -> Choice:
        """What somebody chose; nobody chose nothing. One store command, and one for muted genres."""
        if user_id is None:
            return Choice(Taste(""))
        taste = await self._store.tastes.get(user_id) or Taste(user_id)
        genres = frozenset(taste.muted_genre_ids)
        if genres:
            wanted = {"ancestor_ids": {"$in": sorted(genres)}}
            below = await self._store.genres.find(wanted, limit=DESCENDANT_LIMIT)
            genres |= {genre.id for genre in below}
        return Choice(taste, frozenset(taste.muted_artist_ids), genres)

    async def of(self, sight: Sight) -> Choice:
        """What the viewer of a call chose: read once for the call, however many finds it makes at a time."""
        noted = sight.notes.get(_NOTE)
        if noted is not None:
            return await asyncio.shield(noted)
        noted = sight.notes[_NOTE] = asyncio.get_running_loop().create_future()
        try:
            choice = await self.read(sight.viewer_id)
        except BaseException as error:
            # Whoever waits beside this one fails as it does; whoever comes later reads anew.
            del sight.notes[_NOTE]
            noted.cancel() if isinstance(error, asyncio.CancelledError) else noted.set_exception(error)
            if noted.done() and not noted.cancelled():
                noted.exception()
            raise
        noted.set_result(choice)
        return choice

    def note(self, sight: Sight, choice: Choice) -> None:
        """What the viewer chose is known for this call."""
        noted = sight.notes[_NOTE] = asyncio.get_running_loop().create_future()
        noted.set_result(choice)
