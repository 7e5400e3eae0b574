"""Where somebody has signed in from before."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True)
class KnownPlaces:
    """The newest devices, kinds of device and networks of one account, each as a digest; `id` is the account's."""

    id: str
    devices: list[str] = field(default_factory=list)
    kinds: list[str] = field(default_factory=list)
    networks: list[str] = field(default_factory=list)
