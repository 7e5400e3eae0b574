"""Every operation of `/ws`: the modules there are, joined. A new family of operations is a line here."""

from __future__ import annotations

from realtime.player import clock_verbs, core_verbs, library_verbs
from realtime.player.device_verbs import DEVICES
from realtime.player.notification_verbs import NOTIFICATIONS
from realtime.player.presence_verbs import PRESENCE
from realtime.player.queue_verbs import QUEUE
from realtime.player.room_music_verbs import ROOM_MUSIC
from realtime.player.room_verbs import ROOMS
from realtime.player.verbs import Verbs


def player_verbs() -> Verbs:
    """The table."""
    return Verbs(
        core_verbs.verbs,
        clock_verbs.CLOCK,
        library_verbs.verbs,
        ROOMS,
        ROOM_MUSIC,
        QUEUE,
        DEVICES,
        PRESENCE,
        NOTIFICATIONS,
    )
