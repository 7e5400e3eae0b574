"""Where each value of a taste comes from: the plays and likes behind it, counted, and the songs that weigh most in it.

Owns the sentences. Every number is that of the plays and likes which were read for the profile. Refuses to weigh.
"""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from services.catalogue.artists import Artists
from services.catalogue.genres import Genres
from services.catalogue.songs import Songs
from services.discovery.taste import FEATURES, Leaning, TasteProfile, best
from services.viewer import Viewer
from storage.records import Song

HEAVIEST = 3


class TasteField(StrEnum):
    """A value of a taste."""

    FAVORITE_GENRE = "favorite_genre"
    TOP_ARTIST = "top_artist"
    ENERGY = "energy"
    DANCEABILITY = "danceability"
    VALENCE = "valence"


class TasteSource(StrEnum):
    """Where a value comes from."""

    CHOSEN = "chosen"
    PLAYS = "plays"
    LIKES = "likes"
    PLAYS_AND_LIKES = "plays_and_likes"
    NOTHING = "nothing"


@dataclass(slots=True)
class TasteOrigin:
    """Where one value comes from.

    `plays` and `likes` are of the `songs` behind it, `measured` is its number without a choice.
    """

    field: TasteField
    source: TasteSource
    text: str
    value: float | None = None
    measured: float | None = None
    genre_id: str | None = None
    artist_id: str | None = None
    plays: int = 0
    likes: int = 0
    songs: int = 0
    heaviest_ids: list[str] = dataclasses.field(default_factory=list)


class TasteOrigins:
    """The explaining of tastes."""

    def __init__(self, artists: Artists, genres: Genres, songs: Songs) -> None:
        self._artists = artists
        self._genres = genres
        self._songs = songs

    async def of(self, viewer: Viewer, profile: TasteProfile) -> list[TasteOrigin]:
        """Each value's origin: genres, artists, then the three preferences. At most three store commands."""
        leaning, taste = profile.leaning, profile.taste
        origins: list[TasteOrigin] = []
        for id in profile.favorite_genre_ids:
            songs = [song for song in leaning.songs if id in leaning.outlines[song].genre_ids]
            origins.append(_origin(TasteField.FAVORITE_GENRE, leaning, songs, is_chosen=profile.chosen))
            origins[-1].genre_id = id
        for id in profile.top_artist_ids:
            songs = [song for song in leaning.songs if id in _by(leaning.outlines[song])]
            origins.append(_origin(TasteField.TOP_ARTIST, leaning, songs, is_chosen=False))
            origins[-1].artist_id = id
        values = (profile.energy_preference, profile.danceability_preference, profile.valence_preference)
        chosen = (taste.energy, taste.danceability, taste.valence)
        for (name, feature), value, own in zip(FEATURES.items(), values, chosen, strict=True):
            songs = [song for song in leaning.songs if feature(leaning.outlines[song]) is not None]
            origins.append(_origin(TasteField(name), leaning, songs, is_chosen=own is not None))
            origins[-1].value, origins[-1].measured = value, leaning.measured.get(name)
        await self._say(viewer, origins, leaning)
        return origins

    async def _say(self, viewer: Viewer, origins: Sequence[TasteOrigin], leaning: Leaning) -> None:
        genres, artists, songs = await asyncio.gather(
            self._genres.get_many(viewer, [each.genre_id for each in origins if each.genre_id]),
            self._artists.get_many(viewer, [each.artist_id for each in origins if each.artist_id]),
            self._songs.get_many(viewer, list(dict.fromkeys(id for each in origins for id in each.heaviest_ids))),
        )
        for origin in origins:
            heaviest = [
                f"“{songs[id].title}” ({_amount(leaning.counted[id], int(id in leaning.liked))})"
                for id in origin.heaviest_ids
                if id in songs
            ]
            facts = f"{_amount(origin.plays, origin.likes)} of {_count(origin.songs, 'song')}"
            if origin.genre_id in genres:
                facts += f" of {genres[origin.genre_id].name}"
            elif origin.artist_id in artists:
                facts += f" by {artists[origin.artist_id].name}"
            else:
                facts += f" with known {origin.field.value}"
            if heaviest:
                facts += f"; the heaviest: {', '.join(heaviest)}"
            if origin.source is TasteSource.NOTHING:
                origin.text = f"Nothing yet: no song that you played or liked has a known {origin.field.value}."
            elif origin.source is not TasteSource.CHOSEN:
                origin.text = f"From {facts}."
            elif not origin.songs:
                origin.text = "You chose this; nothing you played or liked says anything of it yet."
            elif origin.measured is not None:
                origin.text = f"You chose this; without it, it would be {origin.measured:g}, from {facts}."
            else:
                origin.text = f"You chose this; behind it are {facts}."


def _origin(field: TasteField, leaning: Leaning, songs: Iterable[str], *, is_chosen: bool) -> TasteOrigin:
    weights = {id: leaning.songs[id] for id in songs}
    plays = sum(leaning.counted[id] for id in weights)
    likes = sum(id in leaning.liked for id in weights)
    if is_chosen:
        source = TasteSource.CHOSEN
    elif plays and likes:
        source = TasteSource.PLAYS_AND_LIKES
    elif plays or likes:
        source = TasteSource.PLAYS if plays else TasteSource.LIKES
    else:
        source = TasteSource.NOTHING
    heaviest = best(weights, HEAVIEST)
    return TasteOrigin(field, source, "", plays=plays, likes=likes, songs=len(weights), heaviest_ids=heaviest)


def _by(song: Song) -> list[str]:
    return song.artist_ids or [song.artist_id]


def _amount(plays: int, likes: int) -> str:
    parts = [_count(number, noun) for number, noun in ((plays, "play"), (likes, "like")) if number]
    return " and ".join(parts)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
