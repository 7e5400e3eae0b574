"""Songs of the same sound."""

from __future__ import annotations

from graph.bind import resolves
from graph.context import Info
from services.analysis.duplicates import DuplicateGroup, SoundMatch
from services.analysis.keep_choice import KeepReason
from services.paging import Page, slice_of

RECORDS = {"SoundMatch": SoundMatch, "DuplicateGroup": DuplicateGroup}
ENUMS = {"KeepReason": KeepReason}


@resolves("Query.songDuplicates")
async def song_duplicates(_: None, info: Info, song_id: str) -> list[SoundMatch]:
    """Those that sound the same."""
    return await info.context.house.duplicates.of_song(info.context.viewer, song_id)


@resolves("Query.duplicateSongs")
async def duplicate_songs(
    _: None, info: Info, first: int | None = None, after: str | None = None
) -> Page[DuplicateGroup]:
    """All of them, in groups."""
    part = slice_of(first=first, after=after)
    return await info.context.house.duplicates.groups(info.context.viewer, part)
