"""What somebody likes: worked out from their plays and likes whenever it is asked, with what they chose on top.

Owns the weights: a play counts half as much every 30 days, a skip not at all, a like as much as five plays. Stores
nothing but the choice. Refuses to recommend.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from services.catalogue.access import sight_of
from services.catalogue.genres import Genres
from services.clock import Clock
from services.discovery.choices import Choice, Choices
from services.discovery.listening import Listening
from services.discovery.shelf import Shelf
from services.discovery.taste_editing import TasteEditing
from services.viewer import Role, Viewer
from storage.collections.store import Store
from storage.records import Edge, Play, Song, Taste

HALF_LIFE_DAYS = 30.0
LIKE_WEIGHT = 5.0
SKIPPED_BELOW_MS = 30_000
SONGS_LOOKED_AT = 400
GENRES_SHOWN = 5
ARTISTS_SHOWN = 10
FEATURES: dict[str, Callable[[Song], float | None]] = {
    "energy": lambda song: song.features.energy,
    "danceability": lambda song: song.features.danceability,
    "valence": lambda song: song.features.valence,
}
"""What a preference is the weighted mean of, in the order of their fields."""


@dataclass(slots=True)
class Leaning:
    """What somebody's plays and likes weigh: by song, artist and genre.

    `plays` counts the plays of an artist's songs, those they feature on included; `chosen` are genres chosen by hand.
    `counted` are the plays of each song that weigh (no skips), `liked` the liked songs that do; `measured` is what the
    three preferences come to from songs alone, whatever was chosen.
    """

    songs: dict[str, float] = field(default_factory=dict)
    artists: dict[str, float] = field(default_factory=dict)
    genres: dict[str, float] = field(default_factory=dict)
    plays: Counter[str] = field(default_factory=Counter)
    energy: float | None = None
    danceability: float | None = None
    valence: float | None = None
    outlines: dict[str, Song] = field(default_factory=dict)
    chosen: list[str] = field(default_factory=list)
    counted: Counter[str] = field(default_factory=Counter)
    liked: set[str] = field(default_factory=set)
    measured: dict[str, float | None] = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        """Whether nothing is known."""
        return not self.songs


@dataclass(slots=True)
class TasteProfile:
    """What somebody likes, as they are shown it. The preferences are None while no song with known features counts."""

    favorite_genre_ids: list[str]
    top_artist_ids: list[str]
    energy_preference: float | None
    danceability_preference: float | None
    valence_preference: float | None
    last_updated: datetime | None
    chosen: bool
    taste: Taste
    leaning: Leaning


class Tastes:
    """Everybody's taste."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        genres: Genres,
        listening: Listening,
        shelf: Shelf,
        choices: Choices,
    ) -> None:
        self._store = store
        self._clock = clock
        self._listening = listening
        self._shelf = shelf
        self._choices = choices
        self._editing = TasteEditing(store, clock, genres, choices)

    async def profile(self, viewer: Viewer) -> TasteProfile:
        """The viewer's taste: their own choice where they made one.

        Three store commands, one more for songs that are not remembered and one for muted genres.
        """
        user_id = viewer.require(Role.LISTENER)
        plays, likes, choice = await asyncio.gather(
            self._listening.history(user_id), self._listening.liked(user_id), self._choices.read(user_id)
        )
        leaning = await self.leaning(viewer, plays, likes, choice)
        taste = choice.taste
        moments = [play.recorded_at for play in plays[:1]] + [edge.created_at for edge in likes[:1]]
        moments += [taste.chosen_at] if taste.chosen_at is not None else []
        genres = {id: weight for id, weight in leaning.genres.items() if id not in choice.muted_genres}
        artists = {id: weight for id, weight in leaning.artists.items() if id not in choice.muted_artists}
        return TasteProfile(
            favorite_genre_ids=taste.favorite_genre_ids or best(genres, GENRES_SHOWN),
            top_artist_ids=best(artists, ARTISTS_SHOWN),
            energy_preference=leaning.energy,
            danceability_preference=leaning.danceability,
            valence_preference=leaning.valence,
            last_updated=max(moments, default=None),
            chosen=bool(taste.favorite_genre_ids),
            taste=taste,
            leaning=leaning,
        )

    async def choose(self, viewer: Viewer, favorite_genres: Sequence[str]) -> TasteProfile:
        """The viewer's taste with these genres as their own choice, as `change` with nothing else."""
        return await self.change(viewer, {"favorite_genres": favorite_genres})

    async def change(self, viewer: Viewer, asked: Mapping[str, Any]) -> TasteProfile:
        """The viewer's taste after a change of any part of it: see `TasteEditing.change`."""
        await self._editing.change(viewer, asked)
        return await self.profile(viewer)

    async def chosen_genres(self, user_id: str) -> list[str]:
        """The genres somebody chose; one store command."""
        taste: Taste | None = await self._store.tastes.get(user_id)
        return taste.favorite_genre_ids if taste is not None else []

    async def leaning(
        self, viewer: Viewer, plays: Sequence[Play], likes: Sequence[Edge], choice: Choice | None = None
    ) -> Leaning:
        """What these plays and likes weigh, by what of them the viewer may see and has not muted; numbers they chose.

        What was before the day that somebody began anew does not count. One store command, and one to read their
        `choice` unless it is handed in.
        """
        sight = await sight_of(self._store, viewer)
        if choice is not None:
            self._choices.note(sight, choice)
        taste = (await self._choices.of(sight)).taste
        if taste.since is not None:
            plays = [play for play in plays if play.started_at >= taste.since]
            likes = [edge for edge in likes if edge.created_at >= taste.since]
        weights = self._weights(plays, likes)
        heaviest = best(weights, SONGS_LOOKED_AT)
        outlines = await self._shelf.these(sight, heaviest)
        leaning = Leaning(outlines=outlines)
        for id in heaviest:
            if id in outlines:
                _add(leaning, outlines[id], weights[id])
        for play in plays:
            if play.song_id in outlines:
                leaning.plays.update(set(_artists_of(outlines[play.song_id])))
                leaning.counted[play.song_id] += not _is_skip(play)
        leaning.liked = {edge.target_id for edge in likes if edge.target_id in outlines}
        known = [(outlines[id], weight) for id, weight in leaning.songs.items()]
        for name, feature in FEATURES.items():
            leaning.measured[name] = _mean(known, feature)
        leaning.energy, leaning.danceability, leaning.valence = (
            leaning.measured[name] if chosen is None else chosen
            for name, chosen in zip(FEATURES, (taste.energy, taste.danceability, taste.valence), strict=True)
        )
        return leaning

    def _weights(self, plays: Sequence[Play], likes: Sequence[Edge]) -> dict[str, float]:
        now = self._clock.now()
        weights: dict[str, float] = {}
        for play in plays:
            if not _is_skip(play):
                age_days = max(0.0, (now - play.started_at).total_seconds() / 86_400)
                weights[play.song_id] = weights.get(play.song_id, 0.0) + 0.5 ** (age_days / HALF_LIFE_DAYS)
        for edge in likes:
            weights[edge.target_id] = weights.get(edge.target_id, 0.0) + LIKE_WEIGHT
        return weights


def best(weights: dict[str, float], limit: int) -> list[str]:
    """The heaviest, equals by id."""
    return sorted(weights, key=lambda id: (-weights[id], id))[:limit]


def _is_skip(play: Play) -> bool:
    return not play.completed and play.ms_played is not None and play.ms_played < SKIPPED_BELOW_MS


def _add(leaning: Leaning, song: Song, weight: float) -> None:
    leaning.songs[song.id] = weight
    for artist_id in _artists_of(song):
        leaning.artists[artist_id] = leaning.artists.get(artist_id, 0.0) + weight
    for genre_id in song.genre_ids:
        leaning.genres[genre_id] = leaning.genres.get(genre_id, 0.0) + weight


def _artists_of(song: Song) -> list[str]:
    return song.artist_ids or [song.artist_id]


def _mean(known: Sequence[tuple[Song, float]], feature: Callable[[Song], float | None]) -> float | None:
    total = weight_of_all = 0.0
    for song, weight in known:
        value = feature(song)
        if value is not None:
            total += weight * value
            weight_of_all += weight
    return round(total / weight_of_all, 4) if weight_of_all else None
