"""How hard a password is to guess, by what people who guess try first: words, names, dates, keyboards, repeats.

Owns the bound on what is weighed. The estimate is zxcvbn's (D. Wheeler, "zxcvbn: Low-Budget Password Strength
Estimation", 2016): 0 for fewer than 10^3 guesses, then one for each of 10^3, 10^6, 10^8 and 10^10. Blocks for some
milliseconds: call it off the loop. Refuses to know the least that is asked for.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

WEIGHED = 72
"""So many characters are looked at; what is longer is at least as strong."""
_OWN_WORDS, _OWN_WORD = 10, 100


@dataclass(frozen=True, slots=True)
class Strength:
    """`score` from 0 to 4; `guesses_log10`: the decimal logarithm of the guesses it takes; what is wrong, if anything,
    and what would help."""

    score: int
    guesses_log10: float
    warning: str
    suggestions: tuple[str, ...]

    @property
    def advice(self) -> str:
        """One line for people: what is wrong and what would help."""
        said = [self.warning, *self.suggestions]
        return " ".join(text if text.endswith(".") else f"{text}." for text in said if text)


def strength_of(password: str, own: Iterable[str] = ()) -> Strength:
    """The strength of a password; `own` are words of its owner, which count as known."""
    # Its word lists take a third of a second to read: at the first password, not at each start.
    from zxcvbn import zxcvbn

    words = [word[:_OWN_WORD] for word in own if word][:_OWN_WORDS]
    if not password:
        return Strength(0, 0.0, "", ())
    found = zxcvbn(password[:WEIGHED], user_inputs=words, max_length=WEIGHED)
    said = found["feedback"]
    return Strength(
        int(found["score"]), round(float(found["guesses_log10"]), 2), said["warning"] or "", tuple(said["suggestions"])
    )
