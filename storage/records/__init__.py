"""What is stored, as slotted dataclasses; the one part of storage that every room may import."""

from storage.records.album import Album
from storage.records.artist import Artist, ArtistMember
from storage.records.audio_file import AudioFile, FileState
from storage.records.chart import Chart, ChartEntry
from storage.records.edge import Edge
from storage.records.genre import Genre, GenreTree
from storage.records.image import Image
from storage.records.lease import Lease
from storage.records.lyric_sheet import LyricSheet, SheetAgent, SheetLine, SheetTranslation, SheetWord
from storage.records.notification import Broadcast, Notification, NotificationMark
from storage.records.play import Play
from storage.records.playlist import Collaborator, Playlist, PlaylistEntry
from storage.records.playlist_invite import PlaylistInvite
from storage.records.radio import Radio, StationSkip, StationSkips
from storage.records.review import Review
from storage.records.roll_up import ArtistListener, DayListen, Fold, Listen, MonthListen, SongDay, SongTotal
from storage.records.search_query import SearchQuery
from storage.records.share_link import ShareLink
from storage.records.song import AudioFeatures, Credit, LyricLine, Song
from storage.records.taste import DailyMixes, KeptMix, Taste, WeeklyList
from storage.records.upload import Upload, UploadState
from storage.records.user import Session, SubscriptionSpan, User, UserPreferences

__all__ = [
    "Album",
    "Artist",
    "ArtistListener",
    "ArtistMember",
    "AudioFeatures",
    "AudioFile",
    "Broadcast",
    "Chart",
    "ChartEntry",
    "Collaborator",
    "Credit",
    "DailyMixes",
    "DayListen",
    "Edge",
    "FileState",
    "Fold",
    "Genre",
    "GenreTree",
    "Image",
    "KeptMix",
    "Lease",
    "Listen",
    "LyricLine",
    "LyricSheet",
    "SheetAgent",
    "SheetLine",
    "SheetTranslation",
    "SheetWord",
    "Notification",
    "NotificationMark",
    "MonthListen",
    "Play",
    "Playlist",
    "PlaylistEntry",
    "Review",
    "PlaylistInvite",
    "Radio",
    "StationSkip",
    "StationSkips",
    "SubscriptionSpan",
    "SearchQuery",
    "Session",
    "ShareLink",
    "Song",
    "Upload",
    "UploadState",
    "Taste",
    "SongDay",
    "SongTotal",
    "User",
    "UserPreferences",
    "WeeklyList",
]
