"""From what somebody typed to what the index is asked: bounds, words, and what the viewer may see of it.

Pure. Refuses to know who answers.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from services.catalogue.access import Sight
from services.errors import Invalid
from services.search.entries import Kind
from services.search.folding import Token, ask_words, typos_for, whole
from services.search.synonyms import BUILT_IN, Synonyms
from services.typed_text import refuse_unprintable
from services.viewer import Viewer
from storage.search_index.index import Filter, Question, Word

QUERY_LIMIT = 200
WHOLE_LIMIT = 40
"""The longest whole name that may be misspelt, by one letter; in a longer one its words are."""
SHOWN = Filter("shown", "is", "yes")
CLEAN = Filter("explicit", "is", "no")


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody typed, read."""

    text: str
    words: tuple[Word, ...]
    whole: str

    def of(self, kind: Kind, filters: tuple[Filter, ...], seen_if: tuple[tuple[Filter, ...], ...]) -> Question:
        """The question after things of one kind."""
        mistakes = min(1, typos_for(self.whole)) if len(self.whole) <= WHOLE_LIMIT else 0
        return Question(kind.value, self.words, self.whole, filters, seen_if, whole_typos=mistakes)


def read_query(query: str, field: str = "query", synonyms: Synonyms = BUILT_IN) -> Asked | None:
    """What was typed, None when it is blank. Invalid beyond 200 characters and for control characters."""
    if len(query) > QUERY_LIMIT:
        raise Invalid(f"A search has at most {QUERY_LIMIT} characters.", field=field)
    text = " ".join(query.split(" ")).replace("\t", " ").replace("\r", " ").replace("\n", " ")
    refuse_unprintable(text, field, "A search")
    text = unicodedata.normalize("NFC", " ".join(text.split()))
    words = words_of(text, synonyms)
    return Asked(text, words, whole(text)) if words else None


def words_of(text: str, synonyms: Synonyms = BUILT_IN) -> tuple[Word, ...]:
    """The words of a question, the last of them perhaps not typed to its end."""
    tokens = ask_words(text, synonyms)
    last = len(tokens) - 1
    return tuple(_word(token, at == last) for at, token in enumerate(tokens))


def _word(token: Token, is_last: bool) -> Word:
    # By what was typed alone: a short word with a long synonym is a short word.
    typed = max(token.ways[0], key=len)
    if token.exact:
        return Word(token.ways, 0, is_last and typed.isdigit(), token.needed, token.others)
    # The last word is perhaps not typed to its end; of an earlier one, only a long beginning says enough.
    return Word(token.ways, typos_for(typed), is_last or len(typed) >= 4, token.needed, token.others)


def seen_if(kind: Kind, viewer: Viewer, sight: Sight) -> tuple[tuple[Filter, ...], ...]:
    """What an entry must be so that this viewer may see the thing: the access rules, as filters."""
    if kind in (Kind.PLAYLIST, Kind.USER):
        return _seen_people_if(kind, viewer)
    plain: list[Filter] = [] if sight.everything else [SHOWN]
    if kind is Kind.SONG and not sight.explicit:
        plain.append(CLEAN)
    if not plain:
        return ()
    owned = ((Filter("by", "in", tuple(sorted(sight.owned))),),) if sight.owned else ()
    return (tuple(plain), *owned)


def _seen_people_if(kind: Kind, viewer: Viewer) -> tuple[tuple[Filter, ...], ...]:
    if kind is Kind.PLAYLIST and viewer.user_id is not None:
        return ((SHOWN,), (Filter("by", "is", viewer.user_id),))
    return ((SHOWN,),)
