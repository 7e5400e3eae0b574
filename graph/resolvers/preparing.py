"""Telling which songs come next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from graph.bind import resolves
from graph.context import Info
from services.warming.preparing import Preparation, PreparedSong


@dataclass(slots=True)
class PrepareSongs:
    """What preparing songs gives."""

    prepared: list[PreparedSong]


RECORDS = {"PrepareSongs": PrepareSongs, "PreparedSong": PreparedSong}
ENUMS = {"PreparedState": Preparation}


@resolves("Mutation.prepareSongs")
async def prepare_songs(
    _: None, info: Info, song_ids: Sequence[str], quality: str | None = None, format: str | None = None
) -> PrepareSongs:
    """How it stands with each."""
    preparing = info.context.house.preparing
    return PrepareSongs(await preparing.prepare(info.context.viewer, song_ids, quality=quality, wished=format))
