"""Makes somebody's mixes of a day from what they play and like, and from what goes with that.

Owns what is read for it, in a number of finds that is bounded whatever somebody played, and what speaks for a song that
is new to them. Refuses to keep anything.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence

from services.catalogue.access import Sight, sight_of
from services.discovery.chance import chance_of
from services.discovery.collaborative.affinities import Affinities
from services.discovery.listening import Listening
from services.discovery.mixes.clusters import ARTISTS_LIMIT, Voice, sides
from services.discovery.mixes.filling import fill
from services.discovery.shelf import Shelf
from services.discovery.taste import Leaning, Tastes, best
from services.listening.listens import LISTEN_MS
from services.search.entries import popularity
from services.viewer import Viewer
from storage.collections.store import Store
from storage.records import Genre, KeptMix, Play, Song

NEAR_ARTISTS = 100
LEARNED_SONGS = 60
ARTISTS_READ = 20
ARTIST_SONGS = 120
GENRES_READ = 2
NAMED_ARTISTS = 3
_LEARNED, _ARTIST, _GENRE, _POPULAR = 1.5, 1.0, 0.6, 0.2
_ABOVE = 0.5
"""A genre counts so much for those it stands above: indie rock is partly rock."""


class MixMaker:
    """Makes mixes."""

    def __init__(
        self, store: Store, tastes: Tastes, listening: Listening, shelf: Shelf, affinities: Affinities
    ) -> None:
        self._store = store
        self._tastes = tastes
        self._listening = listening
        self._shelf = shelf
        self._affinities = affinities

    async def make(self, viewer: Viewer, user_id: str, day: str) -> list[KeptMix]:
        """The mixes of a day, up to six; none for somebody who played nothing that they may still hear."""
        plays, likes = await asyncio.gather(self._listening.history(user_id), self._listening.liked(user_id))
        leaning = await self._tastes.leaning(viewer, plays, likes)
        if not plays or leaning.is_empty:
            return []
        genres = await self._store.genres.get_many(best(leaning.genres, 1_000))
        heaviest = best(_weights_of_artists(leaning), ARTISTS_LIMIT)
        # Neighbours of sixty artists, and their clusters, are milliseconds of work.
        near = await asyncio.to_thread(self._near, heaviest)
        found = await asyncio.to_thread(sides, _voices(leaning, genres, near, heaviest))
        counts = _counts(plays, leaning)
        sight = await sight_of(self._store, viewer)
        mixes: list[KeptMix] = []
        given: set[str] = set()
        for number, side in enumerate(found, start=1):
            known = {
                id: weight
                for id, weight in leaning.songs.items()
                if leaning.outlines[id].artist_id in {voice.artist_id for voice in side}
            }
            fresh, songs = await self._fresh(sight, user_id, side, known, given | leaning.songs.keys())
            songs |= {id: leaning.outlines[id] for id in known}
            chances = {id: chance_of(f"{user_id}:{day}:{number}:{id}") for id in songs}
            chosen = fill(known, fresh, songs, chances.__getitem__)
            given.update(chosen)
            named = [voice.artist_id for voice in side[:NAMED_ARTISTS]]
            count = len({songs[id].artist_id for id in chosen})
            mixes.append(KeptMix(named, [counts[id] for id in named], chosen, count))
        return mixes

    async def _fresh(
        self, sight: Sight, user_id: str, side: Sequence[Voice], known: Mapping[str, float], taken: set[str]
    ) -> tuple[dict[str, float], dict[str, Song]]:
        """Songs that somebody never played and that go with a side of their taste, and what speaks for each."""
        genres: dict[str, float] = {}
        for voice in side:
            for id, weight in voice.genres.items():
                genres[id] = genres.get(id, 0.0) + voice.weight * weight
        learned = await asyncio.to_thread(self._affinities.for_taste, dict(known), LEARNED_SONGS)
        by_artists, named, *by_genre = await asyncio.gather(
            self._shelf.of_artists(sight, [voice.artist_id for voice in side[:ARTISTS_READ]], ARTIST_SONGS),
            self._of_ids(sight, [each.id for each in learned]),
            *(self._shelf.of_genre(sight, id) for id in best(genres, GENRES_READ)),
        )
        songs = {song.id: song for each in (by_artists, named, *by_genre) for song in each if song.id not in taken}
        heard = await self._listening.heard(user_id, list(songs))
        songs = {id: song for id, song in songs.items() if id not in heard}
        strongest = max((each.score for each in learned), default=0.0) or 1.0
        by_model = {each.id: each.score / strongest for each in learned}
        weights, most_genre = {voice.artist_id: voice.weight for voice in side}, max(genres.values(), default=1.0)
        most_artist = max(weights.values())
        scores: dict[str, float] = {}
        for id, song in songs.items():
            scores[id] = _POPULAR * popularity(song.play_count) + _LEARNED * max(0.0, by_model.get(id, 0.0))
            scores[id] += _ARTIST * (weights.get(song.artist_id, 0.0) / most_artist) ** 0.5
            scores[id] += _GENRE * max((genres.get(each, 0.0) for each in song.genre_ids), default=0.0) / most_genre
        return scores, songs

    async def _of_ids(self, sight: Sight, ids: Sequence[str]) -> list[Song]:
        return list((await self._shelf.these(sight, ids)).values())

    def _near(self, artist_ids: Sequence[str]) -> dict[str, dict[str, float]]:
        """Whom the learned model calls near, the nearest of each as 1."""
        found: dict[str, dict[str, float]] = {}
        for id in artist_ids:
            near = self._affinities.near_artist(id, NEAR_ARTISTS)
            most = max((each.score for each in near), default=0.0)
            found[id] = {each.id: each.score / most for each in near} if most > 0 else {}
        return found


def _weights_of_artists(leaning: Leaning) -> dict[str, float]:
    """What the songs of each artist weigh; those they feature on are others'."""
    weights: dict[str, float] = {}
    for id, weight in leaning.songs.items():
        artist_id = leaning.outlines[id].artist_id
        weights[artist_id] = weights.get(artist_id, 0.0) + weight
    return weights


def _voices(
    leaning: Leaning, genres: Mapping[str, Genre], near: Mapping[str, Mapping[str, float]], artist_ids: Sequence[str]
) -> list[Voice]:
    songs: dict[str, list[tuple[Song, float]]] = {id: [] for id in artist_ids}
    for id, weight in leaning.songs.items():
        if leaning.outlines[id].artist_id in songs:
            songs[leaning.outlines[id].artist_id].append((leaning.outlines[id], weight))
    return [_voice(id, theirs, genres, near.get(id, {})) for id, theirs in songs.items()]


def _voice(
    artist_id: str, songs: Sequence[tuple[Song, float]], genres: Mapping[str, Genre], near: Mapping[str, float]
) -> Voice:
    total = sum(weight for _, weight in songs)
    played: dict[str, float] = {}
    sums: dict[str, float] = {}
    counted: dict[str, float] = {}
    for song, weight in songs:
        above = {up for id in song.genre_ids if id in genres for up in genres[id].ancestor_ids} - set(song.genre_ids)
        for id, share in [*((id, 1.0) for id in song.genre_ids), *((id, _ABOVE) for id in above)]:
            played[id] = played.get(id, 0.0) + share * weight / total
        for name in ("energy", "danceability", "valence"):
            value = getattr(song.features, name)
            if value is not None:
                sums[name] = sums.get(name, 0.0) + weight * value
                counted[name] = counted.get(name, 0.0) + weight
    return Voice(artist_id, total, played, {name: sums[name] / counted[name] for name in sums}, near)


def _counts(plays: Sequence[Play], leaning: Leaning) -> Counter[str]:
    """How often each artist's own songs were played, skips left out."""
    counts: Counter[str] = Counter()
    for play in plays:
        skipped = not play.completed and play.ms_played is not None and play.ms_played < LISTEN_MS
        if not skipped and play.song_id in leaning.outlines:
            counts[leaning.outlines[play.song_id].artist_id] += 1
    return counts
