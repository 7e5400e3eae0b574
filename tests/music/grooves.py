"""Grooves made up by chance: a style for one song, with patterns nobody wrote down.

Owns what is likely in a groove at a tempo (nobody plays sixteenths at 180, or one note a bar at 60). They widen the
development half, so that what is learned there is metre rather than a dozen patterns.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tests.music.styles import Style, Way

_CHORD_VOICES = ("piano", "guitar", "steel", "organ", "pad", "strings", "tines", "vibes", "harpsichord", "saw")
_LEAD_VOICES = ("flute", "reed", "saw", "voice", "strings", "piano", "vibes", "guitar")


def by_chance(rng: np.random.Generator, bpm: float) -> Style:
    """A style for one song at this tempo."""
    beats, steps = ((4, 4), (4, 4), (4, 4), (4, 4), (3, 4), (2, 6))[int(rng.integers(6))]
    if steps == 6 and bpm > 110:
        beats, steps = 4, 4
    fine = _finest(rng, bpm, steps)
    drums = _drums(rng, beats, steps, fine) if rng.random() < 0.65 else {}
    way = Way(
        drums,
        _bass(rng, beats, steps, fine),
        _chords(rng, beats, steps, fine),
        str(rng.choice(("bass", "synth_bass", "guitar", "piano", "reed"))),
        (str(rng.choice(_CHORD_VOICES)),),
        (str(rng.choice(_LEAD_VOICES)),),
    )
    lead_steps = tuple(int(each) for each in rng.choice([fine, 2 * fine, 2 * fine, steps, 2 * steps], 4))
    return Style((way,), (90, 180), beats, steps, lead_steps, lead=0.65)


def _finest(rng: np.random.Generator, bpm: float, steps: int) -> int:
    """Steps between the fastest notes: 1.6 to 8.5 of them a second."""
    possible = [each for each in ((4, 2, 1) if steps == 4 else (2, 1)) if 1.6 <= bpm / 60 * steps / each <= 8.5]
    likely = np.array([{4: 0.15, 2: 0.6, 1: 0.25}[each] for each in possible])
    return int(rng.choice(possible, p=likely / likely.sum())) if possible else 2


def _pattern(length: int, places: Sequence[int], sign: str = "x") -> str:
    return "".join(sign if step in places else "." for step in range(length))


def _sprinkled(rng: np.random.Generator, beats: int, steps: int, fine: int, density: float) -> list[int]:
    """Places by chance, the stronger in the bar the likelier."""
    places = []
    for step in range(0, beats * steps, fine):
        weight = 1.0 if step == 0 else 0.6 if step % steps == 0 else 0.45 if step % (steps // 2) == 0 else 0.2
        if rng.random() < weight * density * 1.6:
            places.append(step)
    return places or [0]


def _drums(rng: np.random.Generator, beats: int, steps: int, fine: int) -> dict[str, str]:
    length = beats * steps
    on = [beat * steps for beat in range(beats)]
    ways = [on[::2], on, on[:1], [*on[::2], *_sprinkled(rng, beats, steps, fine, 0.3)], _sprinkled(rng, beats, steps, fine, 0.5)]
    kick = ways[int(rng.choice(5, p=[0.3, 0.15, 0.1, 0.3, 0.15]))]
    drums = {"kick": _pattern(length, kick)}
    back = on[1::2] if beats != 3 else on[1:] if rng.random() < 0.5 else on[2:]
    if rng.random() < 0.8:
        ghosts = _sprinkled(rng, beats, steps, fine, 0.2) if rng.random() < 0.25 else []
        snare = "".join("x" if step in back else "o" if step in ghosts and step else "." for step in range(length))
        drums[str(rng.choice(("snare", "snare", "clap", "rim")))] = snare
    cymbal = str(rng.choice(("hat", "hat", "ride", "shaker")))
    chosen = rng.random()
    if chosen < 0.55:
        drums[cymbal] = "".join(("x" if step % steps == 0 else "o") if step % fine == 0 else "." for step in range(length))
    elif chosen < 0.7:
        drums[cymbal] = _pattern(length, on)
    elif chosen < 0.82:
        drums["open"] = _pattern(length, [beat + steps // 2 for beat in on])
    elif chosen < 0.92:
        drums[cymbal] = _pattern(length, sorted({*on, *_sprinkled(rng, beats, steps, fine, 0.6)}))
    return drums


def _bass(rng: np.random.Generator, beats: int, steps: int, fine: int) -> str:
    length = beats * steps
    on = [beat * steps for beat in range(beats)]
    chosen = rng.random()
    if chosen < 0.2:
        return _pattern(length, on[:1], "1")
    if chosen < 0.4:
        return "".join("1" if step == 0 else "5" if step in on[::2] else "." for step in range(length))
    if chosen < 0.55:
        return _pattern(length, on, "w")
    if chosen < 0.7:
        return _pattern(length, range(0, length, max(fine, 2)), "1")
    return "".join(str(rng.choice(list("1158"))) if step in _sprinkled(rng, beats, steps, fine, 0.4) else "." for step in range(length))


def _chords(rng: np.random.Generator, beats: int, steps: int, fine: int) -> str:
    length = beats * steps
    on = [beat * steps for beat in range(beats)]
    chosen = rng.random()
    if chosen < 0.2:
        return _pattern(length, [0])
    if chosen < 0.35:
        return _pattern(length, on)
    if chosen < 0.45:
        return _pattern(length, range(0, length, max(fine, 2)))
    if chosen < 0.55:
        return "".join("x" if step in on[1::2] else "-" if step in on[::2] else "." for step in range(length))
    if chosen < 0.62:
        offs = [beat + steps // 2 for beat in on]
        return "".join("x" if step in offs else "-" if step in on else "." for step in range(length))
    if chosen < 0.82:
        order = rng.integers(0, 4, length)
        return "".join(str(order[step]) if step % fine == 0 else "." for step in range(length))
    return _pattern(length, _sprinkled(rng, beats, steps, fine, 0.5))
