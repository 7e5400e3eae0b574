"""The room of downloads: what devices keep to play without a network."""

from __future__ import annotations

from contextlib import AsyncExitStack
from dataclasses import dataclass

from services.analysis.sound_facts import SoundFacts
from services.audio.delivery import Deliveries
from services.catalogue.room import Catalogue
from services.downloads.devices import DownloadDevices
from services.downloads.downloads import Downloads
from services.downloads.fetching import Fetching
from services.downloads.licences import Licences
from services.downloads.manifests import Manifests
from services.downloads.preparing import Preparing
from services.downloads.signing import ManifestKeys
from services.downloads.sums import Sums
from services.downloads.wanting import Wanting
from services.ground import Ground
from services.lyrics.room import LyricsRoom
from services.pictures.room import PictureRoom
from services.playlists.room import PlaylistRoom


@dataclass
class DownloadRoom:
    """What stands in `services/downloads`."""

    downloads: Downloads
    download_devices: DownloadDevices
    download_licences: Licences
    download_preparing: Preparing
    download_manifests: Manifests
    download_fetching: Fetching
    download_sums: Sums


def build_downloads(
    ground: Ground,
    catalogue: Catalogue,
    playlists: PlaylistRoom,
    lyrics: LyricsRoom,
    pictures: PictureRoom,
    deliveries: Deliveries,
    undo: AsyncExitStack,
) -> DownloadRoom:
    """The room, ready; the server starts `download_preparing`, `undo` stops it."""
    store, clock, rules = ground.store, ground.clock, ground.download_rules
    sound_facts = SoundFacts(store)
    licences = Licences(store, clock, rules, ground.tiers)
    devices = DownloadDevices(store, clock, ground.tiers)
    sums = Sums(store, clock, deliveries)
    preparing = Preparing(store, clock, sums, licences)
    undo.push_async_callback(preparing.stop)
    wanting = Wanting(store, catalogue.songs, catalogue.albums, playlists.playlists, sound_facts)
    downloads = Downloads(store, clock, rules, ground.tiers, wanting, licences, devices, preparing)
    return DownloadRoom(
        downloads=downloads,
        download_devices=devices,
        download_licences=licences,
        download_preparing=preparing,
        download_manifests=Manifests(
            store,
            clock,
            downloads,
            licences,
            catalogue.songs,
            lyrics.lyric_sheets,
            pictures.covers,
            sound_facts,
            ManifestKeys(rules.keys),
            ground.tickets,
        ),
        download_fetching=Fetching(downloads, licences, deliveries),
        download_sums=sums,
    )
