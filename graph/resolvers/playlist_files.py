"""Playlists as files, out and in."""

from __future__ import annotations

from typing import Any

from graph.bind import resolves
from graph.context import Info
from services.paging import slice_of
from services.playlists.exchange import Track
from services.playlists.exporting import Export
from services.playlists.formats import Format
from services.playlists.importing import Import

RECORDS = {"PlaylistExport": Export, "ImportPlaylist": Import, "UnmatchedTrack": Track}
ENUMS = {"PlaylistFormat": Format}


@resolves("Query.exportPlaylist")
def export_playlist(
    _: None, info: Info, playlist_id: str, format: Format | None = None, links: bool | None = None
) -> Any:
    """The playlist as a file."""
    export = info.context.house.playlist_exports.export
    return export(info.context.viewer, playlist_id, format or Format.M3U8, links=bool(links))


@resolves("Mutation.importPlaylist")
def import_playlist(
    _: None,
    info: Info,
    text: str,
    format: Format | None = None,
    name: str | None = None,
    is_public: bool | None = None,
) -> Any:
    """The file as a playlist."""
    take = info.context.house.playlist_imports.take
    return take(info.context.viewer, text, format=format, name=name, is_public=is_public is not False)


@resolves("ImportPlaylist.unmatchedCount")
def unmatched_count(result: Import, _info: Info) -> int:
    """How many tracks were not found."""
    return len(result.unmatched)


@resolves("ImportPlaylist.unmatched")
def unmatched(result: Import, _info: Info, limit: int | None = None, offset: int | None = None) -> list[Track]:
    """Some of them."""
    part = slice_of(limit=limit, offset=offset, default=100)
    return result.unmatched[part.offset : part.offset + part.limit]


@resolves("UnmatchedTrack.title")
def title(track: Track, _info: Info) -> str:
    """What it is called."""
    return track.title or track.file_name
