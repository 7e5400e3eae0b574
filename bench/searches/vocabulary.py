"""Words as music has them: a few in half of all titles, tens of thousands in a handful each.

Owns the words and how often each is drawn (Zipf). The first are English, with their plurals and other endings, so
that near words are near as in life; the rest is made of syllables. Refuses to know what is named with them.
"""

from __future__ import annotations

from bisect import bisect
from itertools import accumulate
from random import Random

from services.seed.words import title


def _words(text: str) -> list[str]:
    return text.split()


SMALL = _words(
    "the you of me in a love my to and i on it la de your for is be with we down all no up time one live now life go "
    "dont night day let heart what away never out blues from so baby by man good world little black blue red home "
    "back get dance song how when el en le les un una amor mi te der die das und ich remix feat"
)
ENDINGS = ("s", "ing", "er", "ed", "y", "less")
BEGINNINGS = _words("b br c ch d dr f fl g gr h j k kr l m n p pr qu r s sh st t tr v w z")
MIDDLES = _words("a ai e ea i ie o oa oo u au")
ENDS = _words("d k l ll m n nd ng nt p r rd rs s sk st t th x") + [""] * 10
EXPONENT = 1.0
TITLE_LENGTHS = (22, 32, 22, 12, 7, 3, 2)
"""Of a hundred titles, how many have one word, two, three and so on."""


class Vocabulary:
    """`size` words, the frequent ones first."""

    def __init__(self, seed: int, size: int = 60_000) -> None:
        random = Random(f"vocabulary {seed}")
        real = {word for _ in range(4_000) for word in title(random).lower().replace(",", "").split()}
        words = dict.fromkeys([*SMALL, *random.sample(sorted(real), len(real))])
        words |= dict.fromkeys(f"{word}{random.choice(ENDINGS)}" for word in sorted(real))
        while len(words) < size:
            words[_made_up(random)] = None
        self.words = list(words)[:size]
        self._sums = list(accumulate(1 / (rank + 3) ** EXPONENT for rank in range(size)))

    def draw(self, random: Random) -> str:
        """One word, as often as its place says."""
        return self.words[bisect(self._sums, random.random() * self._sums[-1], hi=len(self.words) - 1)]

    def rare(self, random: Random) -> str:
        """One of the latter half, all alike."""
        return random.choice(self.words[len(self.words) // 2 :])

    def title(self, random: Random) -> str:
        """What a song or an album may be called."""
        length = random.choices(range(1, len(TITLE_LENGTHS) + 1), TITLE_LENGTHS)[0]
        return " ".join(self.draw(random) for _ in range(length)).capitalize()

    def artist(self, random: Random) -> str:
        """A band or a person."""
        kind = random.random()
        if kind < 0.5:
            return f"{self.rare(random)} {self.rare(random)}".title()
        if kind < 0.7:
            return f"The {self.draw(random)} {self.draw(random)}s".title()
        return f"{self.draw(random)} {self.rare(random)}".title() if kind < 0.9 else self.rare(random).title()


def _made_up(random: Random) -> str:
    return "".join(
        random.choice(BEGINNINGS) + random.choice(MIDDLES) + random.choice(ENDS)
        for _ in range(random.choices((1, 2, 3, 4), (12, 50, 30, 8))[0])
    )
