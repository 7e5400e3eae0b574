"""Lyrics that Hypothesis makes up: lines with words, ends, voices and translations, all in the model's form."""

from __future__ import annotations

from hypothesis import strategies as st

from services.lyrics.model import Piece, sung_line, translation
from storage.records import SheetLine

AGENTS = ("v1", "v2", "tous & <tutti>")
_text = st.text(
    st.characters(
        codec="utf-8", exclude_categories=["Cc", "Cs", "Zl", "Zp"], exclude_characters="\ufeff\ufffe\uffff[]<>"
    ),
    max_size=12,
)


@st.composite
def lines(draw: st.DrawFn, *, step_ms: int) -> SheetLine:
    """One line; every time is a multiple of `step_ms`."""

    def after(at_ms: int) -> int:
        return at_ms + step_ms * draw(st.integers(1, 400))

    at_ms = step_ms * draw(st.integers(0, 5_000_000 // step_ms))
    pieces, now = [], at_ms
    if draw(st.booleans()):
        for text in draw(st.lists(_text, max_size=5)):
            end = after(now) if draw(st.booleans()) else None
            pieces.append(Piece(text, now, end))
            now = after(now)
    else:
        pieces.append(Piece(draw(_text)))
    end_ms = after(now) if draw(st.booleans()) else None
    line = sung_line(
        at_ms,
        pieces,
        end_ms=end_ms,
        agent=draw(st.none() | st.sampled_from(AGENTS[:2])),
        is_background=draw(st.booleans()),
    )
    found = (translation(language, draw(_text)) for language in draw(st.sets(st.sampled_from(["de", "pt-BR", "ja"]))))
    line.translations = [each for each in found if each is not None]
    return line


def songs(*, step_ms: int) -> st.SearchStrategy[list[SheetLine]]:
    """Several lines in the order of their times."""
    return st.lists(lines(step_ms=step_ms), max_size=6).map(lambda made: sorted(made, key=lambda line: line.at_ms))
