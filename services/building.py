"""Puts the services together, in the order in which they stand on one another.

Owns that order and nothing else; the server's composition and the tests both build here, so that they cannot differ.
What runs in the background is started here and taken down through `undo`.
"""

from __future__ import annotations

from contextlib import AsyncExitStack
from dataclasses import dataclass

from services.accounts.accounts import Accounts
from services.accounts.preferences import Preferences
from services.accounts.profiles import Profiles
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
from services.interactions.edge_counts import EdgeCounts
from services.interactions.edges import Edges
from services.interactions.follows import Follows
from services.interactions.likes import Likes
from services.interactions.review_lists import ReviewLists
from services.interactions.reviews import Reviews
from services.interactions.saves import Saves
from services.interactions.share_cards import CatalogueCards, SharedKind
from services.interactions.share_links import ShareLinks
from services.library.name_keys import NameKeys
from services.notifications.announcer import Announcer
from services.notifications.notifications import Notifications
from services.now_playing import NowPlaying
from services.pictures.pictures import Pictures
from services.play_counts import PlayCounts
from services.playlists.collaborators import Collaborators
from services.playlists.desk import Desk
from services.playlists.editing import Editing
from services.playlists.exporting import Exports
from services.playlists.following import Following
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
from services.plays import Plays
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
    public_url: str = ""


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
    people = ground.accounts.people
    now_playing = NowPlaying(users=store.users.get, may_hear=people.may_hear, clock=clock, bus=bus)
    plays = Plays(store, clock, songs, now_playing)
    notifications = Notifications(store, clock, bus)
    announcer = Announcer(store, clock, bus, people, notifications)
    await announcer.start()
    undo.push_async_callback(announcer.stop)
    likes = Likes(Edges(store.liked_songs, store.songs, "like_count", clock), songs)
    saves = Saves(Edges(store.saved_albums, store.albums, "save_count", clock), catalogue.albums)
    artist_edges = Edges(store.followed_artists, store.artists, "follower_count", clock)
    user_edges = Edges(store.followed_users, store.users, "follower_count", clock)
    follows = Follows(artist_edges, user_edges, catalogue.artists, ground.accounts, bus)
    votes = Edges(store.review_votes, store.reviews, "helpful_count", clock)
    reviews = Reviews(store, clock, bus, votes, songs, catalogue.albums)
    cards = CatalogueCards(catalogue.albums, catalogue.artists)
    shared_kinds = {
        "song": SharedKind(songs.get_many, cards.song),
        "album": SharedKind(catalogue.albums.get_many, cards.album),
        "artist": SharedKind(catalogue.artists.get_many, cards.artist),
    }
    desk = Desk(store, clock, bus)
    editing = Editing(store, clock, songs, desk)
    making = Making(store, clock, pictures, desk, editing)
    selecting = Selecting(store, OwnFacts(store, clock))
    refreshing = Refreshing(store, clock, desk, selecting)
    undo.push_async_callback(refreshing.stop)
    covers = Covers(ground.files)
    mosaics = Mosaics(store, bus, songs, covers, pictures)
    await mosaics.start()
    undo.push_async_callback(mosaics.stop)
    return House(
        clock=clock,
        bus=bus,
        accounts=ground.accounts,
        tickets=ground.tickets,
        artists=catalogue.artists,
        albums=catalogue.albums,
        songs=songs,
        genres=catalogue.genres,
        covers=covers,
        plays=plays,
        play_counts=PlayCounts(store),
        now_playing=now_playing,
        deliveries=deliveries,
        pictures=pictures,
        profiles=Profiles(store, clock, bus, people, pictures),
        preferences=Preferences(store, clock, bus, ground.accounts.sessions, now_playing),
        notifications=notifications,
        announcer=announcer,
        likes=likes,
        saves=saves,
        follows=follows,
        reviews=reviews,
        review_lists=ReviewLists(store, reviews),
        share_links=ShareLinks(store, clock, shared_kinds, public_url=ground.public_url),
        edge_counts=EdgeCounts([likes.edges, saves.edges, artist_edges, user_edges, votes]),
        playlists=Playlists(store, desk),
        playlist_making=making,
        playlist_editing=editing,
        playlist_following=Following(store, clock, bus, desk),
        playlist_collaborators=Collaborators(store, clock, bus, ground.accounts, desk),
        playlist_upkeep=PlaylistUpkeep(store, clock),
        smart_playlists=SmartPlaylists(clock, songs, desk, making, selecting, refreshing),
        smart_refreshing=refreshing,
        name_keys=NameKeys(store),
        playlist_exports=Exports(
            store, songs, ground.accounts, ground.tickets, refreshing, public_url=ground.public_url
        ),
        playlist_imports=Imports(Matching(store), making),
        playlist_mosaics=mosaics,
    )
