"""What a player does about being ahead or behind: nothing, a speed nobody hears, or a cut in silence.

Pure data in and out. Refuses to know how a player changes its speed. `web/player/correction.js` is the same ladder.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

DEADBAND_MS = 2.0
"""Nearer than this is together."""
SLOW_RATE = 0.003
FAST_RATE = 0.005
FAST_FROM_MS = 15.0
FAST_UNTIL_MS = 10.0
CUT_FROM_MS = 60.0
CUT_WHILE_CORRECTING_MS = 80.0
LONGEST_RATE_MS = 5_000.0
"""After so long a speed is judged anew, whatever is left."""
SETTLE_MS = 2_000.0
"""After a cut nothing is judged for so long: decoders and outputs need it to tell a true position."""


class Step(StrEnum):
    """A rung of the ladder."""

    NONE = "none"
    RATE = "rate"
    CUT = "cut"


@dataclass(frozen=True, slots=True)
class Correction:
    """Do `step`, then judge again after `for_ms` (0: at the next look). `rate` multiplies the anchor's rate; a cut goes
    to the position the anchor gives, in silence."""

    step: Step
    rate: float = 1.0
    for_ms: float = 0.0


NOTHING = Correction(Step.NONE)


def correction(error_ms: float, bar_ms: float, before: Correction = NOTHING) -> Correction:
    """The next step of a player that is `error_ms` ahead of its anchor (negative: behind), believed to ± `bar_ms`.

    Begins beyond max(2 ms, half of the bar): what is nearer may be the clock's own error. Once begun it goes on to half
    of that, so that no player hovers at the edge; the bounds between slow, fast and cut are two each for the same
    reason. A speed lasts as long as it needs, error / |rate - 1|, at most 5 s.
    """
    size = abs(error_ms)
    correcting = before.step is Step.RATE
    begins = max(DEADBAND_MS, bar_ms / 2)
    # An error or a bar that is no number corrects nothing.
    if math.isnan(bar_ms) or not size > (begins / 2 if correcting else begins):
        return NOTHING
    if size > max(CUT_WHILE_CORRECTING_MS if correcting else CUT_FROM_MS, bar_ms):
        return Correction(Step.CUT, 1.0, SETTLE_MS)
    was_fast = correcting and abs(before.rate - 1) > (SLOW_RATE + FAST_RATE) / 2
    by = FAST_RATE if size > (FAST_UNTIL_MS if was_fast else FAST_FROM_MS) else SLOW_RATE
    return Correction(Step.RATE, 1 - by if error_ms > 0 else 1 + by, min(size / by, LONGEST_RATE_MS))
