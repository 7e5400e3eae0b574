"""The room between people: blocks and mutes."""

from __future__ import annotations

from dataclasses import dataclass

from services.ground import Ground
from services.interactions.room import InteractionRoom
from services.people.blocks import Blocks


@dataclass
class MeetingRoom:
    """What stands in `services/people`."""

    blocks: Blocks


def build_meeting(ground: Ground, interactions: InteractionRoom) -> MeetingRoom:
    """The room, ready."""
    return MeetingRoom(blocks=Blocks(ground.store, ground.clock, ground.bus, ground.accounts, interactions.follows))
