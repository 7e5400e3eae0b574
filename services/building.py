"""Puts the services together, in the order in which they stand on one another.

Owns that order and nothing else; the server's composition and the tests both build here, so that they cannot differ.
What runs in the background is started here and taken down through `undo`.
"""

from __future__ import annotations

from contextlib import AsyncExitStack
from dataclasses import dataclass

from services.accounts.accounts import Accounts
from services.accounts.tickets import Tickets
from services.audio.delivery import Deliveries
from services.catalogue.album_edits import AlbumEdits
from services.catalogue.albums import Albums
from services.catalogue.artist_edits import ArtistEdits
from services.catalogue.artists import Artists
from services.catalogue.editing import Desk
from services.catalogue.genre_edits import GenreEdits
from services.catalogue.genre_names import GenreNames
from services.catalogue.genre_tree import Tree
from services.catalogue.genres import Genres
from services.catalogue.member_edits import MemberEdits
from services.catalogue.releases import Releases
from services.catalogue.song_edits import SongEdits
from services.catalogue.songs import Songs
from services.catalogue.withdrawals import Withdrawals
from services.clock import Clock
from services.events import Bus
from services.house import House
from services.now_playing import NowPlaying
from services.pictures.covers import Covers
from services.pictures.pictures import Pictures
from services.play_counts import PlayCounts
from services.plays import Plays
from storage.collections.store import Store
from storage.files import LocalFiles


@dataclass(frozen=True, slots=True)
class Ground:
    """What every service stands on, made before them from the settings."""

    store: Store
    files: LocalFiles
    clock: Clock
    bus: Bus
    accounts: Accounts
    tickets: Tickets


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The readers of the catalogue: made first, for the sound is delivered through them."""

    genres: Genres
    artists: Artists
    albums: Albums
    songs: Songs


def build_catalogue(store: Store, clock: Clock) -> Catalogue:
    """The readers of the catalogue."""
    genres = Genres(store)
    return Catalogue(genres, Artists(store, genres), Albums(store, clock, genres), Songs(store, genres))


async def build_house(ground: Ground, catalogue: Catalogue, deliveries: Deliveries, undo: AsyncExitStack) -> House:
    """Every service, started; `undo` stops them in reverse."""
    store, clock, bus = ground.store, ground.clock, ground.bus
    songs = catalogue.songs
    pictures = Pictures(store, ground.files, clock)
    covers = Covers(ground.files)
    undo.push_async_callback(covers.stop)
    desk = Desk(store, clock)
    releases = Releases(store, clock, bus)
    genre_names = GenreNames(store, clock, catalogue.genres)
    genre_tree = Tree(store, clock)
    now_playing = NowPlaying(users=store.users.get, clock=clock, bus=bus)
    plays = Plays(store, clock, songs, now_playing)
    return House(
        clock=clock,
        bus=bus,
        accounts=ground.accounts,
        tickets=ground.tickets,
        artists=catalogue.artists,
        albums=catalogue.albums,
        songs=songs,
        genres=catalogue.genres,
        covers=covers,
        plays=plays,
        play_counts=PlayCounts(store),
        now_playing=now_playing,
        deliveries=deliveries,
        pictures=pictures,
        artist_edits=ArtistEdits(desk, bus, pictures, genre_names),
        member_edits=MemberEdits(desk, bus, pictures),
        album_edits=AlbumEdits(desk, bus, pictures, genre_names, releases),
        song_edits=SongEdits(desk, bus, genre_names),
        genre_edits=GenreEdits(store, clock, catalogue.genres, genre_tree),
        genre_tree=genre_tree,
        releases=releases,
        withdrawals=Withdrawals(store, clock, bus),
    )
