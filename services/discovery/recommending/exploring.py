"""Exploration: one place in ten goes to a song that few play, near what somebody likes.

Owns which songs qualify and where they go: the same for one person all day (UTC), others tomorrow. Refuses to know
how the rest is ranked.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Collection
from datetime import date

from services.catalogue.access import Sight
from services.discovery.picks import Pick, Reason, Why
from services.discovery.recommending.candidates import genre_weights
from services.discovery.recommending.pools import Pools
from services.discovery.recommending.standing import Basis, Standing
from services.discovery.taste import best
from storage.records import Song

EVERY = 10
FIRST_AT = 6
SELDOM = 10
"""A song played less often by everybody together is seldom played."""

GENRES_EXPLORED = 2


class Exploration:
    """Finds and places songs to explore."""

    def __init__(self, pools: Pools) -> None:
        self._pools = pools

    async def songs(self, sight: Sight, standing: Standing, day: date) -> list[Song]:
        """Seldom played songs of the genres somebody leans to, never played by them, in the day's order."""
        if standing.basis not in (None, Basis.TASTE):
            return []
        weights = genre_weights(standing)
        wanted = best(weights, GENRES_EXPLORED)
        newest, *seldom = await asyncio.gather(
            self._pools.newest(sight), *(self._pools.seldom_of_genre(sight, id) for id in wanted)
        )
        near = {song.id: song for songs in seldom for song in songs}
        near |= {song.id: song for song in newest if not weights.keys().isdisjoint(song.genre_ids)}
        unknown = (song for song in near.values() if is_seldom(song) and song.id not in standing.played)
        return sorted(unknown, key=lambda song: _chance(standing.user_id, day, song.id))


def is_seldom(song: Song) -> bool:
    """Whether few play it."""
    return song.play_count < SELDOM


def with_exploration(ranked: list[Pick], songs: list[Song], limit: int, refused: Collection[str] = ()) -> list[Pick]:
    """The ranked picks with a song to explore at the 7th place, the 17th and so on, one that is further down moved up.

    No artist comes twice in a row for that.
    """
    made, waiting = list(ranked), [song for song in songs if song.id not in refused]
    for place in range(FIRST_AT, min(limit, len(ranked)), EVERY):
        places = {pick.song.id: at for at, pick in enumerate(made)}
        fitting = (song for song in waiting if _fits(made, places.get(song.id), place, song))
        chosen = next(fitting, None)
        if chosen is not None:
            waiting.remove(chosen)
            if chosen.id in places:
                made.pop(places[chosen.id])
            made.insert(place, Pick(chosen, reasons={Reason(Why.EXPLORE): 1.0}, reason=Reason(Why.EXPLORE)))
    return made


def _fits(made: list[Pick], now_at: int | None, place: int, song: Song) -> bool:
    if song.artist_id in (made[place - 1].song.artist_id, made[place].song.artist_id):
        return False
    if now_at is None:
        return True
    if now_at <= place:
        return False
    around = [pick.song.artist_id for pick in made[now_at - 1 : now_at + 2 : 2]]
    return len(around) < 2 or around[0] != around[1]


def _chance(user_id: str, day: date, song_id: str) -> bytes:
    return hashlib.blake2b(f"{user_id}:{day.isoformat()}:{song_id}".encode(), digest_size=8).digest()
