"""Moods and their playlists."""

from __future__ import annotations

from typing import Any

from graph.bind import resolves
from graph.context import Info
from services.discovery.lists.mood_playlists import MoodCount, MoodPlaylist, MoodSong, MoodWhy
from storage.records import Song

RECORDS = {"MoodPlaylist": MoodPlaylist, "MoodSong": MoodSong, "MoodCount": MoodCount}
ENUMS = {"MoodWhy": MoodWhy}


@resolves("Query.moodPlaylist")
def mood_playlist(_: None, info: Info, mood: str, limit: int | None = None) -> Any:
    """The day's songs of a mood."""
    return info.context.house.mood_playlists.playlist(info.context.viewer, mood, limit)


@resolves("Query.moods")
def moods(_: None, info: Info) -> Any:
    """The moods there are."""
    return info.context.house.mood_playlists.moods(info.context.viewer)


@resolves("MoodPlaylist.songs")
def songs(playlist: MoodPlaylist, _info: Info) -> list[Song]:
    """Its songs."""
    return [entry.song for entry in playlist.entries]
