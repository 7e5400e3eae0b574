"""What a person's open connections make of them: online, away or offline, on which devices. Pure.

Given who is counted now and what was told last, it says what is to be told. A count is a whole truth, not a step: told
twice, late, or after a few that were lost, it leads to the same. Refuses to know how connections are counted.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

LEASE_S = 15.0
"""How long a connection counts after it was heard of last: a dead one is gone then."""
GRACE_S = 5.0
"""How long one counts after it was closed, so that a page that is loaded anew does not flicker."""


class Status(StrEnum):
    """How somebody is here."""

    ONLINE = "online"
    AWAY = "away"
    OFFLINE = "offline"


@dataclass(frozen=True, slots=True)
class Connection:
    """One open player: the device it speaks for, and whether its person left it alone."""

    device_id: str | None = None
    is_away: bool = False


@dataclass(frozen=True, slots=True)
class Told:
    """What was told of somebody last; `since_ms` is when they came to be so, in the house's time."""

    rev: int = 0
    status: Status = Status.OFFLINE
    devices: frozenset[str] = frozenset()
    since_ms: float | None = None


def status_of(connections: Mapping[str, Connection]) -> Status:
    """Away when every connection is, offline without any."""
    if not connections:
        return Status.OFFLINE
    return Status.AWAY if all(each.is_away for each in connections.values()) else Status.ONLINE


def devices_of(connections: Mapping[str, Connection]) -> frozenset[str]:
    """The devices that are connected."""
    return frozenset(each.device_id for each in connections.values() if each.device_id is not None)


def counted(told: Told, connections: Mapping[str, Connection], at_ms: float) -> Told:
    """What is to be told, counted at a moment of the house's time: `told` itself when nothing is new.

    `rev` grows with each change, also when what was told had been forgotten: it is never behind the time.
    """
    status, devices = status_of(connections), devices_of(connections)
    if (status, devices) == (told.status, told.devices):
        return told
    since_ms = told.since_ms if status == told.status else at_ms
    return replace(told, rev=max(told.rev + 1, int(at_ms)), status=status, devices=devices, since_ms=since_ms)
