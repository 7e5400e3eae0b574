"""Which words of a name answer which words of a question, and how well: exactly, begun, as a synonym, misspelt.

Owns the same rules by which an index finds a name, over one name that is there. Refuses to know indexes and what is
made of the answer.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from services.search.matches.written import Unit
from storage.search_index.index import Word

SHORTEST_BEGINNING = 4


@dataclass(frozen=True, slots=True)
class Match:
    """One place of a name that answers a word, from `start` to `end`; `edits` letters differ in a misspelt one."""

    start: int
    end: int
    how: Literal["exact", "begun", "synonym", "misspelt"]
    edits: int = 0


def matches(word: Word, units: Sequence[Unit]) -> list[Match]:
    """The places of a name that answer a word as it is written; a word that is not needed only exactly.

    Those of the first way that is there: `방탄` marks its own letters, not all that its Latin spelling might mean.
    """
    for way in word.ways:
        found = _way(way, units, begun=word.prefix and word.needed)
        if found:
            return found
    for way in word.others:
        found = _way(way, units, begun=False)
        if found:
            return [Match(match.start, match.end, "synonym") for match in found]
    return []


def misspelt(word: Word, units: Sequence[Unit]) -> list[Match]:
    """The places that answer a word if letters in it are wrong, the nearest first; the whole word each."""
    if not word.typos or not word.needed:
        return []
    found: list[Match] = []
    for (part,) in (way for way in word.ways if len(way) == 1):
        for unit in units:
            for spelling in unit.forms if unit.unspaced else (unit.word, *unit.forms):
                edits = edits_between(part, spelling, word.typos, word.prefix and len(part) >= SHORTEST_BEGINNING)
                if edits is not None:
                    found.append(Match(unit.start, unit.end, "misspelt", edits))
    return sorted(found, key=lambda match: (match.edits, match.start))


def _way(way: tuple[str, ...], units: Sequence[Unit], *, begun: bool) -> list[Match]:
    """Where all parts of one way are; nothing when one of them is missing."""
    if len(way) == 1:
        return [match for unit in units for match in _part(way[0], unit, begun)]
    found: list[Match] = []
    for part in way:
        places = [match for unit in units for match in _part(part, unit, begun)]
        if not places:
            return []
        found += places
    return found


def _part(part: str, unit: Unit, begun: bool) -> Iterator[Match]:
    if unit.unspaced and part in unit.word:
        at = unit.word.find(part)
        while at >= 0:
            yield Match(unit.places[at][0], unit.until(at + len(part)), "exact")
            at = unit.word.find(part, at + 1)
    elif unit.word == part:
        yield Match(unit.start, unit.end, "exact")
    elif begun and unit.word.startswith(part):
        yield Match(unit.start, unit.until(len(part)), "begun")
    elif part in unit.forms:
        yield Match(unit.start, unit.end, "exact")
    elif begun and any(form.startswith(part) for form in unit.forms):
        # Of another script's letters it cannot be told which ones were typed.
        yield Match(unit.start, unit.end, "begun")


def edits_between(typed: str, word: str, most: int, begun: bool = False) -> int | None:
    """How many letters are wrong, missing, too many or swapped with their neighbour; None for more than `most`.

    `begun` lets the word go on after what was typed. Optimal string alignment, as the index counts it.
    """
    if len(typed) - len(word) > most or (not begun and len(word) - len(typed) > most):
        return None
    word = word[: len(typed) + most]
    before: list[int] = []
    row = list(range(len(word) + 1))
    for at, letter in enumerate(typed, start=1):
        twice, before, row = before, row, [at]
        for to, other in enumerate(word, start=1):
            cost = min(before[to] + 1, row[to - 1] + 1, before[to - 1] + (letter != other))
            if at > 1 and to > 1 and letter == word[to - 2] and typed[at - 2] == other:
                cost = min(cost, twice[to - 2] + 1)
            row.append(cost)
        if min(row) > most:
            return None
    edits = min(row) if begun else row[-1]
    return edits if edits <= most else None
