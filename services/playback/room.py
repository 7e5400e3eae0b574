"""The room of playback: what players are told before and between songs."""

from __future__ import annotations

from dataclasses import dataclass

from services.analysis.room import AnalysisRoom
from services.catalogue.songs import Songs
from services.ground import Ground
from services.playback.playback import Playback
from services.playback.song_loudness import SongLoudness


@dataclass
class PlaybackRoom:
    """What stands in `services/playback`."""

    song_loudness: SongLoudness
    playback: Playback


def build_playback(ground: Ground, songs: Songs, analysis: AnalysisRoom) -> PlaybackRoom:
    """The room, ready."""
    facts = analysis.sound_facts
    loudness = SongLoudness(facts, facts.album_loudness, ground.clock)
    preference = ground.accounts.audio_quality
    return PlaybackRoom(loudness, Playback(songs, facts, loudness, ground.tickets, preference, ground.tiers))
