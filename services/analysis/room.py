"""The room of analysis: what is known of sounds."""

from __future__ import annotations

from dataclasses import dataclass

from services.analysis.sound_facts import SoundFacts
from services.ground import Ground


@dataclass
class AnalysisRoom:
    """What stands in `services/analysis`."""

    sound_facts: SoundFacts


def build_analysis(ground: Ground) -> AnalysisRoom:
    """The room, ready."""
    return AnalysisRoom(SoundFacts(ground.store))
