"""What people type into a search field: a mix of questions, queries letter by letter, and planted misspellings.

Pure and the same each time. Refuses to know who answers.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random
from typing import Any

from bench.searches.catalogue import GENRES, Tune
from bench.searches.vocabulary import Vocabulary
from services.search.folding import whole

LETTERS = "abcdefghijklmnopqrstuvwxyz"
EDITS = ("substitution", "deletion", "insertion", "transposition")
_WORD = re.compile(r"[^\W\d_]{4,}")


@dataclass(frozen=True, slots=True)
class Query:
    """One question, of a sort by which figures are told apart."""

    sort: str
    text: str
    filters: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Misspelt:
    """A title as somebody mistyped it: `edit` tells how, `words` how many words the title has."""

    text: str
    wanted: str
    edit: str
    words: int


def mix(tunes: list[Tune], vocabulary: Vocabulary, count: int, seed: int = 3) -> list[Query]:
    """`count` questions of all sorts, in turns."""
    random = Random(f"mix {seed}")
    made: list[Query] = []
    while len(made) < count:
        tune = random.choice(tunes)
        words = plain_title(tune.title).split()
        mistake = misspell(plain_title(tune.title), random)
        filters: dict[str, Any] = random.choice(
            [{"genre": f"genre{random.randrange(GENRES)}"}, {"yearFrom": 1990, "yearTo": 2005}, {"isExplicit": False}]
        )
        made += [
            Query("one word", random.choice(words)),
            Query("two words", " ".join(words[:2]) if len(words) > 1 else f"{words[0]} {vocabulary.draw(random)}"),
            Query("whole title", tune.title),
            Query("title and artist", f"{plain_title(tune.title)} {tune.artist.split(' feat. ')[0]}"),
            Query("misspelt", mistake[0] if mistake else tune.title),
            Query("filtered", random.choice(words), filters),
            Query("common word", random.choice(vocabulary.words[:60])),
            Query("common words", " ".join(random.sample(vocabulary.words[:60], 3))),
            Query("rare word", vocabulary.rare(random)),
            Query("nothing there", "".join(random.choices(LETTERS, k=9)) + " " + random.choice(words)),
            Query("half typed", tune.title[: random.randint(1, max(1, len(tune.title) - 1))].strip() or "a"),
        ]
    return made[:count]


def typing(tunes: list[Tune], count: int, seed: int = 4) -> Iterator[str]:
    """Titles and artists letter by letter, up to the twelfth; every tenth person slips once."""
    random = Random(f"typing {seed}")
    given = 0
    while True:
        tune = random.choice(tunes)
        text = plain_title(tune.title if random.random() < 0.7 else tune.artist).lower()
        if random.random() < 0.1 and (mistake := misspell(text, random)):
            text = mistake[0]
        for length in range(1, min(12, len(text)) + 1):
            if text[length - 1] != " ":
                yield text[:length]
                given += 1
                if given == count:
                    return


def misspellings(tunes: list[Tune], count: int, *, every_word: bool = False, seed: int = 5) -> list[Misspelt]:
    """Titles with one word wrong (or each one of four letters or more): one edit in 4 to 7 letters, two in longer."""
    random = Random(f"misspellings {seed} {every_word}")
    made: list[Misspelt] = []
    for tune in tunes:
        found = misspell(plain_title(tune.title), random, EDITS[len(made) % len(EDITS)], every_word=every_word)
        if found is not None and len(made) < count:
            made.append(Misspelt(found[0], whole(plain_title(tune.title)), found[1], len(tune.title.split())))
    return made


def misspell(text: str, random: Random, edit: str | None = None, *, every_word: bool = False) -> tuple[str, str] | None:
    """The text mistyped, and how; None where no word is long enough."""
    spans = [match.span() for match in _WORD.finditer(text)]
    if not spans:
        return None
    edit = edit or random.choice(EDITS)
    for low, high in reversed(spans if every_word else [random.choice(spans)]):
        word = text[low:high]
        text = text[:low] + _wrong(word, edit, random) + text[high:]
    return text, edit


def _wrong(word: str, edit: str, random: Random) -> str:
    """The word with one edit, with two apart from each other where it has eight letters or more."""
    if len(word) < 8:
        return _edited(word, edit, random.randrange(len(word)), random)
    half = len(word) // 2
    second = _edited(word[half:], edit, random.randrange(1, len(word) - half), random)
    return _edited(word[:half], edit, random.randrange(half), random) + second


def _edited(part: str, edit: str, at: int, random: Random) -> str:
    other = random.choice([letter for letter in LETTERS if letter not in part])
    if edit == "substitution":
        return part[:at] + other + part[at + 1 :]
    if edit == "deletion":
        return part[:at] + part[at + 1 :]
    if edit == "insertion":
        return part[:at] + other + part[at:]
    # The nearest pair of unlike letters: swapping like ones changes nothing.
    pairs = [at for at in range(len(part) - 1) if part[at] != part[at + 1]]
    if not pairs:
        return part[:at] + other + part[at + 1 :]
    near = min(pairs, key=lambda pair: abs(pair - at))
    return part[:near] + part[near + 1] + part[near] + part[near + 2 :]


def plain_title(text: str) -> str:
    """A title as it is typed: without the version in brackets or after a dash."""
    return text.split(" (")[0].split(" - ")[0]
