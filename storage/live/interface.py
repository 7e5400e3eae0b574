"""What keeps state for a while: cells written by compare-and-set, and leases that end by themselves.

Owns the protocol that `memory.py` and `redis.py` keep, with the same contract tests. Refuses to know what is kept:
values are bytes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol


class LiveStateAway(Exception):
    """The server that keeps the state cannot be reached; what was kept may be gone when it returns."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A value and how often it was written: 1 after the first time."""

    rev: int
    value: bytes


class LiveState(Protocol):
    """Cells and leases, shared by all processes of a house. Each method raises LiveStateAway."""

    async def get(self, key: str) -> Cell | None:
        """The cell, None when it was never written or has ended."""

    async def swap(self, key: str, rev: int, value: bytes, *, ttl_s: float | None = None) -> bool:
        """Write the cell if its `rev` is still this one (0: not there); whether it was. It ends after `ttl_s`."""

    async def drop(self, key: str) -> None:
        """Forget the cell."""

    async def hold(self, group: str, member: str, value: bytes, *, ttl_s: float) -> bool:
        """Be in a group for the next `ttl_s`, with this value; held again before, it lasts on. Whether it is new."""

    async def leave(self, group: str, member: str) -> bool:
        """Be in a group no more; whether one was."""

    async def held(self, group: str) -> Mapping[str, bytes]:
        """Who is in a group now, with their values."""

    async def start(self) -> None:
        """Connect. Does not wait for a server that is away."""

    async def stop(self) -> None:
        """Let go; safe at any time."""
