"""The room of presence: who is here, on which device."""

from __future__ import annotations

from contextlib import AsyncExitStack
from dataclasses import dataclass

from services.connect.devices import Devices
from services.ground import Ground
from services.now_playing import NowPlaying
from services.presence.board import PresenceBoard
from services.presence.presences import Presences
from services.presence.streams import StreamAttendance
from services.presence.watching import PresenceWatch


@dataclass
class PresenceRoom:
    """What stands in `services/presence`, with the devices on which people are."""

    presence_watch: PresenceWatch
    presences: Presences
    stream_attendance: StreamAttendance
    devices: Devices


def build_presence(ground: Ground, now_playing: NowPlaying, undo: AsyncExitStack) -> PresenceRoom:
    """The room; `undo` ends its watch."""
    board = PresenceBoard(ground.live, ground.house_time)
    watch = PresenceWatch(ground.clock, ground.bus, board)
    undo.push_async_callback(watch.stop)
    return PresenceRoom(
        presence_watch=watch,
        stream_attendance=StreamAttendance(watch),
        presences=Presences(ground.store, ground.accounts.people, board, now_playing),
        devices=Devices(ground.store, ground.clock, ground.bus, board, watch, ground.tiers),
    )
