"""Editing the catalogue: artists and their members, albums, songs, genres, and what is out of sight."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from graph.bind import resolves
from graph.context import Info
from services.catalogue.artist_edits import LinksGiven
from services.catalogue.withdrawals import CatalogueKind
from storage.records import Album, Artist, ArtistMember, Genre, Song


@dataclass(slots=True)
class ArtistEdited:
    """What an edit of an artist gives."""

    artist: Artist


@dataclass(slots=True)
class MemberEdited:
    """What an edit of a member gives."""

    artist: Artist
    member: ArtistMember


@dataclass(slots=True)
class MemberRemoved:
    """What removing a member gives."""

    artist: Artist
    success: bool = True


@dataclass(slots=True)
class AlbumEdited:
    """What an edit of an album gives."""

    album: Album


@dataclass(slots=True)
class SongEdited:
    """What an edit of a song gives."""

    song: Song


@dataclass(slots=True)
class GenreEdited:
    """What an edit of a genre gives."""

    genre: Genre


@dataclass(slots=True)
class Removed:
    """What removing something gives."""

    success: bool = True


@dataclass(slots=True)
class Hidden:
    """What hiding or bringing back gives."""

    is_hidden: bool
    success: bool = True


RECORDS = {
    "CreateArtist": ArtistEdited,
    "UpdateArtist": ArtistEdited,
    "VerifyArtist": ArtistEdited,
    "DeleteArtist": Removed,
    "AddArtistMember": MemberEdited,
    "UpdateArtistMember": MemberEdited,
    "RemoveArtistMember": MemberRemoved,
    "CreateAlbum": AlbumEdited,
    "UpdateAlbum": AlbumEdited,
    "DeleteAlbum": Removed,
    "UpdateSong": SongEdited,
    "CreateGenre": GenreEdited,
    "UpdateGenre": GenreEdited,
    "DeleteGenre": Removed,
    "SetHidden": Hidden,
    "SocialLinksInput": LinksGiven,
}
ENUMS = {"CatalogueKind": CatalogueKind}


@resolves("Mutation.createArtist")
async def create_artist(_: None, info: Info, **words: Any) -> ArtistEdited:
    """A new artist."""
    return ArtistEdited(await info.context.house.artist_edits.create(info.context.viewer, **words))


@resolves("Mutation.updateArtist")
async def update_artist(_: None, info: Info, artist_id: str, **words: Any) -> ArtistEdited:
    """The artist, rewritten."""
    return ArtistEdited(await info.context.house.artist_edits.update(info.context.viewer, artist_id, **words))


@resolves("Mutation.deleteArtist")
async def delete_artist(_: None, info: Info, artist_id: str) -> Removed:
    """The artist's end."""
    await info.context.house.artist_edits.delete(info.context.viewer, artist_id)
    return Removed()


@resolves("Mutation.verifyArtist")
async def verify_artist(_: None, info: Info, artist_id: str, verified: bool) -> ArtistEdited:
    """The artist, vouched for."""
    return ArtistEdited(await info.context.house.artist_edits.verify(info.context.viewer, artist_id, verified))


@resolves("Mutation.addArtistMember")
async def add_artist_member(_: None, info: Info, artist_id: str, **words: Any) -> MemberEdited:
    """The band with one more."""
    return MemberEdited(*await info.context.house.member_edits.add(info.context.viewer, artist_id, **words))


@resolves("Mutation.updateArtistMember")
async def update_artist_member(_: None, info: Info, artist_id: str, member_id: str, **words: Any) -> MemberEdited:
    """The band with one changed."""
    update = info.context.house.member_edits.update
    return MemberEdited(*await update(info.context.viewer, artist_id, member_id, **words))


@resolves("Mutation.removeArtistMember")
async def remove_artist_member(_: None, info: Info, artist_id: str, member_id: str) -> MemberRemoved:
    """The band with one less."""
    return MemberRemoved(await info.context.house.member_edits.remove(info.context.viewer, artist_id, member_id))


@resolves("Mutation.createAlbum")
async def create_album(_: None, info: Info, artist_id: str, **words: Any) -> AlbumEdited:
    """A new album."""
    return AlbumEdited(await info.context.house.album_edits.create(info.context.viewer, artist_id, **words))


@resolves("Mutation.updateAlbum")
async def update_album(_: None, info: Info, album_id: str, **words: Any) -> AlbumEdited:
    """The album, rewritten."""
    return AlbumEdited(await info.context.house.album_edits.update(info.context.viewer, album_id, **words))


@resolves("Mutation.deleteAlbum")
async def delete_album(_: None, info: Info, album_id: str) -> Removed:
    """The album's end."""
    await info.context.house.album_edits.delete(info.context.viewer, album_id)
    return Removed()


@resolves("Mutation.updateSong")
async def update_song(_: None, info: Info, song_id: str, **words: Any) -> SongEdited:
    """The song, rewritten."""
    return SongEdited(await info.context.house.song_edits.update(info.context.viewer, song_id, **words))


@resolves("Mutation.createGenre")
async def create_genre(_: None, info: Info, **words: Any) -> GenreEdited:
    """A new genre."""
    return GenreEdited(await info.context.house.genre_edits.create(info.context.viewer, **words))


@resolves("Mutation.updateGenre")
async def update_genre(_: None, info: Info, genre_id: str, **words: Any) -> GenreEdited:
    """The genre, rewritten."""
    return GenreEdited(await info.context.house.genre_edits.update(info.context.viewer, genre_id, **words))


@resolves("Mutation.deleteGenre")
async def delete_genre(_: None, info: Info, genre_id: str) -> Removed:
    """The genre's end."""
    await info.context.house.genre_edits.delete(info.context.viewer, genre_id)
    return Removed()


@resolves("Mutation.setHidden")
async def set_hidden(_: None, info: Info, kind: CatalogueKind, id: str, hidden: bool) -> Hidden:
    """Out of sight, or back."""
    return Hidden(await info.context.house.withdrawals.set_hidden(info.context.viewer, kind, id, hidden))
