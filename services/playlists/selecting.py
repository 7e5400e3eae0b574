"""Which songs satisfy a rule tree, in which order, for one listener: the evaluation behind smart playlists.

Bounded: a tree that the store understands whole is counted and cut there; of any other at most 50,000 songs are looked
at, in the order wanted where an index has it, a few at a time so that others get their turn. Refuses to know playlists.
"""

from __future__ import annotations

import asyncio
import hashlib
import heapq
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Literal

from services.catalogue.access import all_of, sight_of
from services.playlists.own_facts import OwnFacts
from services.playlists.rules import Facts, Node, candidates, is_exact, satisfies
from services.viewer import Viewer
from storage.collections.store import Store
from storage.engine import Document
from storage.records import Song

SCANNED_LIMIT = 50_000
_BATCH = 1000
_JUDGED_AT_ONCE = 100
_FIELDS = (
    "genre_ids", "year", "mood", "language", "artist_ids", "album_id", "features", "duration_ms", "play_count",
    "is_explicit", "created_at",
)  # fmt: skip
_LEAST = datetime.min.replace(tzinfo=UTC)


class SmartOrder(StrEnum):
    """Which of the songs that satisfy the rules come first, and which are cut."""

    MOST_PLAYED = "most_played"
    LEAST_RECENTLY_PLAYED = "least_recently_played"
    POPULAR = "popular"
    RECENTLY_ADDED = "recently_added"
    NEWEST = "newest"
    TITLE = "title"
    RANDOM = "random"


_INDEXED: dict[SmartOrder, tuple[str, Literal[1, -1]]] = {
    SmartOrder.POPULAR: ("play_count", -1),
    SmartOrder.RECENTLY_ADDED: ("created_at", -1),
    SmartOrder.NEWEST: ("release_date", -1),
    SmartOrder.TITLE: ("sort_title", 1),
}
Rank = Callable[[str], Any]


@dataclass(frozen=True, slots=True)
class Selection:
    """The first songs in order, and how many there are in all. Of the songs only id and length are known."""

    songs: list[Song]
    match_count: int


class Selecting:
    """Answers rule trees."""

    def __init__(self, store: Store, own_facts: OwnFacts) -> None:
        self._store = store
        self._own_facts = own_facts

    async def select(self, owner: Viewer, tree: Node, order: SmartOrder, limit: int, seed: str) -> Selection:
        """Up to `limit` songs that the owner may see and that satisfy a checked tree by the owner's own facts.

        Equals come by id. RANDOM is the same for the same `seed`. Where more than 50,000 songs would have to be looked
        at, those beyond are left out, of the count too.
        """
        facts = await self._own_facts.gather(
            owner.require("listener"),
            tree,
            needs_plays=order in (SmartOrder.MOST_PLAYED, SmartOrder.LEAST_RECENTLY_PLAYED),
        )
        conditions = [candidates(tree, facts), *(await sight_of(self._store, owner)).songs()]
        filter = all_of([condition for condition in conditions if condition])
        if order in _INDEXED and is_exact(tree, facts):
            return await self._counted(filter, order, limit)
        rank = None if order in _INDEXED else _rank(order, facts, seed)
        # Of each song no more is kept than orders it: fifty thousand records would keep the collector busy.
        found: list[tuple[Any, str, int]] = []
        count = 0
        async for song in self._scanned(filter, order):
            if satisfies(tree, song, facts):
                count += 1
                if rank is not None:
                    found.append((rank(song.id), song.id, song.duration_ms))
                elif len(found) < limit:
                    found.append((None, song.id, song.duration_ms))
        if rank is not None:
            found = await asyncio.to_thread(heapq.nsmallest, limit, found)
        decode = self._store.songs.codec.decode
        return Selection([decode({"_id": id, "duration_ms": length}) for _, id, length in found], count)

    async def _counted(self, filter: dict[str, Any], order: SmartOrder, limit: int) -> Selection:
        songs = self._store.songs
        found, count = await asyncio.gather(
            songs.engine.find(songs.name, filter, sort=[_INDEXED[order]], limit=limit, fields=["duration_ms"]),
            songs.count(filter),
        )
        return Selection([songs.codec.decode(document) for document in found], count)

    async def _scanned(self, filter: dict[str, Any], order: SmartOrder) -> AsyncIterator[Song]:
        songs = self._store.songs
        sort = [_INDEXED[order]] if order in _INDEXED else []
        fields = [*_FIELDS, *(field for field, _ in sort if field not in _FIELDS)]
        after: list[Any] | None = None
        for _ in range(SCANNED_LIMIT // _BATCH):
            found = await songs.engine.find(songs.name, filter, sort=sort, limit=_BATCH, after=after, fields=fields)
            for start in range(0, len(found), _JUDGED_AT_ONCE):
                for document in found[start : start + _JUDGED_AT_ONCE]:
                    yield songs.codec.decode(document)
                await asyncio.sleep(0)
            if len(found) < _BATCH:
                break
            after = _mark(found[-1], sort)


def _mark(last: Document, sort: list[tuple[str, Literal[1, -1]]]) -> list[Any]:
    return [*(last.get(field) for field, _ in sort), last["_id"]]


def _rank(order: SmartOrder, facts: Facts, seed: str) -> Rank:
    """What orders without an index sort by, the least first."""
    if order is SmartOrder.MOST_PLAYED:
        return lambda id: -facts.plays.get(id, 0)
    if order is SmartOrder.LEAST_RECENTLY_PLAYED:
        return lambda id: facts.last_played.get(id, _LEAST)
    return lambda id: hashlib.blake2b(f"{seed}\0{id}".encode(), digest_size=8).digest()
