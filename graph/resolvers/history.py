"""Listening history: a viewer's own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from graph.bind import resolves
from graph.context import Info
from graph.resolvers.paging import asks_for
from services.listening.plays import PlaySource
from services.listening.time_ranges import TimeRange
from services.paging import Page, slice_of
from storage.records import Play


@dataclass(slots=True)
class RemoveFromHistory:
    """What removing an entry gives."""

    success: bool


@dataclass(slots=True)
class ClearListeningHistory:
    """What clearing the history gives."""

    success: bool
    removed_count: int


RECORDS = {
    "ListeningHistory": Play,
    "RemoveFromHistory": RemoveFromHistory,
    "ClearListeningHistory": ClearListeningHistory,
}
ENUMS = {"TimeRange": TimeRange}


@resolves("Query.listeningHistory")
async def listening_history(_: None, info: Info, time_range: TimeRange, **part: Any) -> list[Play]:
    """The newest plays."""
    history = info.context.house.history
    return (await history.page(info.context.viewer, slice_of(**part), time_range, counted=False)).items


@resolves("Query.listeningHistoryConnection")
async def listening_history_connection(_: None, info: Info, time_range: TimeRange, **part: Any) -> Page[Play]:
    """A page of plays."""
    counted = asks_for(info, "totalCount")
    return await info.context.house.history.page(info.context.viewer, slice_of(**part), time_range, counted=counted)


@resolves("Mutation.removeFromHistory")
async def remove_from_history(_: None, info: Info, play_id: str) -> RemoveFromHistory:
    """One entry out of sight."""
    await info.context.house.history.remove(info.context.viewer, play_id)
    return RemoveFromHistory(True)


@resolves("Mutation.clearListeningHistory")
async def clear_listening_history(_: None, info: Info) -> ClearListeningHistory:
    """All entries out of sight."""
    return ClearListeningHistory(True, await info.context.house.history.clear(info.context.viewer))


@resolves("ListeningHistory.song")
def song(play: Play, info: Info) -> Any:
    """What was played, None when it may not be seen any more."""
    return info.context.loaders.songs.load(play.song_id)


@resolves("ListeningHistory.playedAt")
def played_at(play: Play, _info: Info) -> Any:
    """When it began."""
    return play.started_at


@resolves("ListeningHistory.durationPlayed")
def duration_played(play: Play, _info: Info) -> int | None:
    """How much was heard, in whole seconds."""
    return None if play.ms_played is None else (play.ms_played + 500) // 1000


@resolves("ListeningHistory.durationPlayedMs")
def duration_played_ms(play: Play, _info: Info) -> int | None:
    """How much was heard, in milliseconds."""
    return play.ms_played


@resolves("ListeningHistory.source")
def source(play: Play, _info: Info) -> PlaySource | None:
    """Where it was found."""
    return None if play.source is None else PlaySource(play.source)
