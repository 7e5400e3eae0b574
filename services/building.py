"""Puts the services together, in the order in which they stand on one another.

Owns that order and nothing else; the server's composition and the tests both build here, so that they cannot differ.
What runs in the background is started here and taken down through `undo`.
"""

from __future__ import annotations

from contextlib import AsyncExitStack
from dataclasses import dataclass, field

from services.accounts.accounts import Accounts
from services.accounts.preferences import Preferences
from services.accounts.profiles import Profiles
from services.accounts.tickets import Tickets
from services.audio.delivery import Deliveries
from services.catalogue.album_edits import AlbumEdits
from services.catalogue.albums import Albums
from services.catalogue.artist_edits import ArtistEdits
from services.catalogue.artists import Artists
from services.catalogue.editing import Desk as EditDesk
from services.catalogue.genre_edits import GenreEdits
from services.catalogue.genre_names import GenreNames
from services.catalogue.genre_tree import Tree
from services.catalogue.genres import Genres
from services.catalogue.member_edits import MemberEdits
from services.catalogue.releases import Releases
from services.catalogue.song_edits import SongEdits
from services.catalogue.songs import Songs
from services.catalogue.withdrawals import Withdrawals
from services.clock import Clock
from services.discovery.listening import Listening
from services.discovery.radio import Stations
from services.discovery.recommendations import Recommendations
from services.discovery.shelf import Shelf
from services.discovery.similar import Similar
from services.discovery.taste import Tastes
from services.discovery.weekly import WeeklyLists
from services.events import Bus
from services.house import House
from services.interactions.edge_counts import EdgeCounts
from services.interactions.edges import Edges
from services.interactions.follows import Follows
from services.interactions.likes import Likes
from services.interactions.review_lists import ReviewLists
from services.interactions.reviews import Reviews
from services.interactions.saves import Saves
from services.interactions.share_cards import CatalogueCards, PlaylistCards, SharedKind
from services.interactions.share_links import ShareLinks
from services.library.name_keys import NameKeys
from services.listening.chart_making import ChartMaking
from services.listening.charts import Charts
from services.listening.history import History
from services.listening.listeners import Listeners
from services.listening.play_counts import PlayCounts
from services.listening.plays import Plays
from services.listening.proof import RollUpProof
from services.listening.roll_ups import RollUps
from services.listening.tops import Tops
from services.lyrics.lyric_edits import LyricEdits
from services.lyrics.sheets import LyricSheets
from services.lyrics.song_lyrics import SongLyrics
from services.notifications.announcer import Announcer
from services.notifications.notifications import Notifications
from services.now_playing import NowPlaying
from services.pictures.covers import Covers
from services.pictures.pictures import Pictures
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
from services.search.history import SearchHistory
from services.search.indexing import Indexing
from services.search.search import Search
from services.uploads.limits import UploadLimits
from services.uploads.uploads import Uploads
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
    upload_limits: UploadLimits = field(default_factory=UploadLimits)


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
    covers = Covers(ground.files)
    undo.push_async_callback(covers.stop)
    edit_desk = EditDesk(store, clock)
    releases = Releases(store, clock, bus)
    genre_names = GenreNames(store, clock, catalogue.genres)
    genre_tree = Tree(store, clock)
    notifications = Notifications(store, clock, bus)
    announcer = Announcer(store, clock, bus, people, notifications)
    await announcer.start()
    undo.push_async_callback(announcer.stop)
    likes = Likes(Edges(store.liked_songs, store.songs, "like_count", clock), songs)
    saves = Saves(Edges(store.saved_albums, store.albums, "save_count", clock), catalogue.albums)
    artist_edges = Edges(store.followed_artists, store.artists, "follower_count", clock)
    user_edges = Edges(store.followed_users, store.users, "follower_count", clock)
    follows = Follows(artist_edges, user_edges, catalogue.artists, ground.accounts, bus)
    playlist_edges = Edges(store.playlist_followers, store.playlists, "follower_count", clock)
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
    playlists = Playlists(store, desk, people)
    shared_kinds["playlist"] = SharedKind(playlists.get_many, PlaylistCards(ground.accounts.users).playlist)
    making = Making(store, clock, pictures, desk, editing)
    selecting = Selecting(store, OwnFacts(store, clock))
    refreshing = Refreshing(store, clock, desk, selecting)
    undo.push_async_callback(refreshing.stop)
    mosaics = Mosaics(store, bus, songs, covers, pictures)
    undo.push_async_callback(mosaics.stop)
    await mosaics.start()
    uploads = Uploads(store, ground.files, clock, bus, catalogue.genres, ground.upload_limits)
    undo.push_async_callback(uploads.stop)
    await uploads.start()
    indexing = Indexing(store, clock, bus, ground.files.root / "search")
    undo.push_async_callback(indexing.stop)
    search_history = SearchHistory(store, clock)
    search = Search(
        store,
        indexing,
        search_history,
        artists=catalogue.artists,
        albums=catalogue.albums,
        songs=songs,
        genres=catalogue.genres,
        playlists=playlists.get_many,
        users=ground.accounts.users,
    )
    genres, listening, shelf = catalogue.genres, Listening(store), Shelf(store)
    tastes = Tastes(store, clock, genres, listening, shelf)
    similar = Similar(store, catalogue.artists, songs, listening, shelf)
    recommendations = Recommendations(store, catalogue.artists, songs, genres, tastes, listening, shelf)
    plays = Plays(store, clock, bus, songs, now_playing)
    roll_ups = RollUps(store, clock)
    lyric_sheets = LyricSheets(store, clock)
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
        edge_counts=EdgeCounts([likes.edges, saves.edges, artist_edges, user_edges, votes, playlist_edges]),
        playlists=playlists,
        playlist_making=making,
        playlist_editing=editing,
        playlist_following=Following(store, clock, bus, desk, playlist_edges, people),
        playlist_collaborators=Collaborators(store, clock, bus, ground.accounts, desk),
        playlist_upkeep=PlaylistUpkeep(store, clock),
        uploads=uploads,
        artist_edits=ArtistEdits(edit_desk, bus, pictures, genre_names),
        member_edits=MemberEdits(edit_desk, bus, pictures),
        album_edits=AlbumEdits(edit_desk, bus, pictures, genre_names, releases),
        song_edits=SongEdits(edit_desk, bus, genre_names),
        genre_edits=GenreEdits(store, clock, catalogue.genres, genre_tree),
        genre_tree=genre_tree,
        releases=releases,
        withdrawals=Withdrawals(store, clock, bus),
        indexing=indexing,
        search=search,
        search_history=search_history,
        tastes=tastes,
        similar=similar,
        recommendations=recommendations,
        stations=Stations(store, clock, catalogue.artists, songs, genres, similar, shelf),
        weekly_lists=WeeklyLists(store, clock, songs, recommendations, listening, shelf),
        roll_ups=roll_ups,
        roll_up_proof=RollUpProof(store, roll_ups),
        listeners=Listeners(store, clock),
        chart_making=ChartMaking(store, clock),
        charts=Charts(store, catalogue.genres),
        history=History(store, clock),
        tops=Tops(store, clock),
        lyric_sheets=lyric_sheets,
        lyrics=SongLyrics(songs, lyric_sheets),
        lyric_edits=LyricEdits(edit_desk, bus, lyric_sheets),
        smart_playlists=SmartPlaylists(clock, songs, desk, making, selecting, refreshing),
        smart_refreshing=refreshing,
        name_keys=NameKeys(store),
        playlist_exports=Exports(
            store, songs, ground.accounts, ground.tickets, refreshing, public_url=ground.public_url
        ),
        playlist_imports=Imports(Matching(store), making),
        playlist_mosaics=mosaics,
    )
