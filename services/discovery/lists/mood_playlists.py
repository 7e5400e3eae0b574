"""Playlists of a mood: songs that are tagged with it or sound like it, those nearest to one's taste first.

Owns where candidates come from and how they are weighed; the number of store commands is bounded. The same list all day
(UTC), another one tomorrow: what was played and liked today counts from tomorrow. Refuses to know what moods are.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time
from enum import StrEnum

from services.catalogue.access import Condition, Sight, all_of
from services.catalogue.songs import Songs
from services.clock import Clock
from services.discovery.chance import chance_of
from services.discovery.listening import Listening
from services.discovery.lists.moods import BY_WORD, KNOWN, Mood, meant_by, mood_of, words_of
from services.discovery.picks import Pick, Picks, Reason, Why, in_order
from services.discovery.recommending.pools import Pools
from services.discovery.taste import Leaning, Tastes, best
from services.errors import Invalid
from services.paging import slice_of
from services.typed_text import is_printable
from services.viewer import Viewer
from storage.collections.store import Store
from storage.records import Song

WORD_LIMIT = 60
TAGS_READ = 1000
TAGS_USED = 10
MOODS_SHOWN = 100
MOODS_NAMED = 30
COUNTED = 1000
GENRES_USED = 3
_TAGGED, _MEASURED, _GENRE, _ARTIST, _OWN, _CHANCE = 1.0, 0.8, 0.5, 0.3, 0.2, 0.4


class MoodWhy(StrEnum):
    """Why a song is in a mood's list."""

    TAGGED = "tagged"
    MEASURED = "measured"


@dataclass(slots=True)
class MoodSong:
    """One song of a mood's list, and why it is in it."""

    song: Song
    why: MoodWhy
    reason: str


@dataclass(slots=True)
class MoodPlaylist:
    """A mood's songs in order. `is_yours`: whether a taste was blended in."""

    mood: str
    entries: list[MoodSong]
    is_yours: bool
    reason: str


@dataclass(slots=True)
class MoodCount:
    """A mood of this library: how many songs are tagged with it, and how many sound like it (1,000 at most)."""

    name: str
    words: list[str]
    is_known: bool
    tagged: int = 0
    measured: int = 0


@dataclass(slots=True)
class _Found:
    tagged: dict[str, str] = field(default_factory=dict)
    songs: dict[str, Song] = field(default_factory=dict)


class MoodPlaylists:
    """Moods and their playlists."""

    def __init__(
        self, store: Store, clock: Clock, songs: Songs, tastes: Tastes, listening: Listening, pools: Pools
    ) -> None:
        self._store = store
        self._clock = clock
        self._songs = songs
        self._tastes = tastes
        self._listening = listening
        self._pools = pools

    async def moods(self, viewer: Viewer) -> list[MoodCount]:
        """The moods that songs here have, most songs first, at most 100. One command, and one for each known mood."""
        sight = _sight(viewer)
        tags = await self._tags(sight)
        counts = await asyncio.gather(*(self._measured(sight, mood) for mood in KNOWN))
        found = {
            mood.name: MoodCount(mood.name, list(mood.words), True, measured=count)
            for mood, count in zip(KNOWN, counts, strict=True)
        }
        for tag, songs in tags.items():
            # A tag of several words counts once for each mood it names.
            for name in {mood_of(word).name for word in words_of(tag)}:
                found.setdefault(name, MoodCount(name, [], False)).tagged += songs
        there = [mood for mood in found.values() if mood.tagged or mood.measured]
        return sorted(there, key=lambda mood: (-max(mood.tagged, mood.measured), mood.name))[:MOODS_SHOWN]

    async def playlist(self, viewer: Viewer, text: str, limit: int | None = None) -> MoodPlaylist:
        """The day's songs of a mood, 30 unless told, 1 to 100. Invalid lists what there is for an unknown one."""
        rows = slice_of(limit=limit, default=30).limit
        if not text.strip() or len(text) > WORD_LIMIT or not is_printable(text):
            raise Invalid(f"A mood is a word of 1 to {WORD_LIMIT} characters.", field="mood")
        sight, mood = _sight(viewer), mood_of(text)
        tags = await self._tags(sight)
        meant = meant_by(mood, tags)
        if not meant and mood.name not in BY_WORD:
            raise Invalid(_unknown(tags), field="mood")
        leaning = await self._leaning(viewer)
        found = await self._candidates(sight, mood, meant, leaning)
        day = self._clock.now().date().isoformat()
        picks = _weigh(found, mood, leaning, f"{viewer.user_id}:{mood.name}:{day}")
        ordered = in_order(picks, (), rows)
        whole = await self._songs.get_many(viewer, [pick.song.id for pick in ordered])
        entries = [_entry(whole[pick.song.id], mood, found) for pick in ordered if pick.song.id in whole]
        return MoodPlaylist(mood.name, entries, not leaning.is_empty, _summary(mood, entries, leaning))

    async def _leaning(self, viewer: Viewer) -> Leaning:
        """The viewer's taste as it was when the day began."""
        if viewer.user_id is None:
            return Leaning()
        midnight = datetime.combine(self._clock.now().date(), time(), self._clock.now().tzinfo)
        plays, likes = await asyncio.gather(
            self._listening.history(viewer.user_id), self._listening.liked(viewer.user_id)
        )
        return await self._tastes.leaning(
            viewer,
            [play for play in plays if play.started_at < midnight],
            [edge for edge in likes if edge.created_at < midnight],
        )

    async def _candidates(self, sight: Sight, mood: Mood, meant: Sequence[str], leaning: Leaning) -> _Found:
        tagged = (self._pools.of_mood(sight, tag) for tag in meant[:TAGS_USED])
        genres = (self._pools.of_genre(sight, id) for id in best(leaning.genres, GENRES_USED))
        start = _slice(mood, self._clock.now().date().isoformat())
        found = _Found()
        of_tags, of_genres, measured, popular = await asyncio.gather(
            asyncio.gather(*tagged),
            asyncio.gather(*genres),
            self._pools.of_energy(sight, *start) if mood.spans else _nothing(),
            self._pools.popular(sight),
        )
        for song in (song for songs in of_tags for song in songs):
            found.songs[song.id] = song
        others: Iterable[Song] = (*measured, *popular, *leaning.outlines.values(), *(s for of in of_genres for s in of))
        says = set(meant)
        for song in others:
            if mood.fit(song) > 0 or song.mood in says:
                found.songs.setdefault(song.id, song)
        found.tagged = {id: song.mood for id, song in found.songs.items() if song.mood in says and song.mood}
        return found

    async def _tags(self, sight: Sight) -> Counter[str]:
        """The mood tags of all songs that may be seen, with how many have each; the 1,000 most used."""
        rows = await self._store.engine.group(
            self._store.songs.name,
            all_of([{"is_hidden": False, "mood": {"$gt": ""}}, *_explicit(sight)]),
            by=["mood"],
            sums={"songs": 1},
            sort=[("songs", -1)],
            limit=TAGS_READ,
        )
        return Counter({row["mood"]: row["songs"] for row in rows})

    async def _measured(self, sight: Sight, mood: Mood) -> int:
        spans: Condition = {
            f"features.{name}": {"$gte": float(low), "$lte": float(high)} for name, (low, high) in mood.spans.items()
        }
        filter = all_of([{"is_hidden": False, **spans}, *_explicit(sight)])
        return await self._store.songs.count(filter, limit=COUNTED)


def _sight(viewer: Viewer) -> Sight:
    """What a mood is made from: what everybody sees. What only its owner or the staff see is in no such list."""
    return Sight(False, viewer.explicit_content, frozenset(), viewer.user_id)


def _explicit(sight: Sight) -> list[Condition]:
    return [] if sight.explicit else [{"is_explicit": False}]


def _slice(mood: Mood, day: str) -> tuple[float, float, float]:
    """The mood's span of energy, and where in it the day begins to look."""
    low, high = mood.spans.get("energy", (0.0, 1.0))
    return float(low), float(high), low + (high - low) * chance_of(f"{mood.name}:{day}")


def _weigh(found: _Found, mood: Mood, leaning: Leaning, seed: str) -> list[Pick]:
    most_genre = max(leaning.genres.values(), default=1.0)
    most_artist = max(leaning.artists.values(), default=1.0)
    picks = Picks()
    for id, song in found.songs.items():
        score = _TAGGED * (id in found.tagged) + _MEASURED * mood.fit(song) + _CHANCE * chance_of(f"{seed}:{id}")
        score += _GENRE * max((leaning.genres.get(each, 0.0) for each in song.genre_ids), default=0.0) / most_genre
        score += _ARTIST * max((leaning.artists.get(each, 0.0) for each in song.artist_ids), default=0.0) / most_artist
        score += _OWN * (id in leaning.songs)
        picks.add(song, score, Reason(Why.GENRE))
    return picks.all()


def _entry(song: Song, mood: Mood, found: _Found) -> MoodSong:
    tag = found.tagged.get(song.id)
    if tag is not None:
        return MoodSong(song, MoodWhy.TAGGED, f"Tagged “{tag}”.")
    measures = [f"{name} {getattr(song.features, name):g}" for name in mood.spans]
    return MoodSong(song, MoodWhy.MEASURED, f"It sounds {mood.name}: {', '.join(measures)}.")


def _summary(mood: Mood, entries: Sequence[MoodSong], leaning: Leaning) -> str:
    tagged = sum(entry.why is MoodWhy.TAGGED for entry in entries)
    if not entries:
        return f"No song here is tagged {mood.name} or sounds like it yet."
    parts = [f"{tagged} tagged {mood.name}"] if tagged else []
    parts += [f"{len(entries) - tagged} that sound like it"] if len(entries) > tagged else []
    return f"{' and '.join(parts)}{'' if leaning.is_empty else ', those nearest to your taste first'}."


def _unknown(tags: Counter[str]) -> str:
    own = sorted({word for tag in tags for word in words_of(tag)} - BY_WORD.keys())[:MOODS_NAMED]
    known = ", ".join(mood.name for mood in KNOWN)
    return f"Nobody knows that mood here. Known: {known}" + (f"; tagged here: {', '.join(own)}." if own else ".")


async def _nothing() -> list[Song]:
    return []
