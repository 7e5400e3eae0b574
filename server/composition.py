"""Builds the services from the settings: what a server and a maintenance command both stand on.

Owns the order of starting, and its exact reverse for stopping, from any half-started state. Knows no door.
"""

from __future__ import annotations

from dataclasses import dataclass

from services.audio.ffmpeg import Ffmpeg
from services.house import House
from services.leases import Leases
from services.library.importer import Importer
from storage.collections.store import Store


@dataclass(slots=True)
class Household:
    """The house with what only the server's own room may touch: the store, the importer, the leases."""

    house: House
    store: Store
    importer: Importer
    leases: Leases
    ffmpeg: Ffmpeg
