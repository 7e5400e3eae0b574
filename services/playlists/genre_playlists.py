"""Editorial playlists of a genre: at least half of their songs that may be seen are of it or of a genre below it.

Owns how far is looked: the twenty public editorial playlists with the most followers, the first hundred songs of each.
Refuses to know who makes them.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence

from services.catalogue.access import all_of, sight_of
from services.catalogue.genre_pages import Wanted, families_of
from services.playlists.playlists import Playlists
from services.viewer import Viewer
from storage.collections.store import Store
from storage.records import Playlist

PLAYLISTS_READ = 20
SONGS_READ = 100


class GenrePlaylists:
    """The playlists on genres' pages."""

    def __init__(self, store: Store, playlists: Playlists) -> None:
        self._store = store
        self._playlists = playlists

    async def of_genres(self, viewer: Viewer, wanted: Sequence[Wanted]) -> dict[Wanted, list[Playlist]]:
        """For each genre and how many: its playlists, those with the most followers first. Four store commands."""
        sight, featured, families = await asyncio.gather(
            sight_of(self._store, viewer),
            self._playlists.featured(viewer, PLAYLISTS_READ),
            families_of(self._store, list(dict.fromkeys(id for id, _ in wanted))),
        )
        entries = await self._playlists.entries_of(viewer, [each.id for each in featured]) if featured else {}
        songs = {id: [entry.song_id for entry in each.stretch(0, SONGS_READ)] for id, each in entries.items()}
        ids = list({song for of in songs.values() for song in of})
        filter = all_of([{"_id": {"$in": ids}}, *sight.songs()])
        rows = await self._store.engine.find(
            self._store.songs.name, filter, limit=max(len(ids), 1), fields=["genre_ids"]
        )
        tops = {row["_id"]: families.tops_of(row.get("genre_ids") or []) for row in rows}
        found: dict[Wanted, list[Playlist]] = {each: [] for each in wanted}
        for playlist in featured:
            seen = [tops[id] for id in songs.get(playlist.id, ()) if id in tops]
            counts = Counter(top for of in seen for top in of)
            for genre_id, limit in found:
                chosen = found[genre_id, limit]
                if counts[genre_id] and 2 * counts[genre_id] >= len(seen) and len(chosen) < limit:
                    chosen.append(playlist)
        return found
