"""What a house says about its search: synonyms of its own, and what may be told of as trending. Owns values alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from services.search.folding import asked_phrase, fold
from services.search.synonyms import BUILT_IN, OTHERS_LIMIT, PHRASE_LIMIT, Phrase, Synonyms

GROUPS_LIMIT = 500
LEAST_PEOPLE = 2


@dataclass(frozen=True, slots=True)
class SearchServer:
    """A Typesense server: what its collections' names begin with, and how long an answer may take."""

    url: str
    api_key: str = field(repr=False)
    prefix: str = "tutti"
    patience_s: float = 2.0


@dataclass(frozen=True, slots=True)
class SearchRules:
    """`never_trending` are folded words and phrases; `trending_people` is how many must have searched for something.
    Without a `server` the index lies in the data folder."""

    synonyms: Synonyms = BUILT_IN
    never_trending: tuple[str, ...] = ()
    trending_people: int = 3
    server: SearchServer | None = None


def read_rules(groups: Sequence[str], never_trending: Sequence[str], trending_people: int) -> SearchRules:
    """The rules as they are written in the settings. ValueError says what is wrong with them."""
    if len(groups) > GROUPS_LIMIT:
        raise ValueError(f"has at most {GROUPS_LIMIT} groups of synonyms, not {len(groups)}")
    unwanted = tuple(fold(phrase) for phrase in never_trending)
    if not all(unwanted):
        raise ValueError("and search.never_trending cannot hold a blank text")
    return SearchRules(BUILT_IN.and_more([_group(line) for line in groups]), unwanted, trending_people)


def _group(line: str) -> list[Phrase]:
    phrases: list[Phrase] = []
    for written in line.split("="):
        phrase = asked_phrase(written)
        if not phrase:
            raise ValueError(f"needs words on both sides of each `=` in a group of synonyms, not {line!r}")
        if len(phrase) > PHRASE_LIMIT:
            raise ValueError(f"takes at most {PHRASE_LIMIT} words for one synonym, not {written.strip()!r}")
        if phrase in phrases:
            raise ValueError(f"has the same synonym twice in {line!r}")
        phrases.append(phrase)
    if not 2 <= len(phrases) <= OTHERS_LIMIT + 1:
        raise ValueError(f"needs 2 to {OTHERS_LIMIT + 1} synonyms in a group such as `xmas = christmas`, not {line!r}")
    return phrases
