"""Liking songs, and the songs somebody likes. Holds the rows that every list in the order of edges shares."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from graph.bind import resolves
from graph.context import Info
from graph.resolvers.paging import PageInfo, asks_for
from services.interactions.edges import EdgePage
from services.paging import slice_of
from storage.records import Song


@dataclass(slots=True)
class LikeSong:
    """What liking a song gives."""

    song: Song
    success: bool = True


@dataclass(slots=True)
class UnlikeSong:
    """What taking a like back gives."""

    song_id: str
    success: bool = True


@dataclass(slots=True)
class DatedEdge:
    """One row, its cursor, and when the edge was drawn."""

    node: Any
    cursor: str
    created_at: datetime


RECORDS = {
    "LikeSong": LikeSong,
    "UnlikeSong": UnlikeSong,
    "LikedSongEdge": DatedEdge,
    "SavedAlbumEdge": DatedEdge,
    "FollowedArtistEdge": DatedEdge,
    "FollowEdge": DatedEdge,
}


@resolves(
    "LikedSongConnection.edges",
    "SavedAlbumConnection.edges",
    "FollowedArtistConnection.edges",
    "FollowConnection.edges",
)
def dated_edges(page: EdgePage[Any], _info: Info) -> list[DatedEdge]:
    """The rows with their cursors and times."""
    rows = zip(page.items, page.cursors, page.times, strict=True)
    return [DatedEdge(node, cursor, time) for node, cursor, time in rows]


@resolves(
    "LikedSongConnection.pageInfo",
    "SavedAlbumConnection.pageInfo",
    "FollowedArtistConnection.pageInfo",
    "FollowConnection.pageInfo",
    "PlaylistFollowerConnection.pageInfo",
)
def page_info(page: EdgePage[Any], _info: Info) -> PageInfo:
    """Where the page lies, by its edges: reading on works also where everything on the page is left out."""
    return PageInfo(page.has_next, page.has_previous, page.start_cursor, page.end_cursor)


@resolves("Mutation.likeSong")
async def like_song(_: None, info: Info, song_id: str) -> LikeSong:
    """The song with its new count."""
    return LikeSong(await info.context.house.likes.like(info.context.viewer, song_id))


@resolves("Mutation.unlikeSong")
async def unlike_song(_: None, info: Info, song_id: str) -> UnlikeSong:
    """The like's end."""
    await info.context.house.likes.unlike(info.context.viewer, song_id)
    return UnlikeSong(song_id)


@resolves("UnlikeSong.song")
def unliked_song(payload: UnlikeSong, info: Info) -> Any:
    """The song as it is now."""
    return info.context.loaders.songs.load(payload.song_id)


@resolves("Song.isLiked")
def is_liked(song: Song, info: Info) -> Any:
    """Whether the viewer likes it."""
    return info.context.loaders.liked_songs.ask(song.id, bool)


@resolves("Query.likedSongs")
def liked_songs(_: None, info: Info, **part: Any) -> Any:
    """The songs the viewer likes."""
    counted = asks_for(info, "totalCount")
    return info.context.house.likes.songs(info.context.viewer, slice_of(**part), counted=counted)
