"""Every service of the product under one roof: what a door is handed so that it can call one method.

Owns nothing but the names. Built once, by `services/building.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from services.accounts.accounts import Accounts
    from services.accounts.tickets import Tickets
    from services.audio.delivery import Deliveries
    from services.catalogue.albums import Albums
    from services.catalogue.artists import Artists
    from services.catalogue.covers import Covers
    from services.catalogue.genres import Genres
    from services.catalogue.songs import Songs
    from services.clock import Clock
    from services.discovery.radio import Stations
    from services.discovery.recommendations import Recommendations
    from services.discovery.similar import Similar
    from services.discovery.taste import Tastes
    from services.discovery.weekly import WeeklyLists
    from services.events import Bus
    from services.now_playing import NowPlaying
    from services.pictures.pictures import Pictures
    from services.play_counts import PlayCounts
    from services.plays import Plays
    from services.search.history import SearchHistory
    from services.search.indexing import Indexing
    from services.search.search import Search


@dataclass(slots=True)
class House:
    """The services, by the noun they serve."""

    clock: Clock
    bus: Bus
    accounts: Accounts
    tickets: Tickets
    artists: Artists
    albums: Albums
    songs: Songs
    genres: Genres
    covers: Covers
    plays: Plays
    play_counts: PlayCounts
    now_playing: NowPlaying
    deliveries: Deliveries
    pictures: Pictures
    indexing: Indexing
    search: Search
    search_history: SearchHistory
    tastes: Tastes
    similar: Similar
    recommendations: Recommendations
    stations: Stations
    weekly_lists: WeeklyLists
