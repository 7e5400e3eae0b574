"""What a fit is worth: exact before begun before misspelt, title before artist before album, the whole name on top.

The same for every engine: tantivy counts with these numbers itself, and what another engine brings is weighed by them
here. Pure; words and names arrive folded.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from storage.search_index.index import Question, Word

PLACES = (("title", 10.0, 6.5, 2.0), ("artist", 7.0, 4.5, 1.4), ("album", 4.0, 2.6, 0.8))
"""For a word by where and how it stands; a misspelt word in the title stays below an exact one on the album."""
WHOLE_POINTS = 8.0
NEAR_WHOLE_POINTS = 1.5
OTHER_SHARE = 0.8
"""A synonym in the title stays above the word itself in the artist's name."""
TWO_OFF_SHARE = 0.5**0.5
BEGUN_MISSPELT_SHARE = 0.5
POPULARITY_SHARE = 0.5
TIE_SHARE = 0.002
"""Decides among equals, alike on every day and in every engine; far below one play in a thousand."""
SHORTEST_BEGUN = 4
"""From so many letters on, a word may be misspelt and not typed to its end."""


@dataclass(frozen=True, slots=True)
class Names:
    """The words of one thing by place, its whole name, and its `factor`."""

    words: Mapping[str, Sequence[str]]
    whole: str
    factor: float


def dice_of(kind: str, id: str) -> int:
    """A thing's own 32 bits."""
    return int.from_bytes(hashlib.blake2b(f"{kind}:{id}".encode(), digest_size=4).digest())


def factor(popularity: float, dice: int) -> float:
    """What the points of a thing are multiplied by: 1 to 1.5 with its popularity (0 to 1), and a hair by its dice."""
    return 1.0 + POPULARITY_SHARE * popularity + dice / 2**32 * TIE_SHARE


class Weighing:
    """One question, and what things are worth as answers to it."""

    def __init__(self, question: Question) -> None:
        self._question = question
        self._places = PLACES[:1] if question.by_name else PLACES
        self._known: dict[tuple[str, str], int] = {}

    def points(self, names: Names) -> float | None:
        """How well these names fit; None when they do not."""
        question = self._question
        words = self._words(names)
        exact = bool(question.whole) and names.whole == question.whole
        near = not exact and question.forgiving and self._near_whole(names.whole)
        needed = sum(word.needed for word in question.words)
        if exact:
            words = max(words or 0.0, PLACES[0][1] * needed)
        if near:
            words = max(words or 0.0, PLACES[0][3] * needed)
        if words is None:
            return None
        besides = WHOLE_POINTS if exact else NEAR_WHOLE_POINTS if near else 0.0
        return (words + besides) * names.factor

    def _words(self, names: Names) -> float | None:
        if not self._question.words:
            return 1.0
        total = 0.0
        for word in self._question.words:
            found = self._word(word, names)
            if not found and word.needed:
                return None
            total += found
        return total

    def _word(self, word: Word, names: Names) -> float:
        ways = [self._way(way, word, names, forgiving=self._question.forgiving) for way in word.ways]
        plain = Word(word.others)
        ways += [OTHER_SHARE * self._way(way, plain, names, forgiving=False) for way in word.others]
        return max(ways, default=0.0)

    def _way(self, way: Sequence[str], word: Word, names: Names, *, forgiving: bool) -> float:
        if len(way) == 1:
            return self._token(way[0], word, names, forgiving=forgiving)
        parts = [self._token(part, word, names, forgiving=False) for part in way]
        return sum(parts) / len(parts) if all(parts) else 0.0

    def _token(self, token: str, word: Word, names: Names, *, forgiving: bool) -> float:
        best = 0.0
        for place, exact, begun, misspelt in self._places:
            there = names.words.get(place, ())
            if token in there:
                best = max(best, exact)
            elif word.prefix and best < begun and any(each.startswith(token) for each in there):
                best = begun
            elif forgiving and word.typos and best < misspelt:
                best = max(best, misspelt * self._nearness(token, word, there))
        return best

    def _nearness(self, token: str, word: Word, there: Sequence[str]) -> float:
        best = 0.0
        for each in there:
            wrong = self._wrong(token, each, word.typos)
            if wrong <= word.typos:
                best = max(best, 1.0 if wrong <= 1 else TWO_OFF_SHARE)
            elif best < BEGUN_MISSPELT_SHARE and word.prefix and self._begins(token, each, word.typos):
                best = BEGUN_MISSPELT_SHARE
        return best

    def _begins(self, token: str, each: str, most: int) -> bool:
        return len(each) > len(token) >= SHORTEST_BEGUN and self._wrong(token, each[: len(token)], most) <= most

    def _near_whole(self, whole: str) -> bool:
        most = self._question.whole_typos
        return bool(most) and self._wrong(self._question.whole, whole, most) <= most

    def _wrong(self, one: str, other: str, most: int) -> int:
        if abs(len(one) - len(other)) > most:
            return most + 1
        found = self._known.get((one, other))
        if found is None:
            found = self._known[one, other] = letters_wrong(one, other)
        return found


def letters_wrong(one: str, other: str) -> int:
    """How many letters are wrong, missing, added or swapped with their neighbour (optimal string alignment)."""
    before: list[int] = []
    last = list(range(len(other) + 1))
    for at, letter in enumerate(one, 1):
        row = [at]
        for place, wanted in enumerate(other, 1):
            cost = min(last[place] + 1, row[-1] + 1, last[place - 1] + (letter != wanted))
            swapped = at > 1 and place > 1 and letter == other[place - 2] and one[at - 2] == wanted
            row.append(min(cost, before[place - 2] + 1) if swapped else cost)
        before, last = last, row
    return last[-1]
