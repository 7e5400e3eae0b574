"""Importing the house's folders now, from the back office.

Owns which folders may be named: those of the settings, and no other of the machine. Refuses to know how files become
songs.
"""

from __future__ import annotations

from collections.abc import Awaitable, Sequence
from pathlib import Path
from typing import Protocol

from services.library.summary import Progress, ShowProgress, Summary
from services.office.job_board import JobBoard, tell
from services.viewer import Role, Viewer

JOB = "import folders"


class RunImport(Protocol):
    """An importer's `run`."""

    def __call__(self, roots: Sequence[Path], *, progress: ShowProgress) -> Awaitable[Summary]:
        """Import these folders."""


class ImportNow:
    """The folders of the settings, imported when somebody asks. `run` is handed in by the composition."""

    def __init__(self, board: JobBoard) -> None:
        board.know([(JOB, 0.0)])
        self.folders: tuple[Path, ...] = ()
        self.run: RunImport | None = None

    def ready(self, folders: Sequence[Path], run: RunImport | None) -> None:
        """Be able to import these folders."""
        self.folders, self.run = tuple(folders), run

    def names(self, viewer: Viewer) -> list[str]:
        """The folders, for admins."""
        viewer.require(Role.ADMIN)
        return [str(folder) for folder in self.folders]

    async def work(self) -> None:
        """The job `import folders`: import each, telling how far it is. Conflict while another import runs."""
        if self.run is not None and self.folders:
            await self.run(self.folders, progress=_show)


def _show(progress: Progress) -> None:
    tell(progress.phase, progress.done, progress.total)
