"""A song's outline in as many points as a seek bar is wide.

Owns the bounds and the resampling. Who may see the song is decided by the `sources` it is given.
"""

from __future__ import annotations

import base64
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import numpy as np

from services.analysis.outline import highest
from services.errors import Invalid, NotFound
from services.viewer import Viewer
from storage.collections.store import Store
from storage.records import AudioFile, Song

LEAST_POINTS, MOST_POINTS, USUAL_POINTS = 50, 4000, 800

Sources = Callable[[Viewer, str], Awaitable[tuple[Song, AudioFile]]]
"""The song of that id and its file; raises NotFound when absent or invisible to the viewer."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """An outline: `peaks` has a byte for each of equally long stretches, their highest value; 255 is full scale."""

    version: int
    duration_ms: int
    peaks: bytes
    etag: str


class Waveforms:
    """Draws outlines from what the analysis kept."""

    def __init__(self, store: Store, sources: Sources) -> None:
        self._store = store
        self._sources = sources

    async def drawn(self, viewer: Viewer, song_id: str, points: int | None = None) -> Drawn:
        """The outline of a song in `points` (50 to 4,000, usually 800).

        NotFound when the song is absent or invisible; with the code NOT_MEASURED while its sound waits for that, and
        NOT_MEASURABLE when it could not be. Invalid for too few or too many points.
        """
        wanted = USUAL_POINTS if points is None else points
        if not LEAST_POINTS <= wanted <= MOST_POINTS:
            raise Invalid(f"points must be {LEAST_POINTS} to {MOST_POINTS}.", field="points")
        _, file = await self._sources(viewer, song_id)
        kept = await self._store.waveforms.get(file.payload_hash) if file.payload_hash else None
        if kept is None:
            analysis = await self._store.sound_analyses.get(file.payload_hash) if file.payload_hash else None
            if analysis is not None and analysis.failure is not None:
                raise NotFound("This song's sound could not be measured.", code="NOT_MEASURABLE")
            raise NotFound("This song's sound has not been measured yet.", code="NOT_MEASURED", retry_after=60.0)
        values = np.frombuffer(base64.b64decode(kept.peaks), dtype=np.uint8)
        peaks = highest(values, wanted).tobytes()
        return Drawn(kept.version, kept.duration_ms, peaks, f'"{kept.id[:24]}-{kept.version}-{wanted}"')
