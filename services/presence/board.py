"""Who is connected, by leases that all processes see, and what was told of each person last.

Owns how leases and cells are named and written. Refuses to know sockets, people's wishes and who is told.
"""

from __future__ import annotations

from collections.abc import Mapping

import orjson

from services.presence.reducer import GRACE_S, LEASE_S, Connection, Status, Told, counted
from services.timing.house_time import HouseTime
from storage.live.interface import Cell, LiveState, LiveStateAway

ATTEMPTS = 20
TOLD_S = 7 * 24 * 3600.0
LISTED_S = 120.0
"""How long a process's list of people outlives it, for others to see who is to be looked after."""
SHELVES = 64
"""Over so many groups the lists are spread, so that none is long."""
_HOUSES = "presence-houses"


class PresenceBoard:
    """Leases on connections; LiveStateAway from each method while nobody can tell, as far as that is so."""

    def __init__(self, live: LiveState, house_time: HouseTime) -> None:
        self._live = live
        self._house_time = house_time

    async def stay(self, user_id: str, seat: str, connection: Connection) -> None:
        """Count a connection for one lease."""
        await self._live.hold(_group(user_id), seat, _value(connection), ttl_s=LEASE_S)

    async def close(self, user_id: str, seat: str, connection: Connection) -> None:
        """Count a connection that was closed until its grace ends."""
        await self._live.hold(_group(user_id), seat, _value(connection), ttl_s=GRACE_S)

    async def connections(self, user_id: str) -> Mapping[str, Connection]:
        """Somebody's connections that count now."""
        held = await self._live.held(_group(user_id))
        return {seat: _connection(value) for seat, value in held.items()}

    async def told(self, user_id: str) -> Told:
        """What was told last; nothing when nobody can tell."""
        try:
            cell = await self._live.get(_key(user_id))
        except LiveStateAway:
            cell = None
        return _told(cell)

    async def count(self, user_id: str) -> tuple[Told, Told]:
        """What was told before and what is now; of all who count at once, one gets the difference."""
        for _ in range(ATTEMPTS):
            cell = await self._live.get(_key(user_id))
            before = _told(cell)
            after = counted(before, await self.connections(user_id), self._house_time.now_ms())
            if after is before:
                return before, before
            value = orjson.dumps([after.rev, after.status, sorted(after.devices), after.since_ms])
            if await self._live.swap(_key(user_id), 0 if cell is None else cell.rev, value, ttl_s=TOLD_S):
                return before, after
        # Each that was in the way has counted too.
        told = await self.told(user_id)
        return told, told

    async def live(self, house: str) -> None:
        """A process goes on, for one lease."""
        await self._live.hold(_HOUSES, house, b"", ttl_s=LEASE_S)

    async def enlist(self, house: str, user_id: str) -> None:
        """Note that a process looks after somebody."""
        await self._live.hold(_shelf(user_id), f"{house}:{user_id}", b"", ttl_s=LISTED_S)

    async def strike(self, house: str, user_id: str) -> None:
        """It does no more."""
        await self._live.leave(_shelf(user_id), f"{house}:{user_id}")

    async def orphans(self) -> list[tuple[str, str]]:
        """Pairs of a process that has ended and somebody it looked after."""
        houses = await self._live.held(_HOUSES)
        found = []
        for shelf in range(SHELVES):
            for member in await self._live.held(f"presence-of:{shelf}"):
                house, _, user_id = member.partition(":")
                if house not in houses:
                    found.append((house, user_id))
        return found


def _group(user_id: str) -> str:
    return f"presence:{user_id}"


def _key(user_id: str) -> str:
    return f"presence-told:{user_id}"


def _shelf(user_id: str) -> str:
    return f"presence-of:{sum(user_id.encode()) % SHELVES}"


def _value(connection: Connection) -> bytes:
    return orjson.dumps([connection.device_id, connection.is_away])


def _connection(value: bytes) -> Connection:
    return Connection(*orjson.loads(value))


def _told(cell: Cell | None) -> Told:
    if cell is None:
        return Told()
    rev, status, devices, since_ms = orjson.loads(cell.value)
    return Told(rev, Status(status), frozenset(devices), since_ms)
