"""What counts as having listened: pure, and the same for players that report and for queues that know by themselves."""

from __future__ import annotations

LISTEN_MS = 30_000
"""Heard for so long, a song was listened to; a shorter one when half of it was."""


def is_listen(heard_ms: int, duration_ms: int) -> bool:
    """Whether that much of a song of this length (0 when unknown) is a play and no skip."""
    return heard_ms >= LISTEN_MS or heard_ms * 2 >= max(duration_ms, 1)
