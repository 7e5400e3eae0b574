"""What every player of one process stands on. Owns nothing else."""

from __future__ import annotations

from dataclasses import dataclass

from graph.feeds import Feeds
from realtime.player.crowd import Crowd
from realtime.player.encoded import EncodedFrames
from realtime.player.limits import PlayerLimits
from realtime.player.verbs import Verbs
from realtime.sockets import OpenSockets
from services.house import House
from services.timing.house_time import HouseTime


@dataclass(slots=True)
class PlayerParts:
    """Shared by all sockets at `/ws`; made once, at the start."""

    house: House
    feeds: Feeds
    house_time: HouseTime
    verbs: Verbs
    sockets: OpenSockets
    crowd: Crowd
    frames: EncodedFrames
    limits: PlayerLimits
