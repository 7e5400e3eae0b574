"""Words that mean the same in names of music: `feat` and `featuring`, `vol` and `volume`, `2`, `two` and `ii`.

Owns the table that everybody has and how groups become other ways to find a word. Pure; words arrive folded. Refuses
to know where a house's own groups are written. Raise folding's VERSION when the table changes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

Phrase = tuple[str, ...]

OTHERS_LIMIT = 12
"""How many other phrases one phrase is looked up as."""
PHRASE_LIMIT = 4
"""How many words a phrase has at most."""

JOINERS = frozenset({"&", "+", "-", "/", "and", "n"})
"""Written between words and meaning nothing alone: `rock & roll`, `rock 'n' roll`."""

_GROUPS = """
    and, &
    feat, ft, featuring
    vs, versus
    volume, vol
    part, pt
    chapter, ch
    opus, op
    mister, mr
    missus, mrs
    doctor, dr
    saint, st
    sainte, ste
    mount, mt
    junior, jr
    senior, sr
    remix, rmx
    remixed, rmxd
    version, vers
    instrumental, instr
    original, orig
    edit, edt
    soundtrack, ost, original soundtrack
    rb, rnb, r b, rhythm blues
    hiphop, hip hop
    triphop, trip hop
    dnb, drumnbass, drum bass, db
    rocknroll, rock roll
    synthpop, synth pop
    britpop, brit pop
    postrock, post rock
    bossanova, bossa nova
    lofi, lo fi
    hifi, hi fi
    kpop, k pop
    jpop, j pop
    you, u
    are, r
    2 u, to you, 2 you, to u
    4 u, for you, 4 you, for u
    your, ur
    love, luv
    night, nite
    tonight, tonite
    midnight, midnite
    light, lite
    right, rite
    through, thru
    though, tho
    because, cause, cuz, coz
    until, till, til
    okay, ok
    alright, all right
    christmas, xmas
    television, tv
    color, colour
    gray, grey
    favorite, favourite
    harbor, harbour
    neighbor, neighbour
    honor, honour
    center, centre
    theater, theatre
    symphony, symphonie, sinfonie, sinfonia
    concerto, konzert
    usa, united states
    uk, united kingdom
"""

_NUMBERS = """
    one i, two ii, three iii, four iv, five v, six vi, seven vii, eight viii, nine ix, ten x, eleven xi, twelve xii,
    thirteen xiii, fourteen xiv, fifteen xv, sixteen xvi, seventeen xvii, eighteen xviii, nineteen xix, twenty xx
"""
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
# After these even a single letter is a number: Part V, but not V.
_COUNTED = (("part", "pt"), ("volume", "vol"), ("chapter", "ch"), ("act",), ("number", "no", "nr"), ("side",))


class Synonyms:
    """Groups of phrases of which each finds the others. A phrase in several groups finds those of all of them."""

    def __init__(self, groups: Iterable[Sequence[Phrase]]) -> None:
        self._others: dict[Phrase, list[Phrase]] = {}
        for group in groups:
            for phrase in group:
                known = self._others.setdefault(phrase, [])
                known += [other for other in group if other != phrase and other not in known]
        self.longest = max(map(len, self._others), default=1)

    def others(self, phrase: Phrase) -> tuple[Phrase, ...]:
        """The other phrases for this one; none for one that is in no group."""
        return tuple(self._others.get(phrase, ())[:OTHERS_LIMIT])

    def and_more(self, groups: Sequence[Sequence[Phrase]]) -> Synonyms:
        """These and some groups more, which come before the ones that everybody has."""
        return Synonyms([*groups, *_all_groups()]) if groups else self


def _all_groups() -> list[list[Phrase]]:
    groups = [[tuple(phrase.split()) for phrase in line.split(",")] for line in _GROUPS.strip().splitlines()]
    for number, spelt in enumerate(_NUMBERS.split(","), start=1):
        forms = [str(number), *spelt.split()]
        groups.append([(form,) for form in forms if len(form) > 1 or form.isdigit()])
        for names in _COUNTED:
            groups.append([(name, form) for name in names for form in forms])
    for tens, spelt in enumerate(_TENS.split(), start=2):
        groups.append([(f"{tens}0",), (spelt,)])
        for ones, one in enumerate(_NUMBERS.split(",")[:9], start=1):
            groups.append([(f"{tens}{ones}",), (spelt, one.split()[0])])
    return groups


BUILT_IN = Synonyms(_all_groups())

_FIRST_OF = {
    phrase[0]: group[0][0]
    for group in reversed(_all_groups())
    for phrase in group
    if len(phrase) == 1 and len(group[0]) == 1
}


def settled(word: str) -> str:
    """The word of its group that stands for all of them, so that `Pt. Two` and `Part 2` are one name."""
    return _FIRST_OF.get(word, word)
