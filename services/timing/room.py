"""What stands in the room of timing."""

from __future__ import annotations

from dataclasses import dataclass

from services.ground import Ground
from services.timing.agreement import Agreement
from services.timing.house_time import HouseTime


@dataclass
class TimingRoom:
    """The house's time, and how its processes agree on it."""

    house_time: HouseTime
    agreement: Agreement


async def build_timing(ground: Ground) -> TimingRoom:
    """The room, agreed with the other processes if their reference answers."""
    agreement = Agreement(ground.house_time, ground.clock, ground.time_reference)
    await agreement.agree()
    return TimingRoom(house_time=ground.house_time, agreement=agreement)
