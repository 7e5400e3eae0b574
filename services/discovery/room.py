"""The room of discovery: tastes, what is like what, and what follows from both."""

from __future__ import annotations

from dataclasses import dataclass

from services.accounts.own_time import OwnTime
from services.catalogue.room import Catalogue
from services.discovery.choices import Choices
from services.discovery.collaborative.affinities import Affinities
from services.discovery.heard_together import HeardTogether
from services.discovery.learning.models import Models
from services.discovery.learning.training import Training
from services.discovery.learning.versions import Versions
from services.discovery.listening import Listening
from services.discovery.lists.mood_playlists import MoodPlaylists
from services.discovery.lists.release_radar import ReleaseRadars
from services.discovery.mixes.daily_mixes import Mixes
from services.discovery.mixes.making import MixMaker
from services.discovery.radio.reactions import Reactions
from services.discovery.radio.rings import Rings
from services.discovery.radio.seeds import Seeds
from services.discovery.radio.stations import Stations
from services.discovery.recommendations import Recommendations
from services.discovery.recommending.candidates import Candidates
from services.discovery.recommending.exploring import Exploration
from services.discovery.recommending.neighbours import Neighbours
from services.discovery.recommending.outlines import Outlines
from services.discovery.recommending.pools import Pools, RememberedShelf
from services.discovery.recommending.ranking import Ranking
from services.discovery.recommending.standing import Standings
from services.discovery.recommending.wording import Wording
from services.discovery.shelf import Shelf
from services.discovery.similar import Similar
from services.discovery.taste import Tastes
from services.discovery.taste_origins import TasteOrigins
from services.discovery.weekly import WeeklyLists
from services.ground import Ground
from services.leases import Leases


@dataclass
class DiscoveryRoom:
    """What stands in `services/discovery`."""

    tastes: Tastes
    taste_origins: TasteOrigins
    mood_playlists: MoodPlaylists
    release_radars: ReleaseRadars
    similar: Similar
    recommendations: Recommendations
    stations: Stations
    weekly_lists: WeeklyLists
    mixes: Mixes
    affinities: Affinities
    models: Models
    training: Training


def build_discovery(ground: Ground, catalogue: Catalogue) -> DiscoveryRoom:
    """The room, ready."""
    store, clock = ground.store, ground.clock
    genres, artists, songs = catalogue.genres, catalogue.artists, catalogue.songs
    choices = Choices(store)
    listening, shelf = Listening(store), Shelf(store, choices)
    affinities = Affinities()
    versions = Versions(ground.folder.root / "models")
    models = Models(versions, affinities)
    leases = Leases(store, clock)
    training = Training(store, clock, leases, versions, models, affinities, ground.training_rules)
    remembered = RememberedShelf(store, choices, Outlines(clock, ground.bus))
    pools = Pools(remembered, choices, clock, ground.bus)
    similar = Similar(store, artists, songs, HeardTogether(listening, clock), shelf, pools, affinities)
    tastes = Tastes(store, clock, genres, listening, remembered, choices)
    ranking = Ranking(
        store,
        clock,
        ground.bus,
        listening,
        Standings(store, clock, tastes, listening, choices),
        Candidates(shelf, pools, Neighbours(listening, shelf), affinities),
        Exploration(pools),
        affinities,
    )
    recommendations = Recommendations(ranking, Wording(artists, songs, genres), artists, songs, genres)
    own_time = OwnTime(store, clock, ground.time_zone)
    seeds, rings = Seeds(artists, songs, genres), Rings(store, similar, remembered)
    reactions = Reactions(store, clock, listening)
    return DiscoveryRoom(
        tastes=tastes,
        taste_origins=TasteOrigins(artists, genres, songs),
        release_radars=ReleaseRadars(store, clock, artists, listening, shelf, choices),
        mood_playlists=MoodPlaylists(store, clock, songs, tastes, listening, pools),
        similar=similar,
        recommendations=recommendations,
        affinities=affinities,
        models=models,
        training=training,
        stations=Stations(store, clock, songs, seeds, rings, reactions, shelf, affinities),
        weekly_lists=WeeklyLists(store, clock, songs, recommendations, listening, shelf, own_time),
        mixes=Mixes(store, clock, artists, MixMaker(store, tastes, listening, shelf, affinities), own_time),
    )
