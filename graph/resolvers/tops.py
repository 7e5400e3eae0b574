"""What a viewer listened to most."""

from __future__ import annotations

from dataclasses import dataclass

from graph.bind import resolves
from graph.context import Info
from services.listening.time_ranges import TimeRange
from storage.records import Artist, Song


@dataclass(slots=True)
class TopSong:
    """A song and how often the viewer played it."""

    song: Song
    play_count: int


@dataclass(slots=True)
class TopArtist:
    """An artist and how often the viewer played them."""

    artist: Artist
    play_count: int


RECORDS = {"TopSong": TopSong, "TopArtist": TopArtist}


@resolves("Query.myTopSongs")
async def my_top_songs(_: None, info: Info, time_range: TimeRange, limit: int | None = None) -> list[TopSong]:
    """The songs played most, those that may be seen."""
    tops = await info.context.house.tops.songs(info.context.viewer, time_range, limit)
    found = await info.context.house.songs.get_many(info.context.viewer, [top.target_id for top in tops])
    return [TopSong(found[top.target_id], top.play_count) for top in tops if top.target_id in found]


@resolves("Query.myTopArtists")
async def my_top_artists(_: None, info: Info, time_range: TimeRange, limit: int | None = None) -> list[TopArtist]:
    """The artists played most, those that may be seen."""
    tops = await info.context.house.tops.artists(info.context.viewer, time_range, limit)
    found = await info.context.house.artists.get_many(info.context.viewer, [top.target_id for top in tops])
    return [TopArtist(found[top.target_id], top.play_count) for top in tops if top.target_id in found]
