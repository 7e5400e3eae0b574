"""How a question is put to whatever can be asked: exactly first, and forgiving typing mistakes when little comes of it.

Pure but for the asking, which blocks. Refuses to know what is asked.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from storage.search_index.index import Hits, Question, Searched, Word

FEW = (10, 3, 1)
"""With fewer exact answers than this to one word, to two, to more, misspelt ones are looked for too."""


@dataclass(frozen=True, slots=True)
class Answered:
    """What fits a question. `forgiven`: typing mistakes were let pass. `in_vain`: nothing fits exactly."""

    hits: Hits
    forgiven: bool = False
    in_vain: bool = False


def answer(index: Searched, question: Question) -> Answered:
    """What fits exactly; with little of that, what fits in spite of typing mistakes too, behind it.

    Which of the two is decided by the total alone, so that all pages of one question are cut from the same list.
    Sorted by something else than fit, what is misspelt would stand before what is exact: there it must be that or
    nothing.
    """
    exact = index.search(question)
    enough = 1 if question.order is not None else _enough(question.words)
    if exact.total >= enough or not any(word.typos for word in question.words):
        return Answered(exact)
    return Answered(index.search(replace(question, forgiving=True)), True, exact.total == 0)


def answer_together(index: Searched, questions: Sequence[Question]) -> list[Answered]:
    """What fits several questions of the same words, of which one list is made: typing mistakes are let pass when
    little fits any of them exactly."""
    exact = [index.search(question) for question in questions]
    words = questions[0].words
    if sum(hits.total for hits in exact) >= _enough(words) or not any(word.typos for word in words):
        return [Answered(hits) for hits in exact]
    return [Answered(index.search(replace(question, forgiving=True)), True) for question in questions]


def _enough(words: Sequence[Word]) -> int:
    return FEW[min(len(words), len(FEW)) - 1]
