"""Moods: what they are called, how their songs sound, and which words of tags mean them.

Pure. Owns the table of well-known moods; any other word is a mood where songs are tagged with it. The measures are
those of `docs/music-measures.md`. Refuses to know where songs come from.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from services.library.names import fold
from storage.records import Song

Span = tuple[float, float]
_PARTS = re.compile(r"[;,/|]")


@dataclass(frozen=True, slots=True)
class Mood:
    """One mood. `words` are other words for it; a song sounds like it whose measures lie in all of `spans`.

    Energy, valence and danceability are from 0 to 1, tempo in beats a minute.
    """

    name: str
    words: tuple[str, ...] = ()
    spans: dict[str, Span] = field(default_factory=dict)

    @property
    def keys(self) -> frozenset[str]:
        """The folded words that mean it in a tag."""
        return frozenset(map(fold, (self.name, *self.words)))

    def fit(self, song: Song) -> float:
        """How well a song's measures fit, from just above 0 to 1; 0 where one lies outside or nobody knows it."""
        if not self.spans:
            return 0.0
        parts = []
        for name, (low, high) in self.spans.items():
            value: float | None = getattr(song.features, name)
            if value is None or not low <= value <= high:
                return 0.0
            parts.append(_closeness(value, low, high, 1.0 if name != "tempo" else 200.0))
        return 0.1 + 0.9 * sum(parts) / len(parts)


KNOWN = (
    Mood("happy", ("cheerful", "joyful", "upbeat", "fun", "uplifting"), {"energy": (0.4, 1), "valence": (0.6, 1)}),
    Mood("sad", ("melancholy", "melancholic", "gloomy", "heartbreak"), {"energy": (0, 0.5), "valence": (0, 0.4)}),
    Mood("calm", ("chill", "chilled", "relaxed", "relaxing", "mellow", "peaceful", "quiet"), {"energy": (0, 0.4)}),
    Mood("energetic", ("workout", "energy", "gym", "running", "powerful"), {"energy": (0.7, 1), "tempo": (110, 208)}),
    Mood("focus", ("study", "concentration", "work"), {"energy": (0.15, 0.55), "danceability": (0, 0.6)}),
    Mood("party", ("dance", "club", "dancing"), {"energy": (0.6, 1), "danceability": (0.65, 1)}),
    Mood("romantic", ("love", "tender", "sensual"), {"energy": (0.1, 0.55), "valence": (0.4, 0.9), "tempo": (48, 115)}),
    Mood("angry", ("aggressive", "rage", "furious"), {"energy": (0.75, 1), "valence": (0, 0.4)}),
    Mood("dreamy", ("ambient", "ethereal", "sleep", "sleepy"), {"energy": (0, 0.3), "tempo": (48, 100)}),
)
"""Sound alone cannot tell why somebody is sad; the spans are where such songs lie more often than elsewhere."""

BY_WORD = {key: mood for mood in KNOWN for key in mood.keys}


def mood_of(text: str) -> Mood:
    """The mood that a text means: a well-known one, else one of that name alone."""
    key = fold(text)
    return BY_WORD.get(key) or Mood(key)


def words_of(tag: str) -> set[str]:
    """The folded words of a mood tag: `Happy; Upbeat` says two."""
    return {fold(part) for part in _PARTS.split(tag) if part.strip()}


def meant_by(mood: Mood, tags: Iterable[str]) -> list[str]:
    """Those of these tags that say the mood."""
    keys = mood.keys
    return [tag for tag in tags if not keys.isdisjoint(words_of(tag))]


def _closeness(value: float, low: float, high: float, most: float) -> float:
    """1 at the span's middle, or at its end where that is the scale's end; 0 at the edge where the mood ends."""
    open_below, open_above = low <= 0, high >= most
    if open_below and not open_above:
        return (high - value) / (high - low)
    if open_above and not open_below:
        return (value - low) / (high - low) if most == 1.0 else min(1.0, (value - low) / (high - low) * 2)
    return 1 - abs(value - (low + high) / 2) / ((high - low) / 2)
