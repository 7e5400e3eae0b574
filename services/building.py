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
from services.events import Bus
from services.house import House
from services.listening.chart_making import ChartMaking
from services.listening.charts import Charts
from services.listening.history import History
from services.listening.listeners import Listeners
from services.listening.play_counts import PlayCounts
from services.listening.plays import Plays
from services.listening.proof import RollUpProof
from services.listening.roll_ups import RollUps
from services.listening.tops import Tops
from services.now_playing import NowPlaying
from services.pictures.pictures import Pictures
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
    plays = Plays(store, clock, bus, songs, now_playing)
    roll_ups = RollUps(store, clock)
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
        roll_ups=roll_ups,
        roll_up_proof=RollUpProof(store, roll_ups),
        listeners=Listeners(store, clock),
        chart_making=ChartMaking(store, clock),
        charts=Charts(store, catalogue.genres),
        history=History(store, clock),
        tops=Tops(store, clock),
    )
