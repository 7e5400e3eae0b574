"""The room of connected players: everybody's queue and what looks after it."""

from __future__ import annotations

from dataclasses import dataclass

from services.catalogue.room import Catalogue
from services.connect.desk import QueueDesk
from services.connect.hearing import Hearing
from services.connect.queues import DeviceKnown, Queues, any_device
from services.connect.sources import QueueSources
from services.connect.upkeep import QueueUpkeep
from services.discovery.room import DiscoveryRoom
from services.entitlements.room import EntitlementRoom
from services.ground import Ground
from services.listening.plays import Plays
from services.now_playing import NowPlaying
from services.playlists.playlists import Playlists


@dataclass
class ConnectRoom:
    """What stands in `services/connect`."""

    queues: Queues
    queue_upkeep: QueueUpkeep


def build_connect(
    ground: Ground,
    catalogue: Catalogue,
    playlists: Playlists,
    discovery: DiscoveryRoom,
    plays: Plays,
    now_playing: NowPlaying,
    entitlements: EntitlementRoom,
    device_known: DeviceKnown = any_device,
) -> ConnectRoom:
    """The room, ready."""
    store, clock = ground.store, ground.clock
    sources = QueueSources(
        catalogue.songs,
        catalogue.albums,
        catalogue.artists,
        playlists,
        discovery.stations,
        discovery.recommendations,
    )
    desk = QueueDesk(store, clock, ground.bus, ground.house_time)
    hearing = Hearing(store, clock, plays, now_playing, entitlements.playing_places)
    return ConnectRoom(
        queues=Queues(desk, sources, hearing, entitlements.skips, device_known),
        queue_upkeep=QueueUpkeep(store, desk, sources, hearing, ground.house_time),
    )
