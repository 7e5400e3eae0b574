"""Builds the services from the settings: what a server and a maintenance command both stand on.

Owns the order of starting, and its exact reverse for stopping, from any half-started state. Knows no door.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from server.settings import Settings
from server.stores import open_store
from services.accounts.accounts import Accounts
from services.accounts.passwords import Passwords
from services.accounts.secrets import load_or_create_secret
from services.accounts.sessions import Sessions
from services.accounts.tickets import Tickets
from services.accounts.tokens import Tokens
from services.audio.admission import Admission
from services.audio.delivery import Deliveries
from services.audio.ffmpeg import Ffmpeg, find_ffmpeg
from services.catalogue.albums import Albums
from services.catalogue.artists import Artists
from services.catalogue.covers import Covers
from services.catalogue.genres import Genres
from services.catalogue.songs import Songs
from services.clock import Clock
from services.events import Bus
from services.house import House
from services.leases import Leases
from services.library.importer import Importer
from services.now_playing import NowPlaying
from services.plays import Plays
from storage.collections.store import Store
from storage.files import LocalFiles


@dataclass(slots=True)
class Household:
    """The house with what only the server's own room may touch: the store, the importer, the leases."""

    house: House
    store: Store
    importer: Importer
    leases: Leases
    ffmpeg: Ffmpeg
