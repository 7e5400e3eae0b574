"""Every service of the product under one roof: what a door is handed so that it can call one method.

Owns nothing but the names. Built once, by `services/building.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from services.accounts.accounts import Accounts
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
    from services.events import Bus
    from services.now_playing import NowPlaying
    from services.pictures.covers import Covers
    from services.pictures.pictures import Pictures
    from services.play_counts import PlayCounts
    from services.plays import Plays


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
    artist_edits: ArtistEdits
    member_edits: MemberEdits
    album_edits: AlbumEdits
    song_edits: SongEdits
    genre_edits: GenreEdits
    genre_tree: Tree
    releases: Releases
    withdrawals: Withdrawals
