"""What a viewer listened to over some days, in figures."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from graph.bind import resolves
from graph.context import Info
from services.listening.own_figures import OwnDay, OwnFigures, OwnHour
from services.paging import slice_of
from storage.records import Genre


@dataclass(slots=True)
class OwnGenreShown:
    """A genre and how often songs in it were played."""

    genre: Genre
    plays: int


RECORDS = {
    "MyListening": OwnFigures,
    "MyListeningDay": OwnDay,
    "MyListeningHour": OwnHour,
    "MyListeningGenre": OwnGenreShown,
}


@resolves("Query.myListening")
async def my_listening(
    _: None, info: Info, to: date | None = None, time_zone: str | None = None, **begin: Any
) -> OwnFigures:
    """The figures of the days."""
    return await info.context.house.own_listening.figures(info.context.viewer, begin.get("from"), to, time_zone)


@resolves("MyListening.from")
def first_day(figures: OwnFigures, info: Info) -> date:
    """The first day."""
    return figures.span.first


@resolves("MyListening.to")
def last_day(figures: OwnFigures, info: Info) -> date:
    """The last day."""
    return figures.span.last


@resolves("MyListening.streakDays")
def streak_days(figures: OwnFigures, info: Info) -> int:
    """The most days in a row."""
    return figures.streak


@resolves("MyListening.minutes", "MyListeningDay.minutes", "MyListeningHour.minutes")
def minutes(figures: OwnFigures | OwnDay | OwnHour, info: Info) -> float:
    """Minutes that were heard, to a tenth."""
    return round(figures.ms / 60_000, 1)


@resolves("MyListening.genres")
async def genres(figures: OwnFigures, info: Info, limit: int) -> list[OwnGenreShown]:
    """The genres played most, those that are there."""
    rows = figures.genres[: slice_of(limit=limit).limit]
    found = await info.context.house.genres.get_many(info.context.viewer, [row.genre_id for row in rows])
    return [OwnGenreShown(found[row.genre_id], row.plays) for row in rows if row.genre_id in found]
