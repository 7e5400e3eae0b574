"""Live state of a house with one process: dictionaries, and ends that are looked at when somebody asks.

Owns the bound: at most `limit` cells and `limit` leases; the soonest to end are forgotten first.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from storage.live.interface import Cell


@dataclass(slots=True)
class _Kept:
    rev: int
    value: bytes
    until_s: float


class MemoryLiveState:
    """Keeps `LiveState`. `monotonic` gives seconds (of the one clock)."""

    def __init__(self, monotonic: Callable[[], float], *, limit: int = 200_000) -> None:
        self._monotonic = monotonic
        self._limit = limit
        self._cells: dict[str, _Kept] = {}
        self._groups: dict[str, dict[str, _Kept]] = {}
        self._leases = 0

    async def start(self) -> None:
        """Nothing to connect to."""

    async def stop(self) -> None:
        """Forget everything."""
        self._cells.clear()
        self._groups.clear()
        self._leases = 0

    async def get(self, key: str) -> Cell | None:
        """The cell, None when it was never written or has ended."""
        kept = self._cells.get(key)
        if kept is None or kept.until_s <= self._monotonic():
            self._cells.pop(key, None)
            return None
        return Cell(kept.rev, kept.value)

    async def swap(self, key: str, rev: int, value: bytes, *, ttl_s: float | None = None) -> bool:
        """Write the cell if its `rev` is still this one (0: not there); whether it was."""
        present = await self.get(key)
        if (0 if present is None else present.rev) != rev:
            return False
        if present is None and len(self._cells) >= self._limit:
            self._make_room()
        until_s = float("inf") if ttl_s is None else self._monotonic() + ttl_s
        self._cells[key] = _Kept(rev + 1, value, until_s)
        return True

    async def drop(self, key: str) -> None:
        """Forget the cell."""
        self._cells.pop(key, None)

    async def hold(self, group: str, member: str, value: bytes, *, ttl_s: float) -> bool:
        """Be in a group for the next `ttl_s`; whether it is new."""
        members = self._alive(group)
        fresh = member not in members
        if fresh and self._leases >= self._limit:
            self._sweep()
        members[member] = _Kept(0, value, self._monotonic() + ttl_s)
        self._groups[group] = members
        self._leases += fresh
        return fresh

    async def leave(self, group: str, member: str) -> bool:
        """Be in a group no more; whether one was."""
        members = self._alive(group)
        was = members.pop(member, None) is not None
        self._leases -= was
        if not members:
            self._groups.pop(group, None)
        return was

    async def held(self, group: str) -> Mapping[str, bytes]:
        """Who is in a group now, with their values."""
        return {member: kept.value for member, kept in self._alive(group).items()}

    def _make_room(self) -> None:
        """Forget what has ended; without any, the twentieth that ends soonest, so that it is seldom looked for."""
        now_s = self._monotonic()
        over = [key for key, kept in self._cells.items() if kept.until_s <= now_s]
        most = max(1, self._limit // 20)
        for key in over or heapq.nsmallest(most, self._cells, key=lambda other: self._cells[other].until_s):
            del self._cells[key]

    def _alive(self, group: str) -> dict[str, _Kept]:
        members = self._groups.get(group, {})
        now_s = self._monotonic()
        for member in [member for member, kept in members.items() if kept.until_s <= now_s]:
            del members[member]
            self._leases -= 1
        if not members:
            self._groups.pop(group, None)
        return members

    def _sweep(self) -> None:
        for group in list(self._groups):
            self._alive(group)
        if self._leases >= self._limit:
            group = min(self._groups, key=lambda other: min(kept.until_s for kept in self._groups[other].values()))
            members = self._groups[group]
            del members[min(members, key=lambda member: members[member].until_s)]
            self._leases -= 1
