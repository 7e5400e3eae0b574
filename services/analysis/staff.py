"""What staff see of the analysis and may ask of it.

Owns who may. Refuses to measure.
"""

from __future__ import annotations

from dataclasses import dataclass

from services.analysis.analysing import Analysing
from services.analysis.waiting import Waiting
from services.catalogue.songs import Songs
from services.viewer import Role, Viewer
from storage.records import Song


@dataclass(frozen=True, slots=True)
class AnalysisProgress:
    """How far the measuring of the library is, in sounds; `running` are those that this process has in hand."""

    waiting: int
    running: int
    done: int
    failed: int


class AnalysisDesk:
    """For moderators and admins."""

    def __init__(self, waiting: Waiting, analysing: Analysing, songs: Songs) -> None:
        self._waiting = waiting
        self._analysing = analysing
        self._songs = songs

    async def progress(self, viewer: Viewer) -> AnalysisProgress:
        """How far it is. Denied for everybody else."""
        viewer.require(Role.MODERATOR)
        failed, marked = await self._waiting.refused(), await self._waiting.marked()
        return AnalysisProgress(await self._waiting.count(), self._analysing.running, max(0, marked - failed), failed)

    async def reanalyse(self, viewer: Viewer, song_id: str) -> Song:
        """Have a song's sound measured again, in each of its files, soon; the song. What is known stays until then.

        NotFound when it is absent or invisible.
        """
        viewer.require(Role.MODERATOR)
        song = await self._songs.get(viewer, song_id)
        await self._waiting.again(song)
        await self._analysing.catch_up()
        return song
