"""Which day it is for somebody: in the time zone they chose, else in the house's.

Refuses to know what happens on which day.
"""

from __future__ import annotations

from datetime import date, timedelta
from zoneinfo import ZoneInfo

from services.accounts.time_zones import day_in, zone_named
from services.clock import Clock
from storage.collections.store import Store


class OwnTime:
    """Everybody's own days."""

    def __init__(self, store: Store, clock: Clock, house_zone: str = "UTC") -> None:
        self._store = store
        self._clock = clock
        self._house_zone = house_zone

    async def today(self, user_id: str) -> tuple[date, ZoneInfo]:
        """The day it is for somebody now, and their zone; one store command."""
        user = await self._store.users.get(user_id)
        chosen = user.preferences.time_zone if user is not None else ""
        zone = zone_named(chosen or self._house_zone)
        return day_in(zone, self._clock.now()), zone


def monday_of(day: date) -> date:
    """The Monday of a day's week."""
    return day - timedelta(days=day.weekday())
