"""A name as it is written, cut into the words that the index knows it by, each with its place in the text.

Owns the way back from folded letters to those that are shown. Refuses to know what was asked.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field

from services.search.folding import NAME_LIMIT, fold, lettered, pieces_of, runs_of
from services.search.transliteration import latin_forms, latin_parts

# Unaccented words with at most a comma or a full stop after them.
_PLAIN = re.compile(r"[A-Za-z0-9]+(?:[,.]? +[A-Za-z0-9]+)*[,.]?")
_WORDS = re.compile(r"[A-Za-z0-9]+")


@dataclass(frozen=True, slots=True)
class Unit:
    """One word of a name: its folded letters, where each of them stands (from, to), and what else it is known as.

    `unspaced` is of a script without spaces, where any part of it can be a word.
    """

    word: str
    places: tuple[tuple[int, int], ...] = field(repr=False)
    forms: tuple[str, ...] = ()
    unspaced: bool = False

    @property
    def start(self) -> int:
        """Where it begins in the name."""
        return self.places[0][0]

    @property
    def end(self) -> int:
        """Where it ends in the name."""
        return self.places[-1][1]

    def until(self, letters: int) -> int:
        """Where the first so many of its letters end in the name."""
        return self.places[letters - 1][1]


def units_of(name: str) -> list[Unit]:
    """The words of a name, of its first 500 characters; a word with signs in it comes in parts and in one piece."""
    units: list[Unit] = []
    begun = name[:NAME_LIMIT]
    if _PLAIN.fullmatch(begun):
        # Most names, in a fraction of the time.
        return [_plain(match) for match in _WORDS.finditer(begun)]
    for letters in _chunks(begun):
        folded = "".join(letter for letter, _ in letters)
        places = [place for _, place in letters]
        read = lettered(folded)
        spans = pieces_of(read)
        if not spans:
            units.append(Unit(folded, tuple(places)))
            continue
        for start, end in spans:
            units += _runs(read[start:end], places[start:end])
        if len(spans) > 1:
            units.append(_joined(read, places, spans))
        if read != folded:
            plain = pieces_of(folded)
            units += [Unit(folded[start:end], tuple(places[start:end])) for start, end in plain]
            units.append(_joined(folded, places, plain))
    return units


def _plain(match: re.Match[str]) -> Unit:
    start, end = match.span()
    return Unit(match[0].lower(), tuple((at, at + 1) for at in range(start, end)))


def _runs(piece: str, places: list[tuple[int, int]]) -> Iterator[Unit]:
    at = 0
    for run, unspaced in runs_of(piece):
        forms = (*latin_forms(run), *latin_parts(run))
        yield Unit(run, tuple(places[at : at + len(run)]), forms, unspaced)
        at += len(run)


def _joined(text: str, places: list[tuple[int, int]], spans: list[tuple[int, int]]) -> Unit:
    word = "".join(text[start:end] for start, end in spans)
    return Unit(word, tuple(place for start, end in spans for place in places[start:end]), latin_forms(word))


def _chunks(name: str) -> Iterator[list[tuple[str, tuple[int, int]]]]:
    """What stands between blanks, as folded letters with their places."""
    chunk: list[tuple[str, tuple[int, int]]] = []
    for start, end in _characters(name):
        written = name[start:end]
        if written.isspace():
            if chunk:
                yield chunk
            chunk = []
        else:
            plain = written.lower() if written.isascii() and written.isalnum() else fold(written)
            chunk += [(letter, (start, end)) for letter in plain if letter != " "]
    if chunk:
        yield chunk


def _characters(name: str) -> Iterator[tuple[int, int]]:
    """Each character with the marks that belong to it."""
    start = 0
    for at in range(1, len(name) + 1):
        if at == len(name) or not _continues(name[at]):
            yield start, at
            start = at


def _continues(character: str) -> bool:
    if character.isascii():
        return False
    # Korean letters that are not put together into syllables yet, and marks and joiners of every script.
    return "\u1160" <= character <= "\u11ff" or unicodedata.category(character) in ("Mn", "Mc", "Me", "Cf")
