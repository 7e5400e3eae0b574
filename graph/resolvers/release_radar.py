"""The release radar: following the ids of its releases."""

from __future__ import annotations

from typing import Any

from graph.bind import resolves
from graph.context import Info
from services.discovery.lists.release_radar import RadarRelease, RadarWhy, ReleaseRadar

RECORDS = {"ReleaseRadar": ReleaseRadar, "RadarRelease": RadarRelease}
ENUMS = {"RadarWhy": RadarWhy}


@resolves("Query.releaseRadar")
def release_radar(_: None, info: Info, limit: int | None = None) -> Any:
    """What came out lately."""
    return info.context.house.release_radars.of(info.context.viewer, limit)


@resolves("RadarRelease.album")
def album(release: RadarRelease, info: Info) -> Any:
    """The album."""
    return info.context.loaders.albums.load(release.album_id)


@resolves("RadarRelease.song")
def song(release: RadarRelease, info: Info) -> Any:
    """The song."""
    return info.context.loaders.songs.load(release.song_id)


@resolves("RadarRelease.artist")
def artist(release: RadarRelease, info: Info) -> Any:
    """Whom it is shown for."""
    return info.context.loaders.artists.load(release.artist_id)
