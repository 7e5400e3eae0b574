"""The room of figures."""

from __future__ import annotations

from dataclasses import dataclass

from services.analytics.analytics import Analytics
from services.analytics.artist_analytics import ArtistAnalytics
from services.analytics.exports import FigureExports
from services.analytics.figure_making import FigureMaking
from services.analytics.live_listeners import LiveListening
from services.catalogue.room import Catalogue
from services.ground import Ground
from services.now_playing import NowPlaying


@dataclass
class AnalyticsRoom:
    """What stands in `services/analytics`."""

    analytics: Analytics
    artist_analytics: ArtistAnalytics
    figure_exports: FigureExports
    figure_making: FigureMaking
    live_listening: LiveListening


def build_analytics(ground: Ground, catalogue: Catalogue, now_playing: NowPlaying) -> AnalyticsRoom:
    """The room, ready."""
    store, clock = ground.store, ground.clock
    analytics = Analytics(store, clock, catalogue, ground.time_zone)
    return AnalyticsRoom(
        analytics=analytics,
        artist_analytics=ArtistAnalytics(store, clock, catalogue.artists, ground.time_zone),
        figure_exports=FigureExports(store, clock, analytics, ground.tickets),
        figure_making=FigureMaking(store, clock),
        live_listening=LiveListening(store, now_playing),
    )
