"""What a thing shows of itself to people who only have its link: title, byline, picture, and where it lives.

Owns one card for each kind of thing. Nothing here is private: a card is made of what everybody may see.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from services.catalogue.albums import AlbumFilters, Albums
from services.catalogue.orders import CatalogueOrder
from services.paging import Slice
from services.viewer import Viewer
from storage.records import Album, Artist, Playlist, Song, User

COVERS_TRIED = 10


@dataclass(frozen=True, slots=True)
class Card:
    """A preview. `noun` says what it is, `facts` what there is to know in a few words, `place` its address in the
    player; `graph_type` is its OpenGraph type and `graph_facts` that type's own properties."""

    noun: str
    title: str
    byline: str
    facts: tuple[str, ...]
    image_id: str | None
    place: str
    graph_type: str
    graph_facts: tuple[tuple[str, str], ...] = ()

    @property
    def description(self) -> str:
        """One line: `Song · Anna · 2024 · 3:20`."""
        return " · ".join(part for part in (self.noun, self.byline, *self.facts) if part)


Find = Callable[[Viewer, Sequence[str]], Awaitable[Mapping[str, Any]]]
FindNamed = Callable[[Viewer, str], Awaitable[Any | None]]
Draw = Callable[[Viewer, Any], Awaitable[Card]]


@dataclass(frozen=True, slots=True)
class SharedKind:
    """One kind of thing that can be shared: how those a viewer may see are found, by ids or one by the name in its
    address, and how its card is drawn."""

    find: Find
    by_slug: FindNamed
    draw: Draw


class CatalogueCards:
    """Cards of songs, albums and artists."""

    def __init__(self, albums: Albums) -> None:
        self._albums = albums

    async def song(self, _viewer: Viewer, song: Song) -> Card:
        """A song with its album, its year and its length."""
        year = str(song.year) if song.year else ""
        seconds = (song.duration_ms + 500) // 1000
        facts = (song.album_title or "", year, _clock(seconds))
        graph_facts = [("music:duration", str(seconds))] if seconds else []
        place = page_of("song", song.slug)
        return Card(
            "Song", song.title, song.artist_credit, facts, song.cover_id, place, "music.song", tuple(graph_facts)
        )

    async def album(self, viewer: Viewer, album: Album) -> Card:
        """An album with its year and how much there is on it."""
        songs = f"{album.total_tracks} song{'' if album.total_tracks == 1 else 's'}" if album.total_tracks else ""
        facts = ((album.release_date or "")[:4], songs)
        dated = (("music:release_date", album.release_date),) if album.release_date else ()
        return Card(
            _ALBUM_NOUNS.get(album.album_type, "Album"),
            album.title,
            album.artist_credit,
            facts,
            album.cover_id,
            page_of("album", album.slug),
            "music.album",
            dated,
        )

    async def artist(self, viewer: Viewer, artist: Artist) -> Card:
        """An artist with how much of theirs is here; their portrait, else the cover of their latest album."""
        image_id = artist.profile_image_id
        if image_id is None:
            filters = AlbumFilters(artist_id=artist.id)
            latest = await self._albums.listing(
                viewer, Slice(limit=COVERS_TRIED), filters, CatalogueOrder.NEWEST, counted=False
            )
            image_id = next((album.cover_id for album in latest.items if album.cover_id), None)
        counts = ((artist.album_count, "album"), (artist.song_count, "song"))
        facts = tuple(f"{count} {noun}{'' if count == 1 else 's'}" for count, noun in counts if count)
        return Card("Artist", artist.name, "", facts, image_id, page_of("artist", artist.slug), "profile")


class PlaylistCards:
    """Cards of playlists. `users` finds people as a viewer may see them."""

    def __init__(self, users: Callable[[Viewer, Sequence[str]], Awaitable[Mapping[str, User]]]) -> None:
        self._users = users

    async def playlist(self, viewer: Viewer, playlist: Playlist) -> Card:
        """A playlist with who made it and how long it is."""
        maker = (await self._users(viewer, [playlist.user_id])).get(playlist.user_id)
        songs = f"{playlist.song_count} song{'' if playlist.song_count == 1 else 's'}" if playlist.song_count else ""
        return Card(
            "Playlist",
            playlist.name,
            maker.username if maker is not None else "",
            (songs, _clock((playlist.total_duration_ms + 500) // 1000)),
            playlist.cover_id or playlist.mosaic_id,
            page_of("playlist", playlist.slug),
            "music.playlist",
            (("music:song_count", str(playlist.song_count)),),
        )


_ALBUM_NOUNS = {"single": "Single", "ep": "EP", "compilation": "Compilation"}


def page_of(noun: str, name: str) -> str:
    """The path of the page about one thing in the player."""
    return f"/{noun}/{quote(name, safe='')}"


def _clock(seconds: int) -> str:
    if not seconds:
        return ""
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"
