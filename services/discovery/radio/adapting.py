"""What somebody did on a station, and what follows for the songs near to it: skipped, heard to the end, liked.

Pure. Owns the weights: a skip speaks against a song, its artist, its genres and what is near to it; a like speaks for
them three times as loud as hearing to the end; everything half as loud after 30 days. Refuses to read anything.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import Enum

from services.discovery.collaborative.affinities import Affinity
from storage.records import Song

HALF_LIFE_DAYS = 30.0
NEAR_ASKED = 12
"""Of so many reactions the learned model is asked what is near to them."""
NEAR_SONGS = 60
_ITSELF, _NEAR, _ARTIST, _GENRE, _SOUND = 2.0, 1.2, 0.9, 0.5, 0.5
_MOST = 3.0
_REFUSED = -1.5


class Deed(Enum):
    """What was done, and what it weighs."""

    SKIPPED = -1.0
    HEARD = 0.3
    LIKED = 1.0


@dataclass(frozen=True, slots=True)
class Reaction:
    """One deed about one song, on a day: within a day nothing fades, so that a station stays the same."""

    song_id: str
    deed: Deed
    day: date


@dataclass(slots=True)
class Adapting:
    """What the reactions weigh by song, by what the model calls near, by artist and by genre; and how they sound."""

    songs: dict[str, float] = field(default_factory=dict)
    near: dict[str, float] = field(default_factory=dict)
    artists: dict[str, float] = field(default_factory=dict)
    genres: dict[str, float] = field(default_factory=dict)
    wanted_sound: dict[str, float] = field(default_factory=dict)
    refused_sound: dict[str, float] = field(default_factory=dict)

    def refused(self) -> set[str]:
        """The songs that were skipped twice or more of late, and for which nothing else speaks."""
        return {id for id, weight in self.songs.items() if weight <= _REFUSED}

    def factor(self, song: Song) -> float:
        """By how much a song comes sooner (over 1) or later: an eighth to eight times."""
        if not self.songs:
            return 1.0
        raised = _ITSELF * self.songs.get(song.id, 0.0) + _NEAR * self.near.get(song.id, 0.0)
        raised += _ARTIST * self.artists.get(song.artist_id, 0.0)
        if song.genre_ids:
            raised += _GENRE * sum(self.genres.get(id, 0.0) for id in song.genre_ids) / len(song.genre_ids)
        raised += _SOUND * (_closeness(self.wanted_sound, song) - _closeness(self.refused_sound, song))
        return float(2.0 ** max(-_MOST, min(_MOST, raised)))


def adapt(
    reactions: Sequence[Reaction],
    outlines: Mapping[str, Song],
    today: date,
    near_song: Callable[[str, int], Sequence[Affinity]],
) -> Adapting:
    """What these reactions (the newest first) come to; those about songs that are not among the outlines do not count.

    `near_song` says what the learned model calls near to a song.
    """
    made = Adapting()
    for reaction in reactions:
        if reaction.song_id in outlines:
            age_days = max(0, (today - reaction.day).days)
            _add(made.songs, reaction.song_id, reaction.deed.value * 0.5 ** (age_days / HALF_LIFE_DAYS))
    for at, (id, weight) in enumerate(made.songs.items()):
        song = outlines[id]
        _add(made.artists, song.artist_id, weight)
        for genre_id in song.genre_ids:
            _add(made.genres, genre_id, weight / len(song.genre_ids))
        found = near_song(id, NEAR_SONGS) if at < NEAR_ASKED else ()
        most = max((each.score for each in found), default=0.0)
        for each in found:
            _add(made.near, each.id, weight * each.score / most if most > 0 else 0.0)
    # Ten skips of one artist are no more of a verdict than three.
    for weights in (made.songs, made.near, made.artists, made.genres):
        for id, weight in weights.items():
            weights[id] = max(-_MOST, min(_MOST, weight))
    made.wanted_sound = _sound((outlines[id], weight) for id, weight in made.songs.items() if weight > 0)
    made.refused_sound = _sound((outlines[id], -weight) for id, weight in made.songs.items() if weight < 0)
    return made


_FEATURES = ("energy", "danceability", "valence")


def _sound(weighed: Iterable[tuple[Song, float]]) -> dict[str, float]:
    """The weighted mean of each feature that is known."""
    sums: dict[str, float] = {}
    weights: dict[str, float] = {}
    for song, weight in weighed:
        for name in _FEATURES:
            value = getattr(song.features, name)
            if value is not None:
                _add(sums, name, weight * value)
                _add(weights, name, weight)
    return {name: total / weights[name] for name, total in sums.items()}


def _closeness(sound: Mapping[str, float], song: Song) -> float:
    """How near a song is to a sound: 0 to 1, and 0 where nothing is known of either."""
    known = [(mean, getattr(song.features, name)) for name, mean in sound.items()]
    near = [1 - abs(mean - value) for mean, value in known if value is not None]
    return max(0.0, sum(near) / len(near)) if near else 0.0


def _add(weights: dict[str, float], id: str, weight: float) -> None:
    weights[id] = weights.get(id, 0.0) + weight
