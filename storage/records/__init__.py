"""What is stored, as slotted dataclasses; the one part of storage that every room may import."""

from storage.records.album import Album
from storage.records.artist import Artist, ArtistMember
from storage.records.audio_file import AudioFile, FileState
from storage.records.chart import Chart, ChartEntry
from storage.records.edge import Edge
from storage.records.genre import Genre
from storage.records.image import Image
from storage.records.lease import Lease
from storage.records.play import Play
from storage.records.playlist import Collaborator, Playlist, PlaylistEntry
from storage.records.roll_up import ArtistListener, Fold, Listen, MonthListen, SongDay, SongTotal
from storage.records.song import AudioFeatures, Credit, LyricLine, Song
from storage.records.user import Session, User, UserPreferences

__all__ = [
    "Album",
    "Artist",
    "ArtistListener",
    "ArtistMember",
    "AudioFeatures",
    "AudioFile",
    "Chart",
    "ChartEntry",
    "Collaborator",
    "Credit",
    "Edge",
    "FileState",
    "Fold",
    "Genre",
    "Image",
    "Lease",
    "Listen",
    "LyricLine",
    "MonthListen",
    "Play",
    "Playlist",
    "PlaylistEntry",
    "Session",
    "Song",
    "SongDay",
    "SongTotal",
    "User",
    "UserPreferences",
]
