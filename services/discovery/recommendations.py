"""Recommendations: songs for one person, each for a reason that the stored plays bear out.

Owns what speaks for a song: artists and genres somebody listens to, what people with the same songs play, artists they
follow, and, for want of anything better, what is popular and new. Every number of store commands is bounded whatever
the limit. Refuses to know how a taste is worked out.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from services.catalogue.access import Sight, sight_of
from services.catalogue.artists import Artists
from services.catalogue.genres import Genres
from services.catalogue.songs import Songs
from services.discovery.listening import HEARD_LIMIT, Listening
from services.discovery.picks import Pick, Picks, Reason, Why, in_order
from services.discovery.shelf import Shelf
from services.discovery.taste import Leaning, Tastes, best
from services.paging import slice_of
from services.search.entries import popularity
from services.viewer import Role, Viewer
from storage.collections.store import Store
from storage.records import Song

SEEDS = 8
ARTISTS_USED = 5
FOLLOWED_USED = 10
GENRES_USED = 3
SHARED_LIMIT = 400
_ARTIST, _FOLLOWED, _SHARED, _GENRE, _POPULAR, _NEW, _SOUND = 0.8, 0.7, 1.0, 0.5, 0.15, 0.12, 0.2


class Basis(StrEnum):
    """What recommendations stand on."""

    LISTENING_HISTORY = "listening_history"
    LIKED_SONGS = "liked_songs"
    FOLLOWED_ARTISTS = "followed_artists"
    TASTE = "taste"


@dataclass(slots=True)
class RecommendedGroup:
    """Songs recommended for one reason."""

    reason: str
    songs: list[Song] = field(default_factory=list)


@dataclass(slots=True)
class Recommended:
    """Songs for somebody in the order to show them, why in one sentence, and the same songs by reason."""

    songs: list[Song]
    reason: str
    groups: list[RecommendedGroup]


class Recommendations:
    """What somebody might like."""

    def __init__(
        self,
        store: Store,
        artists: Artists,
        songs: Songs,
        genres: Genres,
        tastes: Tastes,
        listening: Listening,
        shelf: Shelf,
    ) -> None:
        self._store = store
        self._artists = artists
        self._songs = songs
        self._genres = genres
        self._tastes = tastes
        self._listening = listening
        self._shelf = shelf

    async def songs(self, viewer: Viewer, limit: int | None = None, based_on: Basis | None = None) -> list[Song]:
        """Songs for the viewer, the best first; 20 unless told, 1 to 100. What they never played comes first."""
        rows = slice_of(limit=limit).limit
        picks, _ = await self.picks(viewer, rows, based_on)
        return [song for song, _ in await self._whole(viewer, picks)]

    async def blend(self, viewer: Viewer, limit: int | None = None) -> Recommended:
        """Songs for the viewer with the reasons: 20 unless told, 1 to 100."""
        rows = slice_of(limit=limit).limit
        picks, leaning = await self.picks(viewer, rows)
        whole = await self._whole(viewer, picks)
        words = await self._words(viewer, {pick.reason for _, pick in whole}, leaning)
        groups: dict[str, RecommendedGroup] = {}
        for song, pick in whole:
            sentence = words[pick.reason]
            groups.setdefault(sentence, RecommendedGroup(sentence)).songs.append(song)
        return Recommended([song for song, _ in whole], await self._summary(viewer, leaning), list(groups.values()))

    async def picks(
        self, viewer: Viewer, limit: int, based_on: Basis | None = None, *, reserve: int = 0
    ) -> tuple[list[Pick], Leaning]:
        """The picks in the order to show them (`reserve` more than `limit`), and what they stand on."""
        user_id = viewer.require(Role.LISTENER)
        sight = await sight_of(self._store, viewer)
        leaning = await self._leaning(viewer, user_id, based_on)
        picks = Picks()
        await asyncio.gather(
            self._by_artists(sight, picks, leaning, based_on),
            self._by_listeners(sight, picks, leaning, user_id, based_on),
            self._by_genres(sight, picks, leaning, user_id, based_on),
            self._by_follows(sight, picks, user_id, based_on),
            self._by_fame(sight, picks),
        )
        self._by_sound(picks, leaning)
        # Liked is known as well, however seldom it was played here.
        ranked = picks.all()[:HEARD_LIMIT]
        heard = await self._listening.heard(user_id, [pick.song.id for pick in ranked])
        return in_order(ranked, heard | leaning.songs.keys(), limit + reserve), leaning

    async def _leaning(self, viewer: Viewer, user_id: str, based_on: Basis | None) -> Leaning:
        plays = likes = None
        if based_on is not Basis.LIKED_SONGS:
            plays = await self._listening.history(user_id)
        if based_on is not Basis.LISTENING_HISTORY:
            likes = await self._listening.liked(user_id)
        return await self._tastes.leaning(viewer, plays or [], likes or [])

    async def _by_artists(self, sight: Sight, picks: Picks, leaning: Leaning, based_on: Basis | None) -> None:
        if based_on in (Basis.TASTE, Basis.FOLLOWED_ARTISTS):
            return
        wanted = best(leaning.artists, ARTISTS_USED)
        most = max(leaning.artists.values(), default=1.0)
        for id, songs in zip(wanted, await self._of_artists(sight, wanted), strict=True):
            for song in songs:
                weight = _ARTIST * leaning.artists[id] / most
                picks.add(song, weight * (0.5 + 0.5 * popularity(song.play_count)), Reason(Why.ARTIST, id))

    async def _by_follows(self, sight: Sight, picks: Picks, user_id: str, based_on: Basis | None) -> None:
        if based_on not in (None, Basis.FOLLOWED_ARTISTS):
            return
        wanted = [edge.target_id for edge in await self._listening.followed(user_id)][:FOLLOWED_USED]
        for id, songs in zip(wanted, await self._of_artists(sight, wanted), strict=True):
            for song in songs:
                score = _FOLLOWED * (0.5 + 0.5 * popularity(song.play_count))
                picks.add(song, score, Reason(Why.FOLLOWED, id))

    async def _by_listeners(
        self, sight: Sight, picks: Picks, leaning: Leaning, user_id: str, based_on: Basis | None
    ) -> None:
        if based_on in (Basis.TASTE, Basis.FOLLOWED_ARTISTS):
            return
        seeds = best(leaning.songs, SEEDS)
        listeners = await self._listening.listeners(seeds)
        near: dict[str, float] = {}
        for users in listeners.values():
            for other in users:
                if other != user_id:
                    # Sharing a song that everybody plays says little.
                    near[other] = near.get(other, 0.0) + 1 / math.log2(2 + len(users))
        plays = await self._listening.of_people(best(near, len(near)))
        scores: dict[str, float] = {}
        behind: dict[str, dict[str, float]] = {}
        for other, theirs in plays.items():
            distinct = {play.song_id for play in theirs}
            shared = [seed for seed in seeds if seed in distinct]
            for id in distinct - leaning.songs.keys():
                share = near[other] / math.sqrt(len(distinct))
                scores[id] = scores.get(id, 0.0) + share
                for seed in shared:
                    behind.setdefault(id, {})[seed] = behind.get(id, {}).get(seed, 0.0) + share
        # Only what comes from somebody who played one of the seeds in what was read can be reasoned for.
        wanted = [id for id in best(scores, SHARED_LIMIT) if id in behind]
        most = max((scores[id] for id in wanted), default=1.0)
        for id, song in (await self._shelf.these(sight, wanted)).items():
            picks.add(song, _SHARED * scores[id] / most, Reason(Why.SHARED, best(behind[id], 1)[0]))

    async def _by_genres(
        self, sight: Sight, picks: Picks, leaning: Leaning, user_id: str, based_on: Basis | None
    ) -> None:
        if based_on is Basis.FOLLOWED_ARTISTS:
            return
        chosen = await self._tastes.chosen_genres(user_id) if based_on in (None, Basis.TASTE) else []
        leaning.chosen = chosen
        weights = dict(leaning.genres)
        most = max(weights.values(), default=1.0)
        for id in chosen:
            weights[id] = weights.get(id, 0.0) + most
        most = max(weights.values(), default=1.0)
        wanted = best(weights, GENRES_USED)
        found = await asyncio.gather(*(self._shelf.of_genre(sight, id) for id in wanted))
        for id, songs in zip(wanted, found, strict=True):
            for song in songs:
                score = _GENRE * weights[id] / most * (0.5 + 0.5 * popularity(song.play_count))
                picks.add(song, score, Reason(Why.GENRE, id))

    async def _by_fame(self, sight: Sight, picks: Picks) -> None:
        popular, newest = await asyncio.gather(self._shelf.popular(sight), self._shelf.newest(sight))
        for at, song in enumerate(popular):
            picks.add(song, _POPULAR * (1 - at / len(popular) / 2), Reason(Why.POPULAR))
        for at, song in enumerate(newest):
            picks.add(song, _NEW * (1 - at / len(newest) / 2), Reason(Why.NEW))

    def _by_sound(self, picks: Picks, leaning: Leaning) -> None:
        for pick in picks.all():
            features = pick.song.features
            pairs = (
                (leaning.energy, features.energy),
                (leaning.danceability, features.danceability),
                (leaning.valence, features.valence),
            )
            near = [1 - abs(liked - has) for liked, has in pairs if liked is not None and has is not None]
            if near:
                picks.lift(pick.song.id, _SOUND * sum(near) / len(near))

    async def _of_artists(self, sight: Sight, ids: Sequence[str]) -> list[list[Song]]:
        return await asyncio.gather(*(self._shelf.of_artist(sight, id) for id in ids))

    async def _whole(self, viewer: Viewer, picks: Sequence[Pick]) -> list[tuple[Song, Pick]]:
        found = await self._songs.get_many(viewer, [pick.song.id for pick in picks])
        return [(found[pick.song.id], pick) for pick in picks if pick.song.id in found]

    async def _words(self, viewer: Viewer, reasons: set[Reason], leaning: Leaning) -> dict[Reason, str]:
        """Each reason as a sentence; three store commands."""

        def about(*kinds: Why) -> list[str]:
            return [reason.about for reason in reasons if reason.why in kinds]

        artists, genres, songs = await asyncio.gather(
            self._artists.get_many(viewer, about(Why.ARTIST, Why.FOLLOWED)),
            self._genres.get_many(viewer, about(Why.GENRE)),
            self._songs.get_many(viewer, about(Why.SHARED)),
        )
        words: dict[Reason, str] = {}
        for reason in reasons:
            words[reason] = "New here."
            if reason.why in (Why.ARTIST, Why.FOLLOWED) and reason.about in artists:
                name, times = artists[reason.about].name, leaning.plays[reason.about]
                if reason.why is Why.FOLLOWED:
                    words[reason] = f"Because you follow {name}."
                elif times:
                    words[reason] = f"Because you played {name} {times} time{'s' if times > 1 else ''}."
                else:
                    words[reason] = f"Because you like songs by {name}."
            elif reason.why is Why.SHARED and reason.about in songs:
                words[reason] = f"People who play “{songs[reason.about].title}” also play these."
            elif reason.why is Why.GENRE and reason.about in genres:
                words[reason] = f"More {genres[reason.about].name}, which you like."
            elif reason.why is not Why.NEW:
                words[reason] = "Popular here."
        return words

    async def _summary(self, viewer: Viewer, leaning: Leaning) -> str:
        if leaning.is_empty and leaning.chosen:
            chosen = await self._genres.get_many(viewer, leaning.chosen)
            return f"Because you chose {_listed([genre.name for genre in chosen.values()])}."
        if leaning.is_empty:
            return "You have not played or liked anything yet: this is what is popular and new here."
        ids = best(leaning.artists, 3)
        artists = await self._artists.get_many(viewer, ids)
        names = [artists[id].name for id in ids if id in artists]
        if not names:
            return "Because of what you listen to."
        return f"Because you listen to {_listed(names)}."


def _listed(names: Sequence[str]) -> str:
    return f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else "".join(names)
