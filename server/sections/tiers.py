"""Settings of tiers: what each gives, and the rules of families, students and trials.

Owns names, defaults, bounds and meanings. Refuses to know where a value came from and who has which tier.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from server.sections.setting import setting


def _quality(default: str) -> Any:
    return setting(default, "The best sound it gives.", choices=("low", "normal", "high", "lossless"))


def _downloads(default: bool) -> Any:
    return setting(default, "Whether music may be kept on devices.")


def _download_devices(default: int) -> Any:
    return setting(default, "Devices on which one person may keep downloads.", least=1, most=100)


def _download_songs(default: int) -> Any:
    return setting(default, "Songs that one device may keep.", least=1, most=100_000)


def _skips(default: int | None) -> Any:
    return setting(default, "Songs that may be skipped in an hour; `null` for no bound.", least=0, most=10_000)


def _playing(default: int | None) -> Any:
    return setting(default, "Devices that may stream at the same time; `null` for no bound.", least=1, most=100)


def _devices(default: int) -> Any:
    return setting(
        default, "Players on a person's list; beyond them the one seen longest ago is forgotten.", least=1, most=50
    )


def _rooms(default: bool) -> Any:
    return setting(default, "Whether rooms to listen together may be opened; joining is for everybody.")


@dataclass(frozen=True, slots=True)
class FreeTier:
    """What everybody has."""

    quality: str = _quality("lossless")
    downloads: bool = _downloads(False)
    download_devices: int = _download_devices(5)
    download_songs: int = _download_songs(10_000)
    skips_per_hour: int | None = _skips(6)
    playing_devices: int | None = _playing(1)
    devices: int = _devices(50)
    host_rooms: bool = _rooms(True)


@dataclass(frozen=True, slots=True)
class StudentTier:
    """What proven students have."""

    quality: str = _quality("lossless")
    downloads: bool = _downloads(True)
    download_devices: int = _download_devices(5)
    download_songs: int = _download_songs(10_000)
    skips_per_hour: int | None = _skips(None)
    playing_devices: int | None = _playing(2)
    devices: int = _devices(50)
    host_rooms: bool = _rooms(True)


@dataclass(frozen=True, slots=True)
class PremiumTier:
    """What one person pays for."""

    quality: str = _quality("lossless")
    downloads: bool = _downloads(True)
    download_devices: int = _download_devices(5)
    download_songs: int = _download_songs(10_000)
    skips_per_hour: int | None = _skips(None)
    playing_devices: int | None = _playing(3)
    devices: int = _devices(50)
    host_rooms: bool = _rooms(True)


@dataclass(frozen=True, slots=True)
class FamilyTier:
    """What each person of a family plan has."""

    quality: str = _quality("lossless")
    downloads: bool = _downloads(True)
    download_devices: int = _download_devices(5)
    download_songs: int = _download_songs(10_000)
    skips_per_hour: int | None = _skips(None)
    playing_devices: int | None = _playing(3)
    devices: int = _devices(50)
    host_rooms: bool = _rooms(True)


@dataclass(frozen=True, slots=True)
class TierSettings:
    """What each tier gives: the table that decides."""

    rations: str = setting(
        "auto",
        "Whether skips and playing devices are counted. `auto` counts where subscriptions are sold, for what nobody "
        "can buy off is only a nuisance.",
        choices=("auto", "on", "off"),
    )
    free: FreeTier = field(default_factory=FreeTier)
    student: StudentTier = field(default_factory=StudentTier)
    premium: PremiumTier = field(default_factory=PremiumTier)
    family: FamilyTier = field(default_factory=FamilyTier)


@dataclass(frozen=True, slots=True)
class FamilyPlanSettings:
    """Plans that a family shares."""

    people: int = setting(6, "People who share one plan, its owner included.", least=2, most=50)
    invite_days: int = setting(7, "Days that an invitation is good.", least=1, most=90)
    switch_days: int = setting(
        365, "Days between coming into one family and coming into another; 0 for none.", least=0, most=3_650
    )
    address_days: int = setting(
        14, "Days that members have to say again where they live when their owner has moved.", least=1, most=365
    )
    same_address: bool = setting(True, "Whether everybody has to declare that they live where the owner does.")


@dataclass(frozen=True, slots=True)
class StudentSettings:
    """How people prove that they are students."""

    domains: tuple[str, ...] = setting(
        [],
        "Domains of schools whose addresses prove a student: `school.example` with all below it, `*.ac.uk` only what "
        "is below. Empty takes no addresses.",
    )
    documents: bool = setting(True, "Whether documents may be handed in, for moderators to decide on.")
    years: int = setting(4, "Years that one person may be a student.", least=1, most=20)
    remind_days: int = setting(
        30, "Days before the end of a year from which it can be proven again, and is asked for.", least=1, most=180
    )
    grace_days: int = setting(14, "Days after the end of a year for which it still holds.", least=0, most=180)


@dataclass(frozen=True, slots=True)
class TrialSettings:
    """The house's own trial, where nothing is sold; what is sold has its trial in `billing`."""

    days: int = setting(0, "Days that anybody may try once; 0 offers no trial.", least=0, most=365)
    tier: str = setting("premium", "What is tried.", choices=("student", "premium", "family"))
