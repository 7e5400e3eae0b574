"""Where those who take people's words in say so: the house's word list is asked before, its watch told after.

Owns the two questions and nothing else: without rules nothing is refused, without a watch nothing is noted. Refuses to
know what is done about anything (`services/moderation/flags/`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from services.errors import Invalid


@dataclass(frozen=True, slots=True)
class Posted:
    """Somebody wrote `texts`; `kind` is a reported thing's, follow or report; no edit `is_new`."""

    kind: str
    id: str
    by_id: str
    place_id: str | None = None
    is_new: bool = True
    texts: tuple[str, ...] = ()


class Attention:
    """`blocks` says whether words may not be written at all; None where nothing is refused."""

    def __init__(self, blocks: Callable[[str], bool] | None = None) -> None:
        self._blocks = blocks
        self._hearer: Callable[[Posted], None] | None = None

    def refuse(self, field: str, *texts: str) -> None:
        """Invalid (WORDS_REFUSED), naming the field, for words that the house does not let through."""
        if self._blocks is not None and any(self._blocks(text) for text in texts if text):
            raise Invalid("These words are not allowed here.", field=field, code="WORDS_REFUSED")

    def note(self, posted: Posted) -> None:
        """Tell the watch, which only takes note."""
        if self._hearer is not None:
            self._hearer(posted)

    def hear(self, hearer: Callable[[Posted], None]) -> Callable[[], None]:
        """Tell this one from now on; the returned function stops that."""
        self._hearer = hearer

        def deaf() -> None:
            self._hearer = None

        return deaf
