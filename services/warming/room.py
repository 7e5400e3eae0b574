"""The room of warming: what is made before anybody asks for it."""

from __future__ import annotations

from contextlib import AsyncExitStack
from dataclasses import dataclass

from services.audio.delivery import Deliveries
from services.ground import Ground
from services.warming.idle_encoding import IdleEncoding
from services.warming.likely_songs import LikelySongs
from services.warming.preparing import Preparing


@dataclass
class WarmingRoom:
    """What stands in `services/warming`."""

    preparing: Preparing
    idle_encoding: IdleEncoding


def build_warming(ground: Ground, deliveries: Deliveries, undo: AsyncExitStack) -> WarmingRoom:
    """The room; `undo` ends what it has under way."""
    preparing = Preparing(deliveries)
    undo.push_async_callback(preparing.stop)
    likely = LikelySongs(ground.store)
    idle = IdleEncoding(deliveries, likely, ground.clock, ground.idle_limits, lag_s=lambda: ground.loop_lag.last_s)
    return WarmingRoom(preparing, idle)
