"""Reporting plays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from graph.bind import resolves
from graph.context import Info
from services.plays import PlaySource
from storage.records import Song


@dataclass(slots=True)
class PlaySong:
    """What reporting a play gives."""

    success: bool
    song: Song


RECORDS = {"PlaySong": PlaySong}
ENUMS = {"PlaySource": PlaySource}


@resolves("Mutation.playSong")
async def play_song(_: None, info: Info, song_id: str, **report: Any) -> PlaySong:
    """The song with its new count."""
    return PlaySong(True, await info.context.house.plays.record(info.context.viewer, song_id, **report))
