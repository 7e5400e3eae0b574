"""The viewer's mixes of the day."""

from __future__ import annotations

from typing import Any

from graph.bind import resolves
from graph.context import Info
from services.discovery.mixes.daily_mixes import DailyMix

RECORDS = {"DailyMix": DailyMix}


@resolves("Query.dailyMixes")
def daily_mixes(_: None, info: Info, limit: int | None = None) -> Any:
    """The mixes."""
    return info.context.house.mixes.today(info.context.viewer, limit)


@resolves("Query.dailyMix")
def daily_mix(_: None, info: Info, id: str) -> Any:
    """One of them."""
    return info.context.house.mixes.get(info.context.viewer, id)


@resolves("DailyMix.songs")
def songs(mix: DailyMix, info: Info) -> Any:
    """Its songs, without what was hidden since."""
    return info.context.loaders.songs.load_many(mix.song_ids)


@resolves("DailyMix.coverImage")
async def cover_image(mix: DailyMix, info: Info, size: int | None = None) -> str | None:
    """The first cover there is."""
    found = info.context.loaders.songs.load_many(mix.song_ids)
    shown = found if isinstance(found, list) else await found
    return next((info.context.house.covers.url(song.cover_id, size) for song in shown if song.cover_id), None)
