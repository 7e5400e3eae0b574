"""The question as it was perhaps meant: with the words of what was found in spite of typing mistakes.

Pure. Refuses to know who may see what: it only sees names that the asker may see.
"""

from __future__ import annotations

from collections.abc import Sequence

from services.search.asking import words_of
from services.search.folding import typos_for, whole
from services.search.matches.matching import Match, edits_between, matches, misspelt
from services.search.matches.written import Unit, units_of
from storage.search_index.index import Word

LOOKED_AT = 10
"""How many of the best hits are looked at."""
WORDS_LIMIT = 12
"""How many words of a question count, as in the index."""


def did_you_mean(query: str, hits: Sequence[Sequence[str]]) -> str | None:
    """The corrected question, as the names are written; None when no hit says it better. CPU work, some milliseconds.

    `hits` are the names (title, artist, album) of each thing that was found, the best first. One that answers every
    needed word, and at least one of them only as misspelt, gives its words; what it does not have stays as typed. One
    whose whole name is asked for but for a letter gives that.
    """
    asked = whole(query)
    for names in hits[:LOOKED_AT]:
        corrected = _corrected(query, names) or _whole(asked, names)
        if corrected is not None:
            return corrected
    return None


def _corrected(query: str, names: Sequence[str]) -> str | None:
    units = [(name, units_of(name)) for name in names]
    written: list[str] = []
    corrections = 0
    words = query.split()
    for typed in words[:WORDS_LIMIT]:
        parts: list[str] = []
        for word in words_of(typed):
            name, best = _best(word, units)
            if best is None:
                if word.needed:
                    return None
                continue
            corrections += best.how == "misspelt"
            if best.how in ("exact", "misspelt"):
                parts.append(name[best.start : best.end])
        # A word that is not typed to its end stays as it is: what follows is not known yet.
        written.append(" ".join(parts) or typed)
    return " ".join([*written, *words[WORDS_LIMIT:]]) if corrections else None


def _whole(asked: str, names: Sequence[str]) -> str | None:
    """The whole name of a thing, if it is asked for with one letter wrong, perhaps in a word too short for mistakes."""
    if not names or not typos_for(asked):
        return None
    return names[0] if edits_between(asked, whole(names[0]), 1) == 1 else None


def _best(word: Word, units: Sequence[tuple[str, list[Unit]]]) -> tuple[str, Match | None]:
    ranks = ("exact", "begun", "synonym")
    exact = [(match, name) for name, each in units for match in matches(word, each)]
    if exact:
        match, name = min(exact, key=lambda found: (ranks.index(found[0].how), -(found[0].end - found[0].start)))
        return name, match
    nearest = [(match, name) for name, each in units for match in misspelt(word, each)[:1]]
    if not nearest:
        return "", None
    match, name = min(nearest, key=lambda found: found[0].edits)
    return name, match
