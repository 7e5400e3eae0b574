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
from services.catalogue.albums import Albums
from services.catalogue.artists import Artists
from services.catalogue.covers import Covers
from services.catalogue.genres import Genres
from services.catalogue.songs import Songs
from services.clock import Clock
from services.discovery.listening import Listening
from services.discovery.radio import Stations
from services.discovery.recommendations import Recommendations
from services.discovery.shelf import Shelf
from services.discovery.similar import Similar
from services.discovery.taste import Tastes
from services.discovery.weekly import WeeklyLists
from services.events import Bus
from services.house import House
from services.now_playing import NowPlaying
from services.pictures.pictures import Pictures
from services.play_counts import PlayCounts
from services.plays import Plays
from services.search.history import SearchHistory
from services.search.indexing import Indexing
from services.search.playlists_seen import seen_playlists
from services.search.search import Search
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
    now_playing = NowPlaying(users=store.users.get, clock=clock, bus=bus)
    plays = Plays(store, clock, songs, now_playing)
    indexing = Indexing(store, clock, bus, ground.files.root / "search")
    undo.push_async_callback(indexing.stop)
    search_history = SearchHistory(store, clock)
    search = Search(
        store,
        indexing,
        search_history,
        artists=catalogue.artists,
        albums=catalogue.albums,
        songs=songs,
        genres=catalogue.genres,
        playlists=seen_playlists(store),
        users=ground.accounts.users,
    )
    genres, listening, shelf = catalogue.genres, Listening(store), Shelf(store)
    tastes = Tastes(store, clock, genres, listening, shelf)
    similar = Similar(store, catalogue.artists, songs, listening, shelf)
    recommendations = Recommendations(store, catalogue.artists, songs, genres, tastes, listening, shelf)
    return House(
        clock=clock,
        bus=bus,
        accounts=ground.accounts,
        tickets=ground.tickets,
        artists=catalogue.artists,
        albums=catalogue.albums,
        songs=songs,
        genres=catalogue.genres,
        covers=Covers(ground.files),
        plays=plays,
        play_counts=PlayCounts(store),
        now_playing=now_playing,
        deliveries=deliveries,
        pictures=pictures,
        indexing=indexing,
        search=search,
        search_history=search_history,
        tastes=tastes,
        similar=similar,
        recommendations=recommendations,
        stations=Stations(store, clock, catalogue.artists, songs, genres, similar, shelf),
        weekly_lists=WeeklyLists(store, clock, songs, recommendations, listening, shelf),
    )
