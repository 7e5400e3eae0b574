"""The shelves: one collection per noun over one engine. Services are handed this, never an engine."""

from __future__ import annotations

from storage.collections.collection import Collection
from storage.collections.sessions import Sessions
from storage.collections.users import Users
from storage.engine import Engine
from storage.records import (
    Album,
    Artist,
    ArtistListener,
    AudioFile,
    Chart,
    Edge,
    Fold,
    Genre,
    Image,
    Lease,
    Listen,
    MonthListen,
    Play,
    Playlist,
    Song,
    SongDay,
    SongTotal,
)


class Store:
    """Every collection of the product."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.users = Users(engine)
        self.sessions = Sessions(engine)
        self.artists = Collection(engine, "artists", Artist)
        self.albums = Collection(engine, "albums", Album)
        self.songs = Collection(engine, "songs", Song)
        self.audio_files = Collection(engine, "audio_files", AudioFile)
        self.genres = Collection(engine, "genres", Genre)
        self.plays = Collection(engine, "plays", Play)
        self.images = Collection(engine, "images", Image)
        self.leases = Collection(engine, "leases", Lease)
        self.liked_songs = Collection(engine, "liked_songs", Edge)
        self.saved_albums = Collection(engine, "saved_albums", Edge)
        self.followed_artists = Collection(engine, "followed_artists", Edge)
        self.followed_users = Collection(engine, "followed_users", Edge)
        self.playlist_followers = Collection(engine, "playlist_followers", Edge)
        self.playlists = Collection(engine, "playlists", Playlist)
        self.plays_by_day = Collection(engine, "plays_by_day", SongDay)
        self.plays_ever = Collection(engine, "plays_ever", SongTotal)
        self.listens = Collection(engine, "listens", Listen)
        self.listens_by_month = Collection(engine, "listens_by_month", MonthListen)
        self.artist_listeners = Collection(engine, "artist_listeners", ArtistListener)
        self.folds = Collection(engine, "folds", Fold)
        self.charts = Collection(engine, "charts", Chart)
