"""The room of discovery: tastes, what is like what, and what follows from both."""

from __future__ import annotations

from dataclasses import dataclass

from services.accounts.own_time import OwnTime
from services.catalogue.room import Catalogue
from services.discovery.collaborative.affinities import Affinities
from services.discovery.learning.models import Models
from services.discovery.learning.training import Training
from services.discovery.learning.versions import Versions
from services.discovery.listening import Listening
from services.discovery.radio.reactions import Reactions
from services.discovery.radio.rings import Rings
from services.discovery.radio.seeds import Seeds
from services.discovery.radio.stations import Stations
from services.discovery.recommendations import Recommendations
from services.discovery.shelf import Shelf
from services.discovery.similar import Similar
from services.discovery.taste import Tastes
from services.discovery.weekly import WeeklyLists
from services.ground import Ground
from services.leases import Leases


@dataclass
class DiscoveryRoom:
    """What stands in `services/discovery`."""

    tastes: Tastes
    similar: Similar
    recommendations: Recommendations
    stations: Stations
    weekly_lists: WeeklyLists
    affinities: Affinities
    models: Models
    training: Training


def build_discovery(ground: Ground, catalogue: Catalogue) -> DiscoveryRoom:
    """The room, ready."""
    store, clock = ground.store, ground.clock
    genres, artists, songs = catalogue.genres, catalogue.artists, catalogue.songs
    listening, shelf = Listening(store), Shelf(store)
    affinities = Affinities()
    versions = Versions(ground.folder.root / "models")
    models = Models(versions, affinities)
    leases = Leases(store, clock)
    training = Training(store, clock, leases, versions, models, affinities, ground.training_rules)
    tastes = Tastes(store, clock, genres, listening, shelf)
    similar = Similar(store, artists, songs, listening, shelf)
    recommendations = Recommendations(store, artists, songs, genres, tastes, listening, shelf)
    own_time = OwnTime(store, clock, ground.time_zone)
    seeds, rings = Seeds(artists, songs, genres), Rings(store, similar, shelf)
    reactions = Reactions(store, clock, listening)
    return DiscoveryRoom(
        tastes=tastes,
        similar=similar,
        recommendations=recommendations,
        affinities=affinities,
        models=models,
        training=training,
        stations=Stations(store, clock, songs, seeds, rings, reactions, shelf, affinities),
        weekly_lists=WeeklyLists(store, clock, songs, recommendations, listening, shelf, own_time),
    )
