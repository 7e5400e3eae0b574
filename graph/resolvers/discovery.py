"""Recommendations, similar things, stations, the weekly list and taste."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from graph.bind import resolves
from graph.context import Info
from services.discovery.picks import Why
from services.discovery.radio.stations import Station
from services.discovery.recommendations import Basis, Recommended, RecommendedGroup, RecommendedSong
from services.discovery.recommending.wording import ToldReason
from services.discovery.taste import TasteProfile
from services.discovery.weekly import Weekly
from storage.records import Radio


@dataclass(slots=True)
class CreateRadio:
    """What keeping a station gives."""

    radio: Station


@dataclass(slots=True)
class DeleteRadio:
    """What dropping a station gives."""

    success: bool = True


@dataclass(slots=True)
class UpdateTasteProfile:
    """What choosing genres gives."""

    taste_profile: TasteProfile


RECORDS = {
    "Recommendations": Recommended,
    "RecommendationGroup": RecommendedGroup,
    "RecommendedSong": RecommendedSong,
    "RecommendationReason": ToldReason,
    "Radio": Station,
    "KeptRadio": Radio,
    "DiscoverWeekly": Weekly,
    "TasteProfile": TasteProfile,
    "CreateRadio": CreateRadio,
    "DeleteRadio": DeleteRadio,
    "UpdateTasteProfile": UpdateTasteProfile,
}
ENUMS = {"RecommendationBasis": Basis, "RecommendationReasonKind": Why}


@resolves("Query.recommendedSongs")
def recommended_songs(_: None, info: Info, limit: int | None = None, based_on: Basis | None = None) -> Any:
    """Songs for the viewer."""
    return info.context.house.recommendations.songs(info.context.viewer, limit, based_on)


@resolves("Query.recommendations")
def recommendations(_: None, info: Info, limit: int | None = None) -> Any:
    """Songs for the viewer, with reasons."""
    return info.context.house.recommendations.blend(info.context.viewer, limit)


@resolves("RecommendationReason.artist")
def reason_artist(reason: ToldReason, info: Info) -> Any:
    """The artist a reason is about."""
    return info.context.loaders.artists.load(reason.artist_id)


@resolves("RecommendationReason.song")
def reason_song(reason: ToldReason, info: Info) -> Any:
    """The song a reason is about."""
    return info.context.loaders.songs.load(reason.song_id)


@resolves("RecommendationReason.genre")
def reason_genre(reason: ToldReason, info: Info) -> Any:
    """The genre a reason is about."""
    return info.context.loaders.genres.load(reason.genre_id)


@resolves("Query.similarArtists")
def similar_artists(_: None, info: Info, artist_id: str, limit: int | None = None) -> Any:
    """Artists like one."""
    return info.context.house.similar.artists(info.context.viewer, artist_id, limit)


@resolves("Query.similarSongs")
def similar_songs(_: None, info: Info, song_id: str, limit: int | None = None) -> Any:
    """Songs like one."""
    return info.context.house.similar.songs(info.context.viewer, song_id, limit)


@resolves("Query.radio")
def radio(_: None, info: Info, **asked: Any) -> Any:
    """One station."""
    return info.context.house.stations.tune(info.context.viewer, **asked)


@resolves("Query.myRadios")
def my_radios(_: None, info: Info, limit: int | None = None) -> Any:
    """The viewer's kept stations."""
    return info.context.house.stations.kept(info.context.viewer, limit)


@resolves("Query.discoverWeekly")
def discover_weekly(_: None, info: Info) -> Any:
    """The viewer's list of the week."""
    return info.context.house.weekly_lists.this_week(info.context.viewer)


@resolves("Query.myTasteProfile")
def my_taste_profile(_: None, info: Info) -> Any:
    """The viewer's taste."""
    return info.context.house.tastes.profile(info.context.viewer)


@resolves("Mutation.createRadio")
async def create_radio(_: None, info: Info, **asked: Any) -> CreateRadio:
    """A kept station."""
    return CreateRadio(await info.context.house.stations.keep(info.context.viewer, **asked))


@resolves("Mutation.deleteRadio")
async def delete_radio(_: None, info: Info, radio_id: str) -> DeleteRadio:
    """A station dropped."""
    await info.context.house.stations.drop(info.context.viewer, radio_id)
    return DeleteRadio()


@resolves("Mutation.updateTasteProfile")
async def update_taste_profile(_: None, info: Info, **asked: Any) -> UpdateTasteProfile:
    """The viewer's taste with their choice."""
    return UpdateTasteProfile(await info.context.house.tastes.change(info.context.viewer, asked))


@resolves("TasteProfile.favoriteGenres")
def favorite_genres(profile: TasteProfile, info: Info) -> Any:
    """The genres."""
    return info.context.loaders.genres.load_many(profile.favorite_genre_ids)


@resolves("TasteProfile.topArtists")
def top_artists(profile: TasteProfile, info: Info) -> Any:
    """The artists."""
    return info.context.loaders.artists.load_many(profile.top_artist_ids)


@resolves("Radio.songs")
def station_songs(station: Station, info: Info) -> Any:
    """What the station plays."""
    return info.context.house.stations.songs(info.context.viewer, station)


@resolves("Radio.endCursor")
async def station_end(station: Station, info: Info) -> str | None:
    """Where what it plays here ends."""
    return (await info.context.house.stations.page(info.context.viewer, station)).end_cursor


@resolves("Radio.createdAt")
def kept_at(station: Station, _info: Info) -> Any:
    """When it was kept."""
    return station.record.created_at if station.record else None


@resolves("Radio.seedArtist")
def station_artist(station: Station, info: Info) -> Any:
    """The artist a station grows from."""
    return info.context.loaders.artists.load(station.seed.id) if station.seed.kind == "artist" else None


@resolves("Radio.seedSong")
def station_song(station: Station, info: Info) -> Any:
    """The song a station grows from."""
    return info.context.loaders.songs.load(station.seed.id) if station.seed.kind == "song" else None


@resolves("Radio.seedGenre")
def station_genre(station: Station, info: Info) -> Any:
    """The genre a station grows from."""
    return info.context.loaders.genres.load(station.seed.id) if station.seed.kind == "genre" else None


@resolves("KeptRadio.seedArtist")
def seed_artist(radio: Radio, info: Info) -> Any:
    """The artist a kept station grows from."""
    return info.context.loaders.artists.load(radio.seed_artist_id)


@resolves("KeptRadio.seedSong")
def seed_song(radio: Radio, info: Info) -> Any:
    """The song a kept station grows from."""
    return info.context.loaders.songs.load(radio.seed_song_id)


@resolves("KeptRadio.seedGenre")
def seed_genre(radio: Radio, info: Info) -> Any:
    """The genre a kept station grows from."""
    return info.context.loaders.genres.load(radio.seed_genre_id)
