"""What speaks for which song: artists and genres somebody listens to, what goes with their songs, whom they follow,
how songs sound, what is popular and new; and what speaks against it: skips.

Owns the weights of the blend. The number of store commands is bounded whatever the limit. Refuses to put in order.
"""

from __future__ import annotations

import asyncio

from services.catalogue.access import Sight
from services.discovery.collaborative.affinities import Affinities
from services.discovery.picks import Picks, Reason, Why
from services.discovery.recommending.neighbours import SHARED, Neighbours, Shared
from services.discovery.recommending.pools import Pools
from services.discovery.recommending.sounds import Sounds
from services.discovery.recommending.standing import Basis, Standing
from services.discovery.shelf import Shelf
from services.discovery.taste import best
from services.search.entries import popularity
from storage.records import Song

ARTISTS_USED = 5
FOLLOWED_USED = 10
GENRES_USED = 3
_ARTIST, _FOLLOWED, _GENRE, _POPULAR, _NEW, _SOUND, _SAME = 0.8, 0.7, 0.5, 0.15, 0.12, 0.2, 0.3
_OF_GENRE = 0.15
SKIPPED_KEEPS, SINKING_KEEPS = 0.1, 0.3
"""A song skipped more than played keeps a tenth of what speaks for it, one of an artist who is, three tenths."""

NAMED_LIMIT = 250
SOUNDS_USED = 50
OF_ARTISTS = 150


class Candidates:
    """Songs for somebody, each with all that speaks for it."""

    def __init__(self, shelf: Shelf, pools: Pools, neighbours: Neighbours, affinities: Affinities) -> None:
        self._shelf = shelf
        self._pools = pools
        self._neighbours = neighbours
        self._affinities = affinities

    async def of(self, sight: Sight, standing: Standing) -> tuple[Picks, Shared]:
        """The candidates; and how many people are known to play both a song of theirs and a candidate."""
        picks = Picks()
        shared, *_ = await asyncio.gather(
            self._by_listeners(sight, picks, standing),
            self._by_artists(sight, picks, standing),
            self._by_follows(sight, picks, standing),
            self._by_genres(sight, picks, standing),
            self._by_fame(sight, picks),
        )
        # Pure, and some milliseconds of it.
        await asyncio.to_thread(_weigh, picks, standing)
        return picks, shared

    async def _by_listeners(self, sight: Sight, picks: Picks, standing: Standing) -> Shared:
        if not standing.stands_on(Basis.LISTENING_HISTORY, Basis.LIKED_SONGS):
            return _nobody
        if not self._affinities.is_ready:
            return await self._neighbours.add(sight, picks, standing)
        named = await self._affinities.of_taste(standing.weights(), NAMED_LIMIT)
        songs = await self._pools.these(sight, [each.id for each in named])
        most = max((each.score for each in named), default=1.0)
        for each in named:
            if each.id in songs:
                picks.add(songs[each.id], SHARED * each.score / most, Reason(Why.SHARED, each.because))
        return self._affinities.shared_listeners

    async def _by_artists(self, sight: Sight, picks: Picks, standing: Standing) -> None:
        if not standing.stands_on(Basis.LISTENING_HISTORY, Basis.LIKED_SONGS):
            return
        weights = standing.leaning.artists
        most = max(weights.values(), default=1.0)
        wanted = best(weights, ARTISTS_USED)
        for song in await self._shelf.of_any_artist(sight, wanted, OF_ARTISTS):
            for id in set(wanted) & set(song.artist_ids):
                score = _ARTIST * weights[id] / most * _known(song)
                picks.add(song, score, Reason(Why.ARTIST, id))

    async def _by_follows(self, sight: Sight, picks: Picks, standing: Standing) -> None:
        if not standing.stands_on(Basis.FOLLOWED_ARTISTS):
            return
        wanted = standing.followed[:FOLLOWED_USED]
        for song in await self._shelf.of_any_artist(sight, wanted, OF_ARTISTS):
            for id in set(wanted) & set(song.artist_ids):
                picks.add(song, _FOLLOWED * _known(song), Reason(Why.FOLLOWED, id))

    async def _by_genres(self, sight: Sight, picks: Picks, standing: Standing) -> None:
        if standing.basis is Basis.FOLLOWED_ARTISTS:
            return
        weights = genre_weights(standing)
        wanted = best(weights, GENRES_USED)
        found = await asyncio.gather(*(self._pools.of_genre(sight, id) for id in wanted))
        for id, songs in zip(wanted, found, strict=True):
            for song in songs:
                picks.add(song, _GENRE * weights[id] * _known(song), Reason(Why.GENRE, id))

    async def _by_fame(self, sight: Sight, picks: Picks) -> None:
        popular, newest = await asyncio.gather(self._pools.popular(sight), self._pools.newest(sight))
        for at, song in enumerate(popular):
            picks.add(song, _POPULAR * (1 - at / len(popular) / 2), Reason(Why.POPULAR))
        for at, song in enumerate(newest):
            picks.add(song, _NEW * (1 - at / len(newest) / 2), Reason(Why.NEW))


def _weigh(picks: Picks, standing: Standing) -> None:
    _by_likeness(picks, standing)
    _against_skips(picks, standing)


def _by_likeness(picks: Picks, standing: Standing) -> None:
    """What a song is like beside what one knows of its listeners: this alone speaks for one nobody played yet."""
    leaning, genres = standing.leaning, genre_weights(standing)
    known = [id for id in best(leaning.songs, SOUNDS_USED) if id in standing.listened or id in standing.liked]
    sounds = Sounds([leaning.outlines[id] for id in known])
    for pick in picks.every():
        features = pick.song.features
        pairs = (
            (leaning.energy, features.energy),
            (leaning.danceability, features.danceability),
            (leaning.valence, features.valence),
        )
        near = [1 - abs(liked - has) for liked, has in pairs if liked is not None and has is not None]
        if near:
            picks.lift(pick.song.id, _SOUND * sum(near) / len(near))
        theirs = [genres.get(id, 0.0) for id in pick.song.genre_ids]
        if theirs:
            picks.lift(pick.song.id, _OF_GENRE * max(theirs))
        same = sounds.same_as(pick.song)
        if same is not None:
            picks.add(pick.song, _SAME * _known(pick.song), Reason(Why.SOUND, same))


def _against_skips(picks: Picks, standing: Standing) -> None:
    for pick in picks.every():
        song = pick.song
        if standing.skipped.get(song.id, 0.0) > standing.leaning.songs.get(song.id, 0.0):
            picks.damp(song.id, SKIPPED_KEEPS)
        elif not standing.sinking_artists.isdisjoint(song.artist_ids):
            picks.damp(song.id, SINKING_KEEPS)


def genre_weights(standing: Standing) -> dict[str, float]:
    """What each genre weighs, the heaviest 1; one that was chosen as much as the heaviest more."""
    weights = dict(standing.leaning.genres)
    most = max(weights.values(), default=1.0)
    for id in standing.chosen:
        weights[id] = weights.get(id, 0.0) + most
    most = max(weights.values(), default=1.0)
    return {id: weight / most for id, weight in weights.items()}


def _known(song: Song) -> float:
    return 0.5 + 0.5 * popularity(song.play_count)


def _nobody(seed_id: str, song_id: str) -> int:
    return 0
