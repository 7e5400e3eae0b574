"""Live state that outlives an outage of its server: this process's own leases are kept here too and told again.

Owns the copy of what this process holds. While the server is away its own leases are all that is known; cells, which
several processes write, are away with it, at once and without waiting. Refuses to know which server it is.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from storage.live.interface import Cell, LiveState, LiveStateAway

log = logging.getLogger("tutti.storage")

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class _Lease:
    value: bytes
    until_s: float


class SteadyLiveState:
    """Keeps `LiveState` over another. Looks every `look_s` whether a server that is away is back; remembers at most
    `limit` leases, the one held longest ago is forgotten first."""

    def __init__(
        self, live: LiveState, monotonic: Callable[[], float], *, look_s: float = 0.5, limit: int = 200_000
    ) -> None:
        self._live = live
        self._monotonic = monotonic
        self._look_s = look_s
        self._limit = limit
        self._own: OrderedDict[tuple[str, str], _Lease] = OrderedDict()
        self._away: asyncio.Task[None] | None = None
        self._present = asyncio.Event()
        self._present.set()

    @property
    def away(self) -> bool:
        """Whether the server was away when somebody last looked."""
        return self._away is not None

    async def wait_present(self) -> None:
        """Return once the server answers and has been told everything that is held here."""
        await self._present.wait()

    async def start(self) -> None:
        """Connect."""
        await self._live.start()

    async def stop(self) -> None:
        """Look no more; let go."""
        task, self._away = self._away, None
        if task is not None:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
        self._own.clear()
        await self._live.stop()

    async def get(self, key: str) -> Cell | None:
        """The cell, None when it was never written or has ended."""
        return await self._asked(lambda: self._live.get(key))

    async def swap(self, key: str, rev: int, value: bytes, *, ttl_s: float | None = None) -> bool:
        """Write the cell if its `rev` is still this one (0: not there); whether it was."""
        return await self._asked(lambda: self._live.swap(key, rev, value, ttl_s=ttl_s))

    async def drop(self, key: str) -> None:
        """Forget the cell."""
        await self._asked(lambda: self._live.drop(key))

    async def hold(self, group: str, member: str, value: bytes, *, ttl_s: float) -> bool:
        """Be in a group for the next `ttl_s`; whether it is new. Never away: it is told when the server is back."""
        known = self._alive(group, member)
        self._own[group, member] = _Lease(value, self._monotonic() + ttl_s)
        self._own.move_to_end((group, member))
        while len(self._own) > self._limit:
            self._own.popitem(last=False)
        try:
            return await self._asked(lambda: self._live.hold(group, member, value, ttl_s=ttl_s))
        except LiveStateAway:
            return known is None

    async def leave(self, group: str, member: str) -> bool:
        """Be in a group no more; whether one was. While the server is away, the lease ends there by itself."""
        known = self._alive(group, member)
        self._own.pop((group, member), None)
        try:
            return await self._asked(lambda: self._live.leave(group, member))
        except LiveStateAway:
            return known is not None

    async def held(self, group: str) -> Mapping[str, bytes]:
        """Who is in a group now; while the server is away, those of them whom this process holds."""
        try:
            return await self._asked(lambda: self._live.held(group))
        except LiveStateAway:
            mine = [member for held, member in list(self._own) if held == group]
            found = {member: self._alive(group, member) for member in mine}
            return {member: lease.value for member, lease in found.items() if lease is not None}

    def _alive(self, group: str, member: str) -> _Lease | None:
        lease = self._own.get((group, member))
        if lease is not None and lease.until_s <= self._monotonic():
            del self._own[group, member]
            return None
        return lease

    async def _asked(self, ask: Callable[[], Awaitable[Result]]) -> Result:
        if self._away is not None:
            raise LiveStateAway("away since a moment ago")
        try:
            return await ask()
        except LiveStateAway as trouble:
            if self._away is None:
                log.warning("live state is away", extra={"error": str(trouble)})
                self._present.clear()
                self._away = asyncio.create_task(self._look(), name="live state looks")
            raise

    async def _look(self) -> None:
        while True:
            await asyncio.sleep(self._look_s)
            try:
                await self._live.get("present")
                await self._tell_again()
            except LiveStateAway:
                continue
            self._away = None
            self._present.set()
            log.info("live state is back", extra={"leases": len(self._own)})
            return

    async def _tell_again(self) -> None:
        for group, member in list(self._own):
            lease = self._alive(group, member)
            if lease is not None:
                left_s = lease.until_s - self._monotonic()
                await self._live.hold(group, member, lease.value, ttl_s=left_s)
