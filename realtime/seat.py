"""A socket's seats in the crowd: one by its address from the handshake on, one by its person once they are known.

Owns giving both back exactly once. Refuses to know how many there may be; `realtime/player/crowd.py` does.
"""

from __future__ import annotations

from realtime.player.crowd import Crowd
from services.viewer import Viewer


class Seat:
    """What one socket takes of `crowd`, which has counted its `address` already; None counts nothing."""

    def __init__(self, crowd: Crowd | None, address: str) -> None:
        self._crowd = crowd
        self._address = address
        self._person: str | None = None

    def take(self, viewer: Viewer) -> None:
        """A seat for the person, the first time. As `Crowd.seat` for too many."""
        if self._crowd is not None and viewer.user_id is not None and self._person is None:
            self._crowd.seat(viewer.user_id)
            self._person = viewer.user_id

    def leave(self) -> None:
        """Give back what was taken. Safe to call twice."""
        if self._crowd is None:
            return
        self._crowd.leave(self._address)
        if self._person is not None:
            self._crowd.unseat(self._person)
        self._crowd = None
