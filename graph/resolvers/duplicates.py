"""Songs of the same sound."""

from __future__ import annotations

from graph.bind import resolves
from graph.context import Info
from services.analysis.duplicates import SoundMatch

RECORDS = {"SoundMatch": SoundMatch}


@resolves("Query.songDuplicates")
async def song_duplicates(_: None, info: Info, song_id: str) -> list[SoundMatch]:
    """Those that sound the same."""
    return await info.context.house.duplicates.of_song(info.context.viewer, song_id)
