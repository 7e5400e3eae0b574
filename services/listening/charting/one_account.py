"""What one account may move in a chart, where few people listened: four first plays of a song, however long it plays.

A day's weight ends at two already; this bounds a whole range, for songs so narrow that one account could matter. Songs
with more listeners are left alone: there it is lost among them. Refuses to rank.
"""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import datetime

from services.listening.charting.counting import Counted, Scope
from services.listening.weights import ONE, weight_of_all
from storage.collections.store import Store
from storage.engine import Document

ACCOUNT_LIMIT = 4 * ONE
NARROW = 300
"""Accounts on a day, added up: a song with more in a range is left as it is."""

SONGS_EVERYWHERE = 1000
SONGS_OF_A_COUNTRY = 200
ARTISTS = 200
_AT_ONCE = 30


class OneAccount:
    """The bound on accounts. A chart's first candidates alone are looked at."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def limit(self, counted: Counted, first_day: str | None) -> None:
        """Take off what single accounts weigh too much in a range that begins on `first_day` (None: all time).

        One store command for 30 narrow songs among the first 1,000 everywhere and the first 200 of each country.
        """
        # Finding the first of every song that was played takes longer than the loop may be held.
        scopes = await asyncio.to_thread(_scopes, counted)
        wanted = sorted(set().union(*(songs for _, _, songs in scopes)))
        for start in range(0, len(wanted), _AT_ONCE):
            part = wanted[start : start + _AT_ONCE]
            by_song = await self._days(part, first_day)
            for country, scope, songs in scopes:
                for song in songs.intersection(by_song):
                    scope.weights[song] -= _too_much(by_song[song], country)

    async def listeners(self, song_ids: Sequence[str], first_day: str) -> dict[str, int]:
        """How many different accounts played each of these narrow songs since a day; one command for 30 songs."""
        counts: dict[str, int] = {}
        for start in range(0, len(song_ids), _AT_ONCE):
            by_song = await self._days(song_ids[start : start + _AT_ONCE], first_day)
            counts |= {song: len(by_account) for song, by_account in by_song.items()}
        return counts

    async def limit_artists(self, artists: Counter[str], since: datetime | None) -> None:
        """As `limit`, for artists: what all their songs weigh, four first plays an account on average at most."""
        narrow = [id for id, weight in artists.most_common(ARTISTS) if weight <= 2 * NARROW * ONE]
        if not narrow:
            return
        dated = {} if since is None else {"last_at": {"$gte": since}}
        rows = await self._store.engine.group(
            self._store.artist_listeners.name,
            {"artist_id": {"$in": narrow}, **dated},
            by=["artist_id"],
            sums={"listeners": 1},
            limit=ARTISTS,
        )
        for row in rows:
            id = row["artist_id"]
            artists[id] = min(artists[id], ACCOUNT_LIMIT * row["listeners"])

    async def _days(self, song_ids: Sequence[str], first_day: str | None) -> dict[str, dict[str, list[Document]]]:
        dated = {} if first_day is None else {"day": {"$gte": first_day}}
        rows = await self._store.engine.find(
            self._store.listens_by_day.name,
            {"song_id": {"$in": list(song_ids)}, **dated},
            limit=NARROW * _AT_ONCE + 1000,
            fields=["song_id", "user_id", "plays", "countries"],
        )
        by_song: dict[str, dict[str, list[Document]]] = {}
        for row in rows:
            by_song.setdefault(row["song_id"], defaultdict(list))[row["user_id"]].append(row)
        return by_song


def _scopes(counted: Counted) -> list[tuple[str | None, Scope, set[str]]]:
    """Everywhere and each country, with the songs to look at."""
    everywhere = counted.everywhere
    scopes: list[tuple[str | None, Scope, set[str]]] = [
        (None, everywhere, _narrow(counted, everywhere, SONGS_EVERYWHERE))
    ]
    for country, scope in counted.by_country.items():
        scopes.append((country, scope, _narrow(counted, scope, SONGS_OF_A_COUNTRY)))
    return scopes


def _narrow(counted: Counted, scope: Scope, candidates: int) -> set[str]:
    first = scope.weights.most_common(candidates)
    return {song for song, weight in first if counted.listeners[song] <= NARROW and weight > ACCOUNT_LIMIT}


def _too_much(by_account: dict[str, list[Document]], country: str | None) -> int:
    over = (weight_of_all(days, country) - ACCOUNT_LIMIT for days in by_account.values())
    return sum(each for each in over if each > 0)
