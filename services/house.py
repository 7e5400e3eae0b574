"""Every service of the product under one roof: what a door is handed so that it can call one method.

Owns nothing but the names. Built once, by `services/building.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from services.accounts.accounts import Accounts
    from services.accounts.tickets import Tickets
    from services.audio.delivery import Deliveries
    from services.catalogue.albums import Albums
    from services.catalogue.artists import Artists
    from services.catalogue.covers import Covers
    from services.catalogue.genres import Genres
    from services.catalogue.songs import Songs
    from services.clock import Clock
    from services.events import Bus
    from services.listening.chart_making import ChartMaking
    from services.listening.charts import Charts
    from services.listening.history import History
    from services.listening.listeners import Listeners
    from services.listening.play_counts import PlayCounts
    from services.listening.plays import Plays
    from services.listening.proof import RollUpProof
    from services.listening.roll_ups import RollUps
    from services.listening.tops import Tops
    from services.now_playing import NowPlaying
    from services.pictures.pictures import Pictures


@dataclass(slots=True)
class House:
    """The services, by the noun they serve."""

    clock: Clock
    bus: Bus
    accounts: Accounts
    tickets: Tickets
    artists: Artists
    albums: Albums
    songs: Songs
    genres: Genres
    covers: Covers
    plays: Plays
    play_counts: PlayCounts
    now_playing: NowPlaying
    deliveries: Deliveries
    pictures: Pictures
    roll_ups: RollUps
    roll_up_proof: RollUpProof
    listeners: Listeners
    chart_making: ChartMaking
    charts: Charts
    history: History
    tops: Tops
