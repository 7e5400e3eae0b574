"""The room of the catalogue: its readers, made first for sound is delivered through them, and its editors."""

from __future__ import annotations

from dataclasses import dataclass

from services.catalogue.album_edits import AlbumEdits
from services.catalogue.albums import Albums
from services.catalogue.artist_edits import ArtistEdits
from services.catalogue.artists import Artists
from services.catalogue.genre_edits import GenreEdits
from services.catalogue.genre_names import GenreNames
from services.catalogue.genre_pages import GenrePages
from services.catalogue.genre_tree import Tree
from services.catalogue.genres import Genres
from services.catalogue.member_edits import MemberEdits
from services.catalogue.releases import Releases
from services.catalogue.song_edits import SongEdits
from services.catalogue.songs import Songs
from services.catalogue.withdrawals import Withdrawals
from services.catalogue.workbench import Workbench
from services.clock import Clock
from services.ground import Ground
from services.library.name_keys import NameKeys
from services.pictures.pictures import Pictures
from storage.collections.store import Store


@dataclass
class Catalogue:
    """The readers of the catalogue."""

    genres: Genres
    artists: Artists
    albums: Albums
    songs: Songs
    genre_pages: GenrePages


@dataclass
class EditingRoom:
    """Those who change the catalogue, and what follows from its changes."""

    artist_edits: ArtistEdits
    member_edits: MemberEdits
    album_edits: AlbumEdits
    song_edits: SongEdits
    genre_edits: GenreEdits
    genre_tree: Tree
    releases: Releases
    withdrawals: Withdrawals
    name_keys: NameKeys


def build_catalogue(store: Store, clock: Clock) -> Catalogue:
    """The readers, ready."""
    genres = Genres(store)
    return Catalogue(
        genres,
        Artists(store, genres),
        Albums(store, clock, genres),
        Songs(store, genres),
        GenrePages(store, clock),
    )


def build_editing(ground: Ground, catalogue: Catalogue, bench: Workbench, pictures: Pictures) -> EditingRoom:
    """The editors, ready."""
    store, clock, bus = ground.store, ground.clock, ground.bus
    releases = Releases(store, clock, bus)
    genre_names = GenreNames(store, clock, catalogue.genres)
    genre_tree = Tree(store, clock)
    return EditingRoom(
        artist_edits=ArtistEdits(bench, bus, pictures, genre_names, ground.audit),
        member_edits=MemberEdits(bench, bus, pictures),
        album_edits=AlbumEdits(bench, bus, pictures, genre_names, releases),
        song_edits=SongEdits(bench, bus, genre_names),
        genre_edits=GenreEdits(store, clock, catalogue.genres, genre_tree),
        genre_tree=genre_tree,
        releases=releases,
        withdrawals=Withdrawals(store, clock, bus, ground.audit),
        name_keys=NameKeys(store),
    )
