"""Saving albums, and the albums somebody saved."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from graph.bind import resolves
from graph.context import Info
from graph.resolvers.paging import asks_for
from services.paging import slice_of
from storage.records import Album


@dataclass(slots=True)
class SaveAlbum:
    """What saving an album gives."""

    album: Album
    success: bool = True


@dataclass(slots=True)
class UnsaveAlbum:
    """What taking an album off the saved ones gives."""

    album_id: str
    success: bool = True


RECORDS = {"SaveAlbum": SaveAlbum, "UnsaveAlbum": UnsaveAlbum}


@resolves("Mutation.saveAlbum")
async def save_album(_: None, info: Info, album_id: str) -> SaveAlbum:
    """The album with its new count."""
    return SaveAlbum(await info.context.house.saves.save(info.context.viewer, album_id))


@resolves("Mutation.unsaveAlbum")
async def unsave_album(_: None, info: Info, album_id: str) -> UnsaveAlbum:
    """The save's end."""
    await info.context.house.saves.unsave(info.context.viewer, album_id)
    return UnsaveAlbum(album_id)


@resolves("UnsaveAlbum.album")
def unsaved_album(payload: UnsaveAlbum, info: Info) -> Any:
    """The album as it is now."""
    return info.context.loaders.albums.load(payload.album_id)


@resolves("Album.isSaved")
def is_saved(album: Album, info: Info) -> Any:
    """Whether the viewer saved it."""
    return info.context.loaders.saved_albums.ask(album.id, bool)


@resolves("Query.savedAlbums")
def saved_albums(_: None, info: Info, **part: Any) -> Any:
    """The albums the viewer saved."""
    counted = asks_for(info, "totalCount")
    return info.context.house.saves.albums(info.context.viewer, slice_of(**part), counted=counted)
