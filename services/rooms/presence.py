"""Who is in a room right now, by leases, and what each says about its distance and its error.

A member may sit in several places (two tabs, two processes): each is a seat with a lease of 15 s of its own. Owns how
leases are named and what they carry. Refuses to know what absence leads to.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping

import orjson

from services.rooms.bounds import LEASE_S
from services.rooms.pace import Report
from storage.live.interface import LiveState, LiveStateAway

log = logging.getLogger("tutti.rooms")


class RoomPresence:
    """Leases on seats. When the live state is away nobody can tell who is there, and nobody is taken for absent."""

    def __init__(self, live: LiveState) -> None:
        self._live = live

    async def hold(self, room_id: str, member_id: str, seat: str, report: Report) -> None:
        """Be there for the next 15 s."""
        value = orjson.dumps([report.delay_ms, report.warm_up_ms, report.skew_ms])
        try:
            await self._live.hold(_group(room_id), f"{seat}:{member_id}", value, ttl_s=LEASE_S)
        except LiveStateAway:
            log.info("room lease not renewed", extra={"room_id": room_id})

    async def leave(self, room_id: str, member_id: str, seat: str) -> bool:
        """Give a seat up; whether the member sits nowhere in this room now. False when nobody can tell."""
        try:
            await self._live.leave(_group(room_id), f"{seat}:{member_id}")
        except LiveStateAway:
            return False
        reports = await self.reports(room_id)
        return reports is not None and member_id not in reports

    async def reports(self, room_id: str) -> Mapping[str, Report] | None:
        """Who is there, with the worst that any of their seats reports; None when nobody can tell."""
        try:
            held = await self._live.held(_group(room_id))
        except LiveStateAway:
            return None
        reports: dict[str, Report] = {}
        for key, value in held.items():
            member_id = key.partition(":")[2]
            report = Report(*orjson.loads(value))
            other = reports.get(member_id)
            reports[member_id] = report if other is None else _worse(report, other)
        return reports

    async def may_tick(self, room_id: str, holder: str, *, ttl_s: float) -> bool:
        """Whether `holder` is who looks after this room for the next `ttl_s`: the first to ask, while it goes on."""
        key, mine = f"room-ticker:{room_id}", holder.encode()
        try:
            cell = await self._live.get(key)
            if cell is not None and cell.value != mine:
                return False
            return await self._live.swap(key, 0 if cell is None else cell.rev, mine, ttl_s=ttl_s)
        except LiveStateAway:
            # Two that look after one room are harmless: each step is guarded by the revision.
            return True


def _group(room_id: str) -> str:
    return f"room:{room_id}"


def _worse(one: Report, other: Report) -> Report:
    skews = [skew for skew in (one.skew_ms, other.skew_ms) if skew is not None]
    return Report(
        max(one.delay_ms, other.delay_ms),
        max(one.warm_up_ms, other.warm_up_ms),
        max(skews, key=abs, default=None),
    )
