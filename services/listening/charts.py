"""Charts as people read them: one document each, made before anybody asks.

Owns which charts there are and how they are named. Refuses to know how they are made (`chart_making.py`), and who may
see their songs: a reader leaves out what a viewer may not see, and the others keep their positions.
"""

from __future__ import annotations

import re
from enum import StrEnum

from services.catalogue.genres import Genres
from services.errors import Invalid, NotFound
from services.listening.charting.acceleration import TREND_RANGES
from services.listening.time_ranges import TimeRange
from services.viewer import Viewer
from storage.collections.store import Store
from storage.records import Chart

CHART_RANGES = (TimeRange.DAY, TimeRange.WEEK, TimeRange.MONTH, TimeRange.ALL_TIME)
CHART_LENGTH = 100
SONGS = "songs"
TRENDS = "trends"
ARTISTS = "artists"
EVERYWHERE = "global"

_COUNTRY = re.compile(r"[A-Za-z]{2}")
_LONGEST_NAME = 200


class ChartType(StrEnum):
    """Whose plays a chart counts."""

    GLOBAL = "global"
    COUNTRY = "country"
    GENRE = "genre"


class ChartOrder(StrEnum):
    """What a chart stands in the order of."""

    VOLUME = "volume"
    ACCELERATION = "acceleration"


def chart_id(subject: str, scope: str, range: TimeRange) -> str:
    """The id of a chart's document."""
    return f"{subject}:{scope}:{range.value}"


class Charts:
    """The charts, for reading."""

    def __init__(self, store: Store, genres: Genres) -> None:
        self._store = store
        self._genres = genres

    async def songs(
        self,
        viewer: Viewer,
        type: ChartType,
        range: TimeRange,
        *,
        country: str | None = None,
        genre: str | None = None,
        order: ChartOrder = ChartOrder.VOLUME,
    ) -> Chart | None:
        """The chart of songs, None while there is none; one store command, and one to find a genre.

        `country` is an ISO 3166 code and goes with COUNTRY alone, `genre` an id, slug or name and goes with GENRE
        alone, else Invalid; so is YEAR, for which no chart is made. By acceleration there is none of a country and of
        all time: Invalid. NotFound for an unknown genre.
        """
        if order == ChartOrder.ACCELERATION and type == ChartType.COUNTRY:
            raise Invalid("Acceleration is told for GLOBAL and GENRE.", field="order")
        if order == ChartOrder.ACCELERATION and range not in TREND_RANGES:
            raise Invalid("Acceleration is told for DAY, WEEK and MONTH.", field="timeRange")
        if type != ChartType.COUNTRY and country is not None:
            raise Invalid("A country goes with type COUNTRY.", field="country")
        if type != ChartType.GENRE and genre is not None:
            raise Invalid("A genre goes with type GENRE.", field="genre")
        scope = EVERYWHERE
        if type == ChartType.COUNTRY:
            if country is None or not _COUNTRY.fullmatch(country):
                raise Invalid("A country is two letters, like DE.", field="country")
            scope = f"country:{country.upper()}"
        elif type == ChartType.GENRE:
            scope = f"genre:{await self._genre_id(genre)}"
        subject = TRENDS if order == ChartOrder.ACCELERATION else SONGS
        return await self._store.charts.get(chart_id(subject, scope, _charted(range)))

    async def artists(self, viewer: Viewer, range: TimeRange) -> Chart | None:
        """The chart of artists by the plays of their songs, None while there is none; one store command."""
        return await self._store.charts.get(chart_id(ARTISTS, EVERYWHERE, _charted(range)))

    async def _genre_id(self, text: str | None) -> str:
        if text is None or not text.strip() or len(text) > _LONGEST_NAME:
            raise Invalid("Name a genre by its id, slug or name.", field="genre")
        found = await self._genres.named(text)
        if found is None:
            raise NotFound("There is no such genre.")
        return found.id


def _charted(range: TimeRange) -> TimeRange:
    if range not in CHART_RANGES:
        raise Invalid("Charts are made for DAY, WEEK, MONTH and ALL_TIME.", field="timeRange")
    return range
