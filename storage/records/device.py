"""The devices on which somebody plays: one document for a person, so that their order and bound are one write."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(slots=True)
class DeviceCapabilities:
    """What a device says it can do. `formats` are MIME types; `max_quality` None stands for no bound of its own."""

    formats: list[str] = field(default_factory=list)
    volume: bool = True
    gapless: bool = False
    crossfade: bool = False
    max_quality: str | None = None


@dataclass(slots=True)
class Device:
    """One device; its client chose the `id`. `kind` is computer, phone, speaker, tv, web or other."""

    id: str
    name: str
    kind: str
    added_at: datetime
    seen_at: datetime
    capabilities: DeviceCapabilities = field(default_factory=DeviceCapabilities)
    is_renamed: bool = False


@dataclass(slots=True)
class DeviceList:
    """A person's devices, under their id, the last seen first. `rev` counts changes, coming and going included."""

    id: str
    rev: int = 0
    devices: list[Device] = field(default_factory=list)
