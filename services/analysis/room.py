"""The room of analysis: what is known of sounds, and the measuring of those of which nothing is."""

from __future__ import annotations

from dataclasses import dataclass

from services.analysis.analysing import Analysing
from services.analysis.duplicates import Duplicates
from services.analysis.ears import Ears
from services.analysis.grouping import Grouping
from services.analysis.keeping import Keeping
from services.analysis.recall import Recall
from services.analysis.song_progress import SongProgresses
from services.analysis.sound_facts import SoundFacts
from services.analysis.staff import AnalysisDesk
from services.analysis.waiting import Waiting
from services.analysis.waveforms import Waveforms
from services.analysis.workers import Workers
from services.audio.delivery import Deliveries
from services.audio.ffmpeg import Ffmpeg
from services.catalogue.room import Catalogue
from services.ground import Ground
from services.leases import Leases
from services.library.reunion import Reunion


@dataclass
class AnalysisRoom:
    """What stands in `services/analysis`."""

    sound_facts: SoundFacts
    analysing: Analysing
    analysis_desk: AnalysisDesk
    sound_keeping: Keeping
    waveforms: Waveforms
    duplicates: Duplicates
    sound_grouping: Grouping
    ears: Ears
    song_progresses: SongProgresses


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
    recall = Recall(store)
    grouping = Grouping(store, recall, Reunion(store, clock, ground.bus), Leases(store, clock), clock)
    return AnalysisRoom(
        SoundFacts(store),
        analysing,
        AnalysisDesk(waiting, analysing, catalogue.songs),
        keeping,
        Waveforms(store, catalogue.songs.sources),
        Duplicates(store, catalogue.songs, recall),
        grouping,
        Ears(store, Ffmpeg(ground.ffmpeg_path), grouping, at_once=ground.analysis_workers),
        SongProgresses(store, clock, catalogue.songs),
    )
