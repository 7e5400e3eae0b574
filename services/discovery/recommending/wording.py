"""Reasons in words, held once more against the songs as they are now.

Owns the sentences. A reason about something that its reader may not see any more, or that no longer fits its song, is
passed over for the next. Refuses to prove what somebody played.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from services.catalogue.artists import Artists
from services.catalogue.genres import Genres
from services.catalogue.songs import Songs
from services.discovery.picks import Why
from services.discovery.recommending.exploring import is_seldom
from services.discovery.recommending.proofs import Proved
from services.discovery.recommending.sounds import is_same_sound
from services.viewer import Viewer
from storage.records import Artist, Genre, Song

TOLD_OF = 3
"""So many reasons of a song are looked at: what they are about is read for all of them at once."""

_ARTISTS, _SONGS = (Why.ARTIST, Why.FOLLOWED), (Why.SHARED, Why.SONG, Why.SOUND, Why.LIKED)
_ALONE = {
    Why.POPULAR: "Popular here.",
    Why.NEW: "New here.",
    Why.EXPLORE: "Seldom played here, and new to you.",
    Why.UNHEARD: "You have not played this yet.",
    Why.HEARD: "You played this before.",
}


@dataclass(frozen=True, slots=True)
class ToldReason:
    """Why a song is recommended, in one sentence, and what that is about: an artist, a song, a genre or nothing."""

    kind: Why
    text: str
    artist_id: str | None = None
    song_id: str | None = None
    genre_id: str | None = None
    times: int | None = None


class Wording:
    """Says why; three store commands however many songs."""

    def __init__(self, artists: Artists, songs: Songs, genres: Genres) -> None:
        self._artists = artists
        self._songs = songs
        self._genres = genres

    async def of(self, viewer: Viewer, rows: Sequence[tuple[Song, Sequence[Proved]]]) -> list[ToldReason]:
        """The strongest reason of each song that still holds and can be named."""
        looked_at = [[*proved[:TOLD_OF], *proved[-1:]] for _, proved in rows]
        every = {proved for each in looked_at for proved in each}

        def about(kinds: Sequence[Why]) -> list[str]:
            return sorted({proved.about for proved in every if proved.why in kinds})

        artists, songs, genres = await asyncio.gather(
            self._artists.get_many(viewer, about(_ARTISTS)),
            self._songs.get_many(viewer, about(_SONGS)),
            self._genres.get_many(viewer, about((Why.GENRE,))),
        )
        return [
            next(told for proved in each if (told := _told(song, proved, artists, songs, genres)) is not None)
            for (song, _), each in zip(rows, looked_at, strict=True)
        ]


def _told(
    song: Song,
    proved: Proved,
    artists: Mapping[str, Artist],
    songs: Mapping[str, Song],
    genres: Mapping[str, Genre],
) -> ToldReason | None:
    why, about = proved.why, proved.about
    if why in _ARTISTS:
        artist = artists.get(about)
        if artist is None or about not in song.artist_ids:
            return None
        return ToldReason(why, _of_artist(artist.name, proved), artist_id=about, times=proved.times or None)
    if why in _SONGS:
        other = songs.get(about)
        if other is None or (why is Why.SOUND and not is_same_sound(song, other)):
            return None
        return ToldReason(why, _of_song(other.title, proved), song_id=about, times=proved.times or None)
    if why is Why.GENRE:
        genre = genres.get(about)
        if genre is None or about not in song.genre_ids:
            return None
        return ToldReason(why, f"More {genre.name}, which you like.", genre_id=about)
    if (why is Why.EXPLORE and not is_seldom(song)) or (why is Why.POPULAR and not song.play_count):
        return None
    return ToldReason(why, _ALONE[why])


def _of_artist(name: str, proved: Proved) -> str:
    if proved.why is Why.FOLLOWED:
        return f"Because you follow {name}."
    return (
        f"Because you played {name} {_times(proved.times)}." if proved.times else f"Because you like songs by {name}."
    )


def _of_song(title: str, proved: Proved) -> str:
    if proved.why is Why.SHARED:
        return f"Fans of “{title}” also play this."
    if proved.why is Why.SOUND:
        return f"Same key and tempo as “{title}”."
    if proved.why is Why.LIKED:
        return f"Because you like “{title}”."
    return f"Because you played “{title}” {_times(proved.times)}."


def _times(count: int) -> str:
    return f"{count} time{'s' if count > 1 else ''}"


def listed(names: Sequence[str]) -> str:
    """Names in a row, the last after an `and`."""
    return f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else "".join(names)
