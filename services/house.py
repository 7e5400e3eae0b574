"""Every service of the product under one roof: what a door is handed so that it can call one method.

Owns nothing but the names. Built once, by `services/building.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from services.accounts.accounts import Accounts
    from services.accounts.preferences import Preferences
    from services.accounts.profiles import Profiles
    from services.accounts.tickets import Tickets
    from services.audio.delivery import Deliveries
    from services.catalogue.album_edits import AlbumEdits
    from services.catalogue.albums import Albums
    from services.catalogue.artist_edits import ArtistEdits
    from services.catalogue.artists import Artists
    from services.catalogue.genre_edits import GenreEdits
    from services.catalogue.genre_tree import Tree
    from services.catalogue.genres import Genres
    from services.catalogue.member_edits import MemberEdits
    from services.catalogue.releases import Releases
    from services.catalogue.song_edits import SongEdits
    from services.catalogue.songs import Songs
    from services.catalogue.withdrawals import Withdrawals
    from services.clock import Clock
    from services.discovery.radio import Stations
    from services.discovery.recommendations import Recommendations
    from services.discovery.similar import Similar
    from services.discovery.taste import Tastes
    from services.discovery.weekly import WeeklyLists
    from services.events import Bus
    from services.interactions.edge_counts import EdgeCounts
    from services.interactions.follows import Follows
    from services.interactions.likes import Likes
    from services.interactions.review_lists import ReviewLists
    from services.interactions.reviews import Reviews
    from services.interactions.saves import Saves
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
    from services.playlists.editing import Editing
    from services.playlists.exporting import Exports
    from services.playlists.following import Following
    from services.playlists.importing import Imports
    from services.playlists.making import Making
    from services.playlists.mosaics import Mosaics
    from services.playlists.playlists import Playlists
    from services.playlists.refreshing import Refreshing
    from services.playlists.smart import SmartPlaylists
    from services.playlists.upkeep import PlaylistUpkeep
    from services.search.history import SearchHistory
    from services.search.indexing import Indexing
    from services.search.search import Search
    from services.uploads.uploads import Uploads


@dataclass(slots=True)
class House:
    """The services, by the noun they serve."""

    clock: Clock
    bus: Bus
    accounts: Accounts
    tickets: Tickets
    artists: Artists
    albums: Albums
    songs: Songs
    genres: Genres
    covers: Covers
    plays: Plays
    play_counts: PlayCounts
    now_playing: NowPlaying
    deliveries: Deliveries
    pictures: Pictures
    profiles: Profiles
    preferences: Preferences
    notifications: Notifications
    announcer: Announcer
    likes: Likes
    saves: Saves
    follows: Follows
    reviews: Reviews
    review_lists: ReviewLists
    share_links: ShareLinks
    edge_counts: EdgeCounts
    playlists: Playlists
    playlist_making: Making
    playlist_editing: Editing
    playlist_following: Following
    playlist_collaborators: Collaborators
    playlist_upkeep: PlaylistUpkeep
    uploads: Uploads
    artist_edits: ArtistEdits
    member_edits: MemberEdits
    album_edits: AlbumEdits
    song_edits: SongEdits
    genre_edits: GenreEdits
    genre_tree: Tree
    releases: Releases
    withdrawals: Withdrawals
    indexing: Indexing
    search: Search
    search_history: SearchHistory
    tastes: Tastes
    similar: Similar
    recommendations: Recommendations
    stations: Stations
    weekly_lists: WeeklyLists
    roll_ups: RollUps
    roll_up_proof: RollUpProof
    listeners: Listeners
    chart_making: ChartMaking
    charts: Charts
    history: History
    tops: Tops
    lyric_sheets: LyricSheets
    lyrics: SongLyrics
    lyric_edits: LyricEdits
    smart_playlists: SmartPlaylists
    smart_refreshing: Refreshing
    name_keys: NameKeys
    playlist_exports: Exports
    playlist_imports: Imports
    playlist_mosaics: Mosaics
