"""The shelves: one collection per noun over one engine. Services are handed this, never an engine."""

from __future__ import annotations

from storage.collections.collection import Collection
from storage.collections.notifications import NotificationShelf
from storage.collections.playlists import PlaylistShelf
from storage.collections.sessions import Sessions
from storage.collections.users import Users
from storage.engine import Engine
from storage.records import Album, Artist, AudioFile, Edge, Genre, Image, Lease, Play, PlaylistInvite, Song
from storage.records.notification import Broadcast, NotificationMark
from storage.records.review import Review
from storage.records.share_link import ShareLink


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
        self.notifications = NotificationShelf(engine)
        self.broadcasts = Collection(engine, "broadcasts", Broadcast)
        self.notification_marks = Collection(engine, "notification_marks", NotificationMark)
        self.reviews = Collection(engine, "reviews", Review)
        self.review_votes = Collection(engine, "review_votes", Edge)
        self.share_links = Collection(engine, "share_links", ShareLink)
        self.playlists = PlaylistShelf(engine)
        self.playlist_invites = Collection(engine, "playlist_invites", PlaylistInvite)
