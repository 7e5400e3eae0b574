"""A position that was true at a moment: all that is ever said about where a song is."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class Anchor:
    """At `at_ms` (house time, epoch ms) the song stood at `position_ms`; it went on at `rate` if `playing`."""

    at_ms: float = 0.0
    position_ms: float = 0.0
    rate: float = 1.0
    playing: bool = False
