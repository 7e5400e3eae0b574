"""What a genre's page shows: its songs, artists and new albums with those of the genres below it, and genres beside it.

Owns how many genres are asked for together: a fixed number of store commands for each list as long as what is read for
all holds enough for each. Refuses to know how a page looks.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeVar

from services.catalogue.access import Condition, all_of, sight_of
from services.catalogue.genres import DESCENDANT_LIMIT
from services.clock import Clock
from services.viewer import Viewer
from storage.collections.collection import Collection
from storage.collections.store import Store
from storage.records import Album, Artist, Genre, Song

TOGETHER = 2000
Wanted = tuple[str, int]
"""A genre's id, and how many rows."""

Record = TypeVar("Record", Song, Artist, Album)
Order = tuple[str, Literal[1, -1]]
PLAYED: Order = ("play_count", -1)
LISTENED: Order = ("monthly_listeners", -1)
RELEASED: Order = ("release_date", -1)


@dataclass(frozen=True, slots=True)
class Families:
    """The genres asked for, each with those below it: by genre, and by what is below what."""

    below: dict[str, set[str]]
    tops: dict[str, set[str]]

    def tops_of(self, genre_ids: Sequence[str]) -> set[str]:
        """Which of the genres asked for something of these genres belongs to."""
        return {top for id in genre_ids for top in self.tops.get(id, ())}


async def families_of(store: Store, ids: Sequence[str]) -> Families:
    """These genres with those below them, 2,000 at most; one store command."""
    below = {id: {id} for id in ids}
    for genre in await store.genres.find({"ancestor_ids": {"$in": list(ids)}}, limit=DESCENDANT_LIMIT):
        for top in set(genre.ancestor_ids) & below.keys():
            below[top].add(genre.id)
    tops: dict[str, set[str]] = {}
    for top, members in below.items():
        for member in members:
            tops.setdefault(member, set()).add(top)
    return Families(below, tops)


class GenrePages:
    """The lists of genres' pages, as a viewer may see them."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def top_songs(self, viewer: Viewer, wanted: Sequence[Wanted]) -> dict[Wanted, list[Song]]:
        """For each genre and how many: the most played songs. Three store commands."""
        sight = await sight_of(self._store, viewer)
        return await self._first(self._store.songs, sight.songs(), PLAYED, wanted)

    async def top_artists(self, viewer: Viewer, wanted: Sequence[Wanted]) -> dict[Wanted, list[Artist]]:
        """For each genre and how many: the artists with the most listeners of a month. Three store commands."""
        sight = await sight_of(self._store, viewer)
        return await self._first(self._store.artists, sight.artists(), LISTENED, wanted)

    async def new_releases(self, viewer: Viewer, wanted: Sequence[Wanted]) -> dict[Wanted, list[Album]]:
        """For each genre and how many: what came out last, up to today. Three store commands."""
        sight = await sight_of(self._store, viewer)
        out: Condition = {"release_date": {"$lte": self._clock.now().date().isoformat()}}
        return await self._first(self._store.albums, [*sight.albums(), out], RELEASED, wanted)

    async def related(self, viewer: Viewer, wanted: Sequence[Wanted]) -> dict[Wanted, list[Genre]]:
        """For each genre and how many: genres that share the most songs and artists with it, then those beside it.

        Neither those above nor those below it. By the 2,000 most played songs and most heard artists of all that are
        asked for; five store commands.
        """
        ids = list(dict.fromkeys(id for id, _ in wanted))
        sight, families = await sight_of(self._store, viewer), await families_of(self._store, ids)
        own, songs, artists = await asyncio.gather(
            self._store.genres.get_many(ids),
            self._rows(self._store.songs, sight.songs(), PLAYED, families),
            self._rows(self._store.artists, sight.artists(), LISTENED, families),
        )
        shared: dict[str, Counter[str]] = {id: Counter() for id in ids}
        for _, genre_ids in (*songs, *artists):
            for top in families.tops_of(genre_ids):
                shared[top].update(set(genre_ids) - families.below[top])
        parents = list({genre.parent_id for genre in own.values() if genre.parent_id is not None})
        beside = await self._store.genres.find({"parent_id": {"$in": parents}}, limit=TOGETHER) if parents else []
        known = await self._store.genres.get_many(list({id for counts in shared.values() for id in counts}))
        known |= {genre.id: genre for genre in beside}
        found: dict[Wanted, list[Genre]] = {}
        for id, limit in wanted:
            genre = own.get(id)
            if genre is None:
                continue
            counts = shared[id]
            near = {each.id for each in beside if each.parent_id == genre.parent_id} - families.below[id]
            others = [each for each in {*counts, *near} if each in known and each not in genre.ancestor_ids]
            ranked = sorted(others, key=lambda each: (-counts[each], known[each].name_key))
            found[id, limit] = [known[each] for each in ranked[:limit]]
        return found

    async def _rows(
        self, collection: Collection[Record], conditions: list[Condition], order: Order, families: Families
    ) -> list[tuple[str, list[str]]]:
        filter = all_of([{"genre_ids": {"$in": sorted(families.tops)}}, *conditions])
        rows = await collection.engine.find(collection.name, filter, sort=[order], limit=TOGETHER, fields=["genre_ids"])
        return [(row["_id"], row.get("genre_ids") or []) for row in rows]

    async def _first(
        self, collection: Collection[Record], conditions: list[Condition], order: Order, wanted: Sequence[Wanted]
    ) -> dict[Wanted, list[Record]]:
        """The first of each genre among the first 2,000 of all; a genre without enough there is asked for alone."""
        families = await families_of(self._store, list(dict.fromkeys(id for id, _ in wanted)))
        rows = await self._rows(collection, conditions, order, families)
        best: dict[str, list[str]] = {id: [] for id in families.below}
        for id, genre_ids in rows:
            for top in families.tops_of(genre_ids):
                best[top].append(id)
        whole = len(rows) < TOGETHER
        lists = {(id, limit): best[id][:limit] for id, limit in wanted if whole or len(best[id]) >= limit}

        async def alone(id: str, limit: int) -> list[Record]:
            filter = all_of([{"genre_ids": {"$in": sorted(families.below[id])}}, *conditions])
            return await collection.find(filter, sort=[order], limit=limit)

        rest = [each for each in dict.fromkeys(wanted) if each not in lists]
        known, others = await asyncio.gather(
            collection.get_many(list({id for ids in lists.values() for id in ids})),
            asyncio.gather(*(alone(*each) for each in rest)),
        )
        found = {each: [known[id] for id in ids if id in known] for each, ids in lists.items()}
        return found | dict(zip(rest, others, strict=True))
