"""Where a taste comes from, and what is never to be played."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from graph.bind import resolves
from graph.context import Info
from services.discovery.taste import TasteProfile
from services.discovery.taste_origins import TasteField, TasteOrigin, TasteSource

RECORDS = {"TasteOrigin": TasteOrigin}
ENUMS = {"TasteField": TasteField, "TasteSource": TasteSource}


@resolves("TasteProfile.origins")
def origins(profile: TasteProfile, info: Info) -> Any:
    """Each value's origin."""
    return info.context.house.taste_origins.of(info.context.viewer, profile)


@resolves("TasteProfile.mutedArtists")
def muted_artists(profile: TasteProfile, info: Info) -> Any:
    """The muted artists."""
    return info.context.loaders.artists.load_many(profile.taste.muted_artist_ids)


@resolves("TasteProfile.mutedGenres")
def muted_genres(profile: TasteProfile, info: Info) -> Any:
    """The muted genres."""
    return info.context.loaders.genres.load_many(profile.taste.muted_genre_ids)


@resolves("TasteProfile.since")
def since(profile: TasteProfile, _info: Info) -> datetime | None:
    """Where the taste begins."""
    return profile.taste.since


@resolves("TasteOrigin.genre")
def origin_genre(origin: TasteOrigin, info: Info) -> Any:
    """The genre it is about."""
    return info.context.loaders.genres.load(origin.genre_id)


@resolves("TasteOrigin.artist")
def origin_artist(origin: TasteOrigin, info: Info) -> Any:
    """The artist it is about."""
    return info.context.loaders.artists.load(origin.artist_id)


@resolves("TasteOrigin.heaviest")
def heaviest(origin: TasteOrigin, info: Info) -> Any:
    """The songs that weigh most."""
    return info.context.loaders.songs.load_many(origin.heaviest_ids)
