"""Charts: their places with the songs and artists that a viewer may see."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from graph.bind import resolves
from graph.context import Info
from services.listening.charts import ChartOrder, ChartType
from services.listening.time_ranges import TimeRange
from services.paging import slice_of
from storage.records import Artist, ChartEntry, Song


@dataclass(slots=True)
class ChartSong:
    """One place of a chart with its song."""

    entry: ChartEntry
    song: Song


@dataclass(slots=True)
class TrendingCharts:
    """A chart of songs as a viewer sees it."""

    songs: list[ChartSong]
    as_of: datetime | None = None


RECORDS = {"TrendingCharts": TrendingCharts, "ChartSong": ChartSong}
ENUMS = {"ChartType": ChartType, "ChartOrder": ChartOrder}


@resolves("Query.trendingCharts")
async def trending_charts(
    _: None, info: Info, type: ChartType, time_range: TimeRange, limit: int | None = None, **scope: Any
) -> TrendingCharts:
    """The chart, empty while there is none; what the viewer may not see is left out and leaves a gap."""
    rows = slice_of(limit=limit, default=100).limit
    chart = await info.context.house.charts.songs(info.context.viewer, type, time_range, **scope)
    if chart is None:
        return TrendingCharts([])
    found = await info.context.house.songs.get_many(info.context.viewer, [each.target_id for each in chart.entries])
    shown = [ChartSong(each, found[each.target_id]) for each in chart.entries if each.target_id in found]
    return TrendingCharts(shown[:rows], chart.as_of)


@resolves("Query.trendingArtists")
async def trending_artists(_: None, info: Info, time_range: TimeRange, limit: int | None = None) -> list[Artist]:
    """The artists played most, those that may be seen."""
    rows = slice_of(limit=limit, default=50).limit
    chart = await info.context.house.charts.artists(info.context.viewer, time_range)
    ids = [each.target_id for each in chart.entries] if chart is not None else []
    found = await info.context.house.artists.get_many(info.context.viewer, ids)
    return [found[id] for id in ids if id in found][:rows]


@resolves("ChartSong.position")
def position(place: ChartSong, _info: Info) -> int:
    """Its place, 1 for the first."""
    return place.entry.position


@resolves("ChartSong.playCount")
def play_count(place: ChartSong, _info: Info) -> int:
    """Its plays in the range."""
    return place.entry.plays


@resolves("ChartSong.listeners")
def listeners(place: ChartSong, _info: Info) -> int | None:
    """Its listeners in the range."""
    return place.entry.listeners


@resolves("ChartSong.usualListeners")
def usual_listeners(place: ChartSong, _info: Info) -> float | None:
    """Its usual listeners."""
    return place.entry.usual


@resolves("ChartSong.previousPosition")
def previous_position(place: ChartSong, _info: Info) -> int | None:
    """Its place when the day before ended."""
    return place.entry.previous_position


@resolves("ChartSong.peakPosition")
def peak_position(place: ChartSong, _info: Info) -> int:
    """The best place it has had."""
    return place.entry.peak


@resolves("ChartSong.change")
def change(place: ChartSong, _info: Info) -> int | None:
    """How many places it rose."""
    before = place.entry.previous_position
    return None if before is None else before - place.entry.position
