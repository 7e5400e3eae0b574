"""How one song goes over into the next: the policy, and its numbers in milliseconds.

Pure arithmetic over what was measured of two songs. Owns when songs join without a gap, fade into one another, or wait
for each other. Refuses to fetch, to know viewers and queues, and to change any sound: a player carries it out.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

MOST_OVERLAP_MS = 12_000
"""A fade-out may last a minute; more than this of it under the next song is mud."""
LEAST_OVERLAP_MS = 500
"""Below this a crossfade is heard as a stumble."""
MOST_GAP_MS = 2_000
"""Silence at the end and the beginning, together, is the pause between two pieces; what is longer is skipped."""
BEAT_CONFIDENCE = 0.6
"""Tempo and beats of both songs have to be at least so certain before they are aligned."""
MOST_DRIFT_MS = 40
"""How far two beats may run apart while both are heard: about where one drum stroke becomes two."""
BEATS_TOGETHER = 8
"""Two bars of four: how long songs with the same beat overlap that neither fade out nor in."""


class TransitionKind(StrEnum):
    """How one song follows another."""

    GAPLESS = "gapless"
    CROSSFADE = "crossfade"
    GAP = "gap"
    CUT = "cut"


@dataclass(frozen=True, slots=True)
class Outline:
    """What is known of one song, in milliseconds from its beginning. None, or no beats, where it is not known.

    `is_measured` is False for a song of which the duration is all that is known. Values out of range are taken for the
    nearest that is possible.
    """

    duration_ms: int
    is_measured: bool = False
    sound_start_ms: int = 0
    sound_end_ms: int | None = None
    fade_in_end_ms: int | None = None
    fade_out_start_ms: int | None = None
    beats_ms: Sequence[int] = field(default=())
    beat_certainty: float = 0.0

    @property
    def duration(self) -> int:
        """Never negative."""
        return max(0, self.duration_ms)

    @property
    def start(self) -> int:
        """Where its sound begins."""
        return min(max(0, self.sound_start_ms), self.duration)

    @property
    def end(self) -> int:
        """Where its sound ends, not before it begins."""
        end = self.duration if self.sound_end_ms is None else self.sound_end_ms
        return min(max(self.start, end), self.duration)

    @property
    def fade_in(self) -> int:
        """How long it takes to come in, 0 when it is there at once."""
        return (
            0 if self.fade_in_end_ms is None else min(max(0, self.fade_in_end_ms - self.start), self.end - self.start)
        )

    @property
    def fade_out(self) -> int:
        """How long it takes to go, 0 when it stops."""
        begun = self.end if self.fade_out_start_ms is None else self.fade_out_start_ms
        return min(max(0, self.end - begun), self.end - self.start)


@dataclass(frozen=True, slots=True)
class Transition:
    """What a player does between two songs.

    It plays the first up to `from_end_ms` and begins the second at `to_start_ms`: `overlap_ms` before that end, or
    `gap_ms` of silence after it. Over the overlap it fades the first out within its last `fade_out_ms` and the second
    in within its first `fade_in_ms`; they are 0 where the recording fades by itself. `reason` is a sentence for people.
    """

    kind: TransitionKind
    from_end_ms: int
    to_start_ms: int
    overlap_ms: int
    gap_ms: int
    fade_out_ms: int
    fade_in_ms: int
    is_beat_aligned: bool
    reason: str


def transition(before: Outline, after: Outline, *, follows_on_album: bool) -> Transition:
    """The way from `before` to `after`. Never beyond either song, and never more than half of what is heard of one:

    so a song's beginning and its end do not meet, however short it is.
    """
    if follows_on_album:
        reason = "They follow one another on one album: the end and the beginning are one recording."
        return _plain(TransitionKind.GAPLESS, before.duration, 0, reason)
    if not (before.is_measured and after.is_measured):
        return _plain(TransitionKind.CUT, before.duration, 0, "What they sound like at the joint is not known yet.")
    most = min(MOST_OVERLAP_MS, (before.end - before.start) // 2, (after.end - after.start) // 2)
    faded = max(before.fade_out, after.fade_in)
    certain = min(before.beat_certainty, after.beat_certainty) >= BEAT_CONFIDENCE
    period = _period(before, after) if certain else None
    wanted = faded or (0 if period is None else round(period * BEATS_TOGETHER))
    overlap = min(wanted, most)
    if overlap < LEAST_OVERLAP_MS:
        return _pause(before, after, too_short=wanted >= LEAST_OVERLAP_MS)
    aligned = None if period is None else _aligned(before, after, overlap, most)
    if aligned is None and not faded:
        return _pause(before, after, too_short=False)
    overlap = overlap if aligned is None else aligned
    beats = ", beat on beat" if aligned is not None else ""
    return Transition(
        kind=TransitionKind.CROSSFADE,
        from_end_ms=before.end,
        to_start_ms=after.start,
        overlap_ms=overlap,
        gap_ms=0,
        fade_out_ms=0 if before.fade_out else overlap,
        fade_in_ms=0 if after.fade_in else overlap,
        is_beat_aligned=aligned is not None,
        reason=f"{_cause(before, after)}: they overlap by {overlap / 1000:.1f} s{beats}.",
    )


def _plain(kind: TransitionKind, from_end_ms: int, to_start_ms: int, reason: str, gap_ms: int = 0) -> Transition:
    return Transition(kind, from_end_ms, to_start_ms, 0, gap_ms, 0, 0, False, reason)


def _pause(before: Outline, after: Outline, *, too_short: bool) -> Transition:
    silence = before.duration - before.end + after.start
    gap = min(silence, MOST_GAP_MS)
    cause = "One is too short to be faded" if too_short else "One stops and the other sets in at once"
    if not gap:
        return _plain(TransitionKind.CUT, before.end, after.start, f"{cause}, and there is no silence between them.")
    skipped = f"; of {silence / 1000:.1f} s of silence the rest is skipped" if silence > gap else ""
    reason = f"{cause}: a pause of {gap / 1000:.1f} s is kept{skipped}."
    return _plain(TransitionKind.GAP, before.end, after.start, reason, gap)


def _cause(before: Outline, after: Outline) -> str:
    if before.fade_out and after.fade_in:
        return "The first fades out and the second fades in"
    if before.fade_out:
        return "The first fades out"
    return "The second fades in" if after.fade_in else "Both keep the same time"


def _period(before: Outline, after: Outline) -> float | None:
    """The first's time from beat to beat near its end, if the second's near its beginning is nearly the same."""
    ending = [beat for beat in before.beats_ms if before.start <= beat <= before.end][-17:]
    beginning = [beat for beat in after.beats_ms if after.start <= beat <= after.end][:17]
    if len(ending) < 5 or len(beginning) < 5:
        return None
    period = (ending[-1] - ending[0]) / (len(ending) - 1)
    other = (beginning[-1] - beginning[0]) / (len(beginning) - 1)
    if period <= 0 or other <= 0 or abs(period - other) * BEATS_TOGETHER > MOST_DRIFT_MS:
        return None
    return period


def _aligned(before: Outline, after: Outline, overlap: int, most: int) -> int | None:
    """The overlap nearest to `overlap` with which the second's first beat falls on one of the first's.

    None when there is none within bounds, or when the beats would run apart before the first is over.
    """
    beats = [beat for beat in before.beats_ms if before.start <= beat <= before.end]
    lead = next((beat - after.start for beat in after.beats_ms if beat >= after.start), None)
    if lead is None or not beats:
        return None
    at = before.end - overlap + lead
    place = bisect_left(beats, at)
    fitting = [
        before.end - (beat - lead)
        for beat in beats[max(0, place - 2) : place + 2]
        if LEAST_OVERLAP_MS <= before.end - (beat - lead) <= most
    ]
    if not fitting:
        return None
    best = min(fitting, key=lambda each: abs(each - overlap))
    period = _period(before, after)
    if period is None or abs(best - overlap) > period:
        return None
    heard = [beat for beat in after.beats_ms if after.start <= beat < after.start + best]
    drift = max((_distance(beats, before.end - best + beat - after.start) for beat in heard), default=0)
    # Where the first has no beats left, in the end of its fade, there is nothing to run apart from.
    return best if drift <= MOST_DRIFT_MS else None


def _distance(beats: Sequence[int], at: int) -> int:
    if at > beats[-1]:
        return 0
    place = bisect_left(beats, at)
    return min(abs(beat - at) for beat in beats[max(0, place - 1) : place + 1])
