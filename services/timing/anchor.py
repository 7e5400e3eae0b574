"""Where a song is at a moment: a position that was true once, and the rate since (REALTIME, rule 1).

Pure. Pause and seek are new anchors; nobody sends positions.
"""

from __future__ import annotations

from dataclasses import replace

from storage.records.anchor import Anchor


def position_ms(anchor: Anchor, at_ms: float) -> float:
    """The position at `at_ms` of the house's time. Before a start that lies ahead it is the start's position."""
    if not anchor.playing:
        return anchor.position_ms
    return anchor.position_ms + max(0.0, at_ms - anchor.at_ms) * anchor.rate


def ends_at_ms(anchor: Anchor, duration_ms: float) -> float | None:
    """When a song of this length is over, in the house's time; None while it does not play."""
    if not anchor.playing or anchor.rate <= 0:
        return None
    return anchor.at_ms + max(0.0, duration_ms - anchor.position_ms) / anchor.rate


def paused(anchor: Anchor, at_ms: float) -> Anchor:
    """The anchor of the same song standing still at `at_ms`."""
    return replace(anchor, at_ms=at_ms, position_ms=position_ms(anchor, at_ms), playing=False)


def started(anchor: Anchor, at_ms: float, *, position: float | None = None) -> Anchor:
    """The anchor of the same song playing from `at_ms` on, from where it stands or from `position` (milliseconds)."""
    from_ms = position_ms(anchor, at_ms) if position is None else position
    return replace(anchor, at_ms=at_ms, position_ms=from_ms, playing=True)


def sought(anchor: Anchor, at_ms: float, position: float) -> Anchor:
    """The anchor of the same song at another position, playing or not as it was."""
    return replace(anchor, at_ms=at_ms, position_ms=max(0.0, position))
