"""What of a name answers what was asked: the fragments of it, so that a client can show the match.

Of a word that is begun only the typed part is a match, of one that is misspelt or found by a synonym the whole word.
Pure. Refuses to know records and indexes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from services.search.matches.matching import Match, matches, misspelt
from services.search.matches.written import Unit, units_of
from storage.search_index.index import Word


@dataclass(frozen=True, slots=True)
class Fragment:
    """A part of a name; together they are the name exactly as it is written."""

    text: str
    is_match: bool


def highlight(words: Sequence[Word], names: Sequence[str]) -> list[list[Fragment]]:
    """The fragments of each of the names that one thing is found by, such as title, artist and album.

    A word counts as misspelt only when none of the names has it as it was typed.
    """
    units = [units_of(name) for name in names]
    found: list[list[Match]] = [[] for _ in names]
    for word in words:
        places = [matches(word, each) for each in units]
        if not any(places):
            places = _nearest(word, units)
        for matched, more in zip(found, places, strict=True):
            matched += more
    return [_fragments(name, matched) for name, matched in zip(names, found, strict=True)]


def _nearest(word: Word, units: Sequence[Sequence[Unit]]) -> list[list[Match]]:
    places = [misspelt(word, each) for each in units]
    fewest = min((match.edits for each in places for match in each), default=0)
    return [[match for match in each if match.edits == fewest] for each in places]


def _fragments(name: str, found: Sequence[Match]) -> list[Fragment]:
    fragments: list[Fragment] = []
    at = 0
    for start, end in _spans(found):
        if start > at:
            fragments.append(Fragment(name[at:start], False))
        fragments.append(Fragment(name[start:end], True))
        at = end
    if at < len(name):
        fragments.append(Fragment(name[at:], False))
    return fragments


def _spans(found: Sequence[Match]) -> list[tuple[int, int]]:
    """Where matches are, in order, those that touch each other as one."""
    spans: list[tuple[int, int]] = []
    for start, end in sorted({(match.start, match.end) for match in found}):
        if spans and start <= spans[-1][1]:
            spans[-1] = (spans[-1][0], max(end, spans[-1][1]))
        else:
            spans.append((start, end))
    return spans
