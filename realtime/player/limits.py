"""What one player may ask of the house, and how long it may take. `docs/protocol.md` tells clients the same numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class PlayerLimits:
    """Seconds, bytes and counts of one socket. `hasty` refused operations in a row end it.

    `hello_s` is for saying hello and `greeting_s` for answering it; `abandoned_s` is what an operation has whose player
    is gone.
    """

    hello_s: float = 10.0
    greeting_s: float = 10.0
    max_frame_bytes: int = 64_000
    frames_per_s: float = 100.0
    frame_burst: int = 400
    max_waiting: int = 64
    max_followed: int = 64
    outbox_frames: int = 256
    outbox_bytes: int = 1024 * 1024
    slow_client_s: float = 15.0
    farewell_s: float = 5.0
    abandoned_s: float = 30.0
    hasty: int = 100

    def shown(self) -> dict[str, Any]:
        """What `hello` tells the client."""
        return {
            "maxFrameBytes": self.max_frame_bytes,
            "framesPerSecond": self.frames_per_s,
            "maxFollowed": self.max_followed,
        }
