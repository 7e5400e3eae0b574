"""The room of analysis: what is known of sounds, and the measuring of those of which nothing is."""

from __future__ import annotations

from dataclasses import dataclass

from services.analysis.analysing import Analysing
from services.analysis.duplicates import Duplicates
from services.analysis.keeping import Keeping
from services.analysis.sound_facts import SoundFacts
from services.analysis.staff import AnalysisDesk
from services.analysis.waiting import Waiting
from services.analysis.waveforms import Waveforms
from services.analysis.workers import Workers
from services.audio.delivery import Deliveries
from services.catalogue.room import Catalogue
from services.ground import Ground
from services.leases import Leases


@dataclass
class AnalysisRoom:
    """What stands in `services/analysis`."""

    sound_facts: SoundFacts
    analysing: Analysing
    analysis_desk: AnalysisDesk
    sound_keeping: Keeping
    waveforms: Waveforms
    duplicates: Duplicates


def build_analysis(ground: Ground, catalogue: Catalogue, deliveries: Deliveries) -> AnalysisRoom:
    """The room, ready. Nothing is measured before `analysing.start` or `analysing.run`."""

    def busy() -> bool:
        # Listeners first: whatever waits for an encoder or has one needs the processor more.
        return deliveries.admission.busy

    store, clock = ground.store, ground.clock
    waiting = Waiting(store, Leases(store, clock))
    keeping = Keeping(store, clock, ground.bus)
    workers = Workers(ground.ffmpeg_path, ground.analysis_workers)
    analysing = Analysing(waiting, keeping, workers, clock, ground.bus, busy, deliveries.at_hand)
    return AnalysisRoom(
        SoundFacts(store),
        analysing,
        AnalysisDesk(waiting, analysing, catalogue.songs),
        keeping,
        Waveforms(store, catalogue.songs.sources),
        Duplicates(store, catalogue.songs),
    )
