"""How far a new song is on its way from an upload to everything that is made of its sound.

Owns the stages and who is told: artists and admins, of songs they may see. Refuses to measure. A song can be played
from its first stage on; renditions are made while they are played, so nothing is waited for but the measuring.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from services.analysis.measuring import VERSION
from services.analysis.waiting import claim_of
from services.catalogue.songs import Songs
from services.clock import Clock
from services.viewer import Role, Viewer
from storage.collections.store import Store
from storage.records import Song


class SongStage(StrEnum):
    """Where a song stands. Its file was staged and looked into before there was a song."""

    WAITING = "waiting"
    MEASURING = "measuring"
    READY = "ready"
    FAILED = "failed"


STEP = {SongStage.WAITING: 1, SongStage.MEASURING: 2, SongStage.READY: 3, SongStage.FAILED: 3}
PERCENT = {SongStage.WAITING: 33, SongStage.MEASURING: 67, SongStage.READY: 100, SongStage.FAILED: 100}


@dataclass(frozen=True, slots=True)
class SongProgress:
    """A song's stage; `percent` counts steps that are done (looked into, begun, measured), not time."""

    song: Song
    stage: SongStage
    failure: str | None = None

    @property
    def percent(self) -> int:
        """Steps done, of a hundred."""
        return PERCENT[self.stage]

    @property
    def rev(self) -> int:
        """Grows from stage to stage."""
        return STEP[self.stage]


class SongProgresses:
    """For those who upload."""

    def __init__(self, store: Store, clock: Clock, songs: Songs) -> None:
        self._store = store
        self._clock = clock
        self._songs = songs

    async def of(self, viewer: Viewer, song_id: str) -> SongProgress:
        """How far the song is. Denied for everybody else; NotFound when it is absent or invisible."""
        viewer.require(Role.ARTIST)
        song = await self._songs.get(viewer, song_id)
        file = None if song.file_id is None else await self._store.audio_files.get(song.file_id)
        if file is None or file.payload_hash is None:
            return SongProgress(song, SongStage.WAITING)
        if (file.analysed_version or 0) >= VERSION:
            analysis = await self._store.sound_analyses.get(file.payload_hash)
            failure = None if analysis is None else analysis.failure
            return SongProgress(song, SongStage.READY if failure is None else SongStage.FAILED, failure)
        claim = await self._store.leases.get(claim_of(file.payload_hash))
        claimed = claim is not None and claim.until > self._clock.now()
        return SongProgress(song, SongStage.MEASURING if claimed else SongStage.WAITING)
