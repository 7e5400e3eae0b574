"""What somebody likes: worked out from their plays and likes whenever it is asked, with what they chose on top.

Owns the weights: a play counts half as much every 30 days, a skip not at all, a like as much as five plays. Stores
nothing but the choice. Refuses to recommend.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from services.catalogue.access import sight_of
from services.catalogue.genres import Genres
from services.clock import Clock
from services.discovery.listening import Listening
from services.discovery.shelf import Shelf
from services.errors import Invalid
from services.typed_text import is_printable
from services.viewer import Role, Viewer
from storage.collections.store import Store
from storage.engine import DuplicateKey
from storage.records import Edge, Play, Song, Taste

HALF_LIFE_DAYS = 30.0
LIKE_WEIGHT = 5.0
SKIPPED_BELOW_MS = 30_000
SONGS_LOOKED_AT = 400
GENRES_SHOWN = 5
ARTISTS_SHOWN = 10
CHOICE_LIMIT = 20
GENRE_TEXT_LIMIT = 100


@dataclass(slots=True)
class Leaning:
    """What somebody's plays and likes weigh: by song, artist and genre.

    `plays` counts the plays of an artist's songs, those they feature on included; `chosen` are genres chosen by hand.
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


class Tastes:
    """Everybody's taste."""

    def __init__(self, store: Store, clock: Clock, genres: Genres, listening: Listening, shelf: Shelf) -> None:
        self._store = store
        self._clock = clock
        self._genres = genres
        self._listening = listening
        self._shelf = shelf

    async def profile(self, viewer: Viewer) -> TasteProfile:
        """The viewer's taste: their own choice of genres where they made one. Four store commands."""
        user_id = viewer.require(Role.LISTENER)
        plays, likes, chosen = await asyncio.gather(
            self._listening.history(user_id), self._listening.liked(user_id), self._store.tastes.get(user_id)
        )
        leaning = await self.leaning(viewer, plays, likes)
        own = chosen.favorite_genre_ids if chosen is not None else []
        moments = [play.recorded_at for play in plays[:1]] + [edge.created_at for edge in likes[:1]]
        moments += [chosen.chosen_at] if chosen is not None and chosen.chosen_at is not None else []
        return TasteProfile(
            favorite_genre_ids=own or best(leaning.genres, GENRES_SHOWN),
            top_artist_ids=best(leaning.artists, ARTISTS_SHOWN),
            energy_preference=leaning.energy,
            danceability_preference=leaning.danceability,
            valence_preference=leaning.valence,
            last_updated=max(moments, default=None),
            chosen=bool(own),
        )

    async def choose(self, viewer: Viewer, favorite_genres: Sequence[str]) -> TasteProfile:
        """The viewer's taste with these genres (ids, slugs or names) as their own choice; none takes the choice back.

        Invalid for over 20 genres and for those that do not exist, which are named; then nothing changes.
        """
        user_id = viewer.require(Role.LISTENER)
        ids = await self._read_genres(favorite_genres)
        change = {"$set": {"favorite_genre_ids": ids, "chosen_at": self._clock.now()}}
        try:
            await self._store.tastes.update({"_id": user_id}, change, upsert=True)
        except DuplicateKey:
            await self._store.tastes.update({"_id": user_id}, change)
        return await self.profile(viewer)

    async def chosen_genres(self, user_id: str) -> list[str]:
        """The genres somebody chose; one store command."""
        taste: Taste | None = await self._store.tastes.get(user_id)
        return taste.favorite_genre_ids if taste is not None else []

    async def leaning(self, viewer: Viewer, plays: Sequence[Play], likes: Sequence[Edge]) -> Leaning:
        """What these plays and likes weigh, by what of them the viewer may see; one store command."""
        weights = self._weights(plays, likes)
        sight = await sight_of(self._store, viewer)
        heaviest = best(weights, SONGS_LOOKED_AT)
        outlines = await self._shelf.these(sight, heaviest)
        leaning = Leaning(outlines=outlines)
        for id in heaviest:
            if id in outlines:
                _add(leaning, outlines[id], weights[id])
        for play in plays:
            if play.song_id in outlines:
                leaning.plays.update(set(_artists_of(outlines[play.song_id])))
        known = [(outlines[id], weight) for id, weight in leaning.songs.items()]
        leaning.energy = _mean(known, lambda song: song.features.energy)
        leaning.danceability = _mean(known, lambda song: song.features.danceability)
        leaning.valence = _mean(known, lambda song: song.features.valence)
        return leaning

    def _weights(self, plays: Sequence[Play], likes: Sequence[Edge]) -> dict[str, float]:
        now = self._clock.now()
        weights: dict[str, float] = {}
        for play in plays:
            skipped = not play.completed and play.ms_played is not None and play.ms_played < SKIPPED_BELOW_MS
            if not skipped:
                age_days = max(0.0, (now - play.started_at).total_seconds() / 86_400)
                weights[play.song_id] = weights.get(play.song_id, 0.0) + 0.5 ** (age_days / HALF_LIFE_DAYS)
        for edge in likes:
            weights[edge.target_id] = weights.get(edge.target_id, 0.0) + LIKE_WEIGHT
        return weights

    async def _read_genres(self, texts: Sequence[str]) -> list[str]:
        if len(texts) > CHOICE_LIMIT:
            raise Invalid(f"Choose at most {CHOICE_LIMIT} genres.", field="favoriteGenres")
        for text in texts:
            if not text.strip() or len(text) > GENRE_TEXT_LIMIT or not is_printable(text):
                raise Invalid(f"A genre has 1 to {GENRE_TEXT_LIMIT} letters.", field="favoriteGenres")
        found = await self._genres.named_all(texts) if texts else {}
        unknown = [text for text in texts if text not in found]
        if unknown:
            raise Invalid(f"There is no genre {', '.join(unknown)}.", field="favoriteGenres")
        return list(dict.fromkeys(found[text] for text in texts))


def best(weights: dict[str, float], limit: int) -> list[str]:
    """The heaviest, equals by id."""
    return sorted(weights, key=lambda id: (-weights[id], id))[:limit]


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
