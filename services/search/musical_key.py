"""Musical keys as people and programs write them, read into one spelling.

`Am`, `A minor`, `a min`, `A-moll`, `8A` (the wheel of mixing) are one key; so are `F#m` and `Gb minor`. Pure.
"""

from __future__ import annotations

import re

TONICS = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")
"""The twelve, in sharps, as the analysis writes them."""

_STEPS = {"c": 0, "d": 2, "e": 4, "f": 5, "g": 7, "a": 9, "b": 11, "h": 11}
_ACCIDENTALS = {"": 0, "#": 1, "♯": 1, "is": 1, "sharp": 1, "b": -1, "♭": -1, "flat": -1, "es": -1}
_MODES = {
    "": "major", "major": "major", "maj": "major", "dur": "major", "ionian": "major",
    "minor": "minor", "min": "minor", "mi": "minor", "moll": "minor", "aeolian": "minor",
}  # fmt: skip
_WRITTEN = re.compile(r"([a-h]) ?(sharp|flat|is|es|[#♯b♭])? ?-? ?(major|minor|maj|min|mi|dur|moll|ionian|aeolian)?")
_WHEEL = re.compile(r"(1[0-2]|0?[1-9]) ?([abmd])")
_SHORT = re.compile(r"(.*\S) ?([mM])")
LONGEST = 40
"""Characters in which any key can be written."""
# The wheel goes by fifths: 8B is C major and 8A its relative minor, A.
_WHEEL_C, _FIFTH, _RELATIVE = 8, 7, 9


def read_key(text: str) -> str | None:
    """`F# minor` for every spelling of it, None for what is no key. One letter alone is a major key."""
    # The patterns take one blank and no more: several in a row can be shared out among them in too many ways.
    plain = " ".join(text[: 4 * LONGEST].split())
    if len(text) > 4 * LONGEST or len(plain) > LONGEST:
        return None
    wheel = _WHEEL.fullmatch(plain.casefold())
    if wheel is not None:
        major = (int(wheel[1]) - _WHEEL_C) * _FIFTH % 12
        # `A` and `m` stand for the inner, minor ring.
        return _named(major + _RELATIVE, "minor") if wheel[2] in "am" else _named(major, "major")
    # A lone `m` is minor and a lone `M` major, which folding would lose.
    short = _SHORT.fullmatch(plain)
    if short is not None:
        plain = f"{short[1]} {'minor' if short[2] == 'm' else 'major'}"
    found = _WRITTEN.fullmatch(plain.casefold())
    if found is None:
        return None
    tonic = _STEPS[found[1]] + _ACCIDENTALS[found[2] or ""]
    return _named(tonic, _MODES[found[3] or ""])


def _named(tonic: int, mode: str) -> str:
    return f"{TONICS[tonic % 12]} {mode}"
