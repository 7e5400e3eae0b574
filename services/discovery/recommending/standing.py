"""What recommendations for one person stand on: what they played, skipped, liked, follow and chose.

Owns what counts as a skip's weight and how many plays are known exactly. Reads the ledger and the edges in a bounded
number of commands. Refuses to recommend.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from services.catalogue.access import Sight
from services.clock import Clock
from services.discovery.choices import Choices
from services.discovery.listening import HISTORY_ROWS, Listening
from services.discovery.taste import HALF_LIFE_DAYS, SKIPPED_BELOW_MS, Leaning, Tastes
from services.viewer import Role, Viewer
from storage.collections.store import Store
from storage.records import Edge, Play

SKIPS_THAT_TELL = 3
"""An artist skipped so often, and more often than heard, sinks."""

Mark = tuple[Any, ...]


class Basis(StrEnum):
    """What recommendations stand on."""

    LISTENING_HISTORY = "listening_history"
    LIKED_SONGS = "liked_songs"
    FOLLOWED_ARTISTS = "followed_artists"
    TASTE = "taste"


@dataclass(slots=True)
class Standing:
    """`played` and `artists_played` count the ledger's plays, skips too; those of the newest 1,000 unless `is_whole`.

    `listened` are songs played and not always skipped, `skipped` weighs skips like plays are weighed.
    """

    user_id: str
    leaning: Leaning
    basis: Basis | None = None
    played: Counter[str] = field(default_factory=Counter)
    artists_played: Counter[str] = field(default_factory=Counter)
    unfolded: Counter[str] = field(default_factory=Counter)
    listened: set[str] = field(default_factory=set)
    skipped: dict[str, float] = field(default_factory=dict)
    sinking_artists: set[str] = field(default_factory=set)
    liked: set[str] = field(default_factory=set)
    followed: list[str] = field(default_factory=list)
    chosen: list[str] = field(default_factory=list)
    is_whole: bool = True

    def stands_on(self, *bases: Basis) -> bool:
        """Whether one of these bases is asked for, or all are."""
        return self.basis is None or self.basis in bases

    def weights(self) -> dict[str, float]:
        """What their songs weigh, those they skip more than they play below 0: what a model is asked with."""
        made = dict(self.leaning.songs)
        for id, weight in self.skipped.items():
            made[id] = made.get(id, 0.0) - weight
        return {id: weight for id, weight in made.items() if weight}


class Standings:
    """Reads what people stand on."""

    def __init__(self, store: Store, clock: Clock, tastes: Tastes, listening: Listening, choices: Choices) -> None:
        self._store = store
        self._clock = clock
        self._tastes = tastes
        self._listening = listening
        self._choices = choices

    async def mark(self, user_id: str) -> Mark:
        """Something that differs after a play, a like, a follow or a choice; four small store commands."""
        store, mine = self._store, {"user_id": user_id}
        newest, likes, follows, taste = await asyncio.gather(
            store.plays.first(mine, sort=[("started_at", -1)]),
            store.liked_songs.count(mine),
            store.followed_artists.count(mine),
            store.tastes.get(user_id),
        )
        play = None if newest is None else (newest.id, newest.ms_played, newest.completed)
        return play, likes, follows, taste

    async def of(self, viewer: Viewer, sight: Sight, basis: Basis | None) -> Standing:
        """What the viewer stands on; five store commands at most."""
        user_id = viewer.require(Role.LISTENER)
        plays, likes, followed, choice = await asyncio.gather(
            self._listening.history(user_id),
            _nothing() if basis is Basis.LISTENING_HISTORY else self._listening.liked(user_id),
            self._listening.followed(user_id) if basis in (None, Basis.FOLLOWED_ARTISTS) else _nothing(),
            self._choices.of(sight),
        )
        by_plays = plays if basis is not Basis.LIKED_SONGS else []
        standing = Standing(user_id, await self._tastes.leaning(viewer, by_plays, likes, choice), basis)
        standing.leaning.chosen = choice.taste.favorite_genre_ids if standing.stands_on(Basis.TASTE) else []
        self._count(standing, plays, choice.taste.since)
        standing.liked = {edge.target_id for edge in likes}
        standing.followed = [edge.target_id for edge in followed]
        standing.chosen = standing.leaning.chosen
        return standing

    async def exactly(self, standing: Standing, artist_ids: Sequence[str], song_ids: Sequence[str]) -> None:
        """Make these counts exact where more was played than was read: roll-ups and what they lack, two commands."""
        if standing.is_whole:
            return
        user_id = standing.user_id
        of_artists, of_songs = await asyncio.gather(
            self._store.artist_listeners.get_many([f"{id}:{user_id}" for id in artist_ids]),
            self._store.listens.get_many([f"{user_id}:{id}" for id in song_ids]),
        )
        for artist in of_artists.values():
            known = artist.plays + standing.unfolded[artist.artist_id]
            standing.artists_played[artist.artist_id] = max(known, standing.artists_played[artist.artist_id])
        for song in of_songs.values():
            known = song.plays + standing.unfolded[song.song_id]
            standing.played[song.song_id] = max(known, standing.played[song.song_id])

    def _count(self, standing: Standing, plays: Sequence[Play], since: datetime | None) -> None:
        now, artist_skips = self._clock.now(), Counter[str]()
        for play in plays:
            standing.played[play.song_id] += 1
            artists = set(play.artist_ids)
            standing.artists_played.update(artists)
            if not play.folded:
                standing.unfolded.update({play.song_id, *artists})
            if is_skip(play):
                if since is not None and play.started_at < since:
                    continue
                age_days = max(0.0, (now - play.started_at).total_seconds() / 86_400)
                weight = standing.skipped.get(play.song_id, 0.0) + 0.5 ** (age_days / HALF_LIFE_DAYS)
                standing.skipped[play.song_id] = weight
                artist_skips.update(artists)
            else:
                standing.listened.add(play.song_id)
        standing.sinking_artists = {
            id
            for id, skips in artist_skips.items()
            if skips >= SKIPS_THAT_TELL and skips > standing.artists_played[id] - skips
        }
        standing.is_whole = len(plays) < HISTORY_ROWS


def is_skip(play: Play) -> bool:
    """Whether a play ended before half a minute, and before its song did."""
    return not play.completed and play.ms_played is not None and play.ms_played < SKIPPED_BELOW_MS


async def _nothing() -> list[Edge]:
    """Edges that are not asked for."""
    return []
