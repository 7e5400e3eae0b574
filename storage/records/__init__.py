"""What is stored, as slotted dataclasses; the one part of storage that every room may import."""

from storage.records.album import Album
from storage.records.artist import Artist, ArtistMember
from storage.records.audio_file import AudioFile, FileState
from storage.records.edge import Edge
from storage.records.genre import Genre
from storage.records.image import Image
from storage.records.lease import Lease
from storage.records.play import Play
from storage.records.playlist import Collaborator, Playlist, PlaylistEntry
from storage.records.radio import Radio
from storage.records.search_query import SearchQuery
from storage.records.song import AudioFeatures, Credit, LyricLine, Song
from storage.records.taste import Taste, WeeklyList
from storage.records.user import Session, User, UserPreferences

__all__ = [
    "Album",
    "Artist",
    "ArtistMember",
    "AudioFeatures",
    "AudioFile",
    "Collaborator",
    "Credit",
    "Edge",
    "FileState",
    "Genre",
    "Image",
    "Lease",
    "LyricLine",
    "Play",
    "Playlist",
    "PlaylistEntry",
    "Radio",
    "SearchQuery",
    "Session",
    "Song",
    "Taste",
    "User",
    "UserPreferences",
    "WeeklyList",
]
