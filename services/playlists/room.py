"""The room of playlists: kept alone or together, smart, going out and coming in as files."""

from __future__ import annotations

from contextlib import AsyncExitStack
from dataclasses import dataclass

from services.catalogue.songs import Songs
from services.ground import Ground
from services.interactions.edges import Edges
from services.pictures.room import PictureRoom
from services.playlists.collaborators import Collaborators
from services.playlists.desk import Desk
from services.playlists.editing import Editing
from services.playlists.exporting import Exports
from services.playlists.following import Following
from services.playlists.genre_playlists import GenrePlaylists
from services.playlists.importing import Imports
from services.playlists.making import Making
from services.playlists.matching import Matching
from services.playlists.mosaics import Mosaics
from services.playlists.own_facts import OwnFacts
from services.playlists.playlists import Playlists
from services.playlists.refreshing import Refreshing
from services.playlists.selecting import Selecting
from services.playlists.smart import SmartPlaylists
from services.playlists.upkeep import PlaylistUpkeep
from storage.records import Playlist


@dataclass
class PlaylistRoom:
    """What stands in `services/playlists`."""

    playlists: Playlists
    playlist_making: Making
    playlist_editing: Editing
    playlist_following: Following
    playlist_collaborators: Collaborators
    playlist_upkeep: PlaylistUpkeep
    smart_playlists: SmartPlaylists
    smart_refreshing: Refreshing
    playlist_exports: Exports
    playlist_imports: Imports
    playlist_mosaics: Mosaics
    genre_playlists: GenrePlaylists


async def build_playlists(
    ground: Ground, songs: Songs, pictures: PictureRoom, followers: Edges[Playlist], undo: AsyncExitStack
) -> PlaylistRoom:
    """The room, hearing the news that mosaics follow from; `undo` stops it."""
    store, clock, bus, accounts = ground.store, ground.clock, ground.bus, ground.accounts
    desk = Desk(store, clock, bus)
    editing = Editing(store, clock, songs, desk)
    making = Making(store, clock, pictures.pictures, desk, editing, ground.attention)
    selecting = Selecting(store, OwnFacts(store, clock))
    refreshing = Refreshing(store, clock, desk, selecting)
    undo.push_async_callback(refreshing.stop)
    mosaics = Mosaics(store, bus, songs, pictures.covers, pictures.pictures)
    undo.push_async_callback(mosaics.stop)
    await mosaics.start()
    playlists = Playlists(store, desk, accounts.people)
    return PlaylistRoom(
        playlists=playlists,
        genre_playlists=GenrePlaylists(store, playlists),
        playlist_making=making,
        playlist_editing=editing,
        playlist_following=Following(store, clock, bus, desk, followers, accounts.people),
        playlist_collaborators=Collaborators(store, clock, bus, accounts, desk),
        playlist_upkeep=PlaylistUpkeep(store, clock),
        smart_playlists=SmartPlaylists(clock, songs, desk, making, selecting, refreshing),
        smart_refreshing=refreshing,
        playlist_exports=Exports(store, songs, accounts, ground.tickets, refreshing, public_url=ground.public_url),
        playlist_imports=Imports(Matching(store), making),
        playlist_mosaics=mosaics,
    )
