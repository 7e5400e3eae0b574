"""The room of discovery: tastes, what is like what, and what follows from both."""

from __future__ import annotations

from dataclasses import dataclass

from services.catalogue.room import Catalogue
from services.discovery.choices import Choices
from services.discovery.listening import Listening
from services.discovery.radio import Stations
from services.discovery.recommendations import Recommendations
from services.discovery.shelf import Shelf
from services.discovery.similar import Similar
from services.discovery.taste import Tastes
from services.discovery.taste_origins import TasteOrigins
from services.discovery.weekly import WeeklyLists
from services.ground import Ground


@dataclass
class DiscoveryRoom:
    """What stands in `services/discovery`."""

    tastes: Tastes
    taste_origins: TasteOrigins
    similar: Similar
    recommendations: Recommendations
    stations: Stations
    weekly_lists: WeeklyLists


def build_discovery(ground: Ground, catalogue: Catalogue) -> DiscoveryRoom:
    """The room, ready."""
    store, clock = ground.store, ground.clock
    genres, artists, songs = catalogue.genres, catalogue.artists, catalogue.songs
    choices = Choices(store)
    listening, shelf = Listening(store), Shelf(store, choices)
    tastes = Tastes(store, clock, genres, listening, shelf, choices)
    similar = Similar(store, artists, songs, listening, shelf)
    recommendations = Recommendations(store, artists, songs, genres, tastes, listening, shelf)
    return DiscoveryRoom(
        tastes=tastes,
        taste_origins=TasteOrigins(artists, genres, songs),
        similar=similar,
        recommendations=recommendations,
        stations=Stations(store, clock, artists, songs, genres, similar, shelf),
        weekly_lists=WeeklyLists(store, clock, songs, recommendations, listening, shelf),
    )
