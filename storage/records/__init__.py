"""What is stored, as slotted dataclasses; the one part of storage that every room may import."""

from storage.records.album import Album
from storage.records.artist import Artist, ArtistMember
from storage.records.audio_file import AudioFile, FileState
from storage.records.edge import Edge
from storage.records.genre import Genre
from storage.records.image import Image
from storage.records.lease import Lease
from storage.records.notification import Broadcast, Notification, NotificationMark
from storage.records.play import Play
from storage.records.playlist import Collaborator, Playlist, PlaylistEntry
from storage.records.playlist_invite import PlaylistInvite
from storage.records.review import Review
from storage.records.share_link import ShareLink
from storage.records.song import AudioFeatures, Credit, LyricLine, Song
from storage.records.user import Session, User, UserPreferences

__all__ = [
    "Album",
    "Artist",
    "ArtistMember",
    "AudioFeatures",
    "AudioFile",
    "Broadcast",
    "Collaborator",
    "Credit",
    "Edge",
    "FileState",
    "Genre",
    "Image",
    "Lease",
    "LyricLine",
    "Notification",
    "NotificationMark",
    "Play",
    "Playlist",
    "PlaylistEntry",
    "Review",
    "PlaylistInvite",
    "Session",
    "ShareLink",
    "Song",
    "User",
    "UserPreferences",
]
