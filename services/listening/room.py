"""The room of listening: the ledger of plays, and what is folded from it."""

from __future__ import annotations

from dataclasses import dataclass

from services.catalogue.room import Catalogue
from services.downloads.licences import Licences
from services.ground import Ground
from services.listening.chart_making import ChartMaking
from services.listening.charting.trend_making import TrendMaking
from services.listening.charts import Charts
from services.listening.history import History
from services.listening.listeners import Listeners
from services.listening.own_figures import OwnListening
from services.listening.play_counts import PlayCounts
from services.listening.plays import Plays
from services.listening.proof import RollUpProof
from services.listening.roll_ups import RollUps
from services.listening.tops import Tops
from services.now_playing import NowPlaying


@dataclass
class ListeningRoom:
    """What stands in `services/listening`."""

    plays: Plays
    play_counts: PlayCounts
    roll_ups: RollUps
    roll_up_proof: RollUpProof
    listeners: Listeners
    chart_making: ChartMaking
    trend_making: TrendMaking
    charts: Charts
    history: History
    tops: Tops
    own_listening: OwnListening


def build_listening(ground: Ground, catalogue: Catalogue, now_playing: NowPlaying) -> ListeningRoom:
    """The room, ready."""
    store, clock = ground.store, ground.clock
    roll_ups = RollUps(store, clock)
    licences = Licences(store, clock, ground.download_rules, ground.tiers)
    return ListeningRoom(
        plays=Plays(store, clock, ground.bus, catalogue.songs, now_playing, licences.windows),
        play_counts=PlayCounts(store),
        roll_ups=roll_ups,
        roll_up_proof=RollUpProof(store, roll_ups),
        listeners=Listeners(store, clock),
        chart_making=ChartMaking(store, clock),
        trend_making=TrendMaking(store, clock),
        charts=Charts(store, catalogue.genres),
        history=History(store, clock),
        tops=Tops(store, clock),
        own_listening=OwnListening(store, clock),
    )
