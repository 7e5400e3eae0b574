"""How alike two songs are by what they are: genres, how they sound, mood, language, time, artists.

Pure. Each part is 0 to 1; a part that nobody knows of either song does not count.
"""

from __future__ import annotations

from collections.abc import Collection

from storage.records import Song

TEMPO_SPAN = 60.0
YEAR_SPAN = 20.0
_GENRES, _SOUND, _MOOD, _LANGUAGE, _YEAR, _ARTIST = 4.0, 3.0, 1.0, 0.5, 0.5, 1.5


def overlap(one: Collection[str], other: Collection[str]) -> float:
    """The share of what either has that both have (Jaccard)."""
    union = set(one) | set(other)
    return len(set(one) & set(other)) / len(union) if union else 0.0


def likeness(one: Song, other: Song) -> float:
    """0 for songs with nothing known in common to 1 for songs alike in everything that is known."""
    parts: list[tuple[float, float]] = []
    if one.genre_ids or other.genre_ids:
        parts.append((_GENRES, overlap(one.genre_ids, other.genre_ids)))
    parts += [(_SOUND / 4, closeness) for closeness in _sound(one, other)]
    if one.mood and other.mood:
        parts.append((_MOOD, float(one.mood.casefold() == other.mood.casefold())))
    if one.language and other.language:
        parts.append((_LANGUAGE, float(one.language == other.language)))
    if one.year and other.year:
        parts.append((_YEAR, max(0.0, 1 - abs(one.year - other.year) / YEAR_SPAN)))
    parts.append((_ARTIST, overlap(one.artist_ids, other.artist_ids)))
    return sum(weight * value for weight, value in parts) / sum(weight for weight, _ in parts)


def _sound(one: Song, other: Song) -> list[float]:
    found: list[float] = []
    for name in ("energy", "danceability", "valence"):
        mine, theirs = getattr(one.features, name), getattr(other.features, name)
        if mine is not None and theirs is not None:
            found.append(max(0.0, 1 - abs(mine - theirs)))
    if one.features.tempo and other.features.tempo:
        found.append(max(0.0, 1 - abs(one.features.tempo - other.features.tempo) / TEMPO_SPAN))
    return found
