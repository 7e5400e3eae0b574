"""The table of periodic work: name, interval in seconds, what is done. Each row is safe to run twice."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from services.house import House


@dataclass(frozen=True, slots=True)
class Job:
    """One row: run `work` every `seconds`, in one process at a time."""

    name: str
    seconds: float
    work: Callable[[], Awaitable[Any]]


def schedule(house: House) -> list[Job]:
    """Every periodic job of the product."""
    return [
        Job("sweep ended sessions", 3600, house.accounts.sessions.sweep),
        Job("forget silent listeners", 60, house.now_playing.expire),
    ]
