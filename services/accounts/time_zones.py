"""Time zones by their IANA names, and when a day begins in one.

Owns which names there are (the list that comes with the tzdata package, so that every machine knows the same) and how
one is read. The rules themselves are the machine's zone files where it has them. Refuses to know whose zone it is.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from functools import lru_cache
from importlib.resources import files
from zoneinfo import ZoneInfo

from services.errors import Invalid

NAME_LIMIT = 64
_NAMES = {
    name.casefold(): name
    for name in files("tzdata").joinpath("zones").read_text("utf-8").split()
    if name not in ("Factory", "localtime")
}


def read_time_zone(text: str, field: str = "timeZone") -> str:
    """The zone's name as IANA writes it, whatever the letter case. Invalid, naming the field, for what is none."""
    name = _NAMES.get(text.strip().casefold()) if len(text) <= NAME_LIMIT else None
    if name is None:
        raise Invalid("A time zone is given by its IANA name, like Europe/Berlin or UTC.", field=field)
    return name


@lru_cache(maxsize=len(_NAMES))
def zone_named(name: str) -> ZoneInfo:
    """The zone of a name that was read once; UTC for one that there is no more."""
    known = _NAMES.get(name.casefold())
    return ZoneInfo(known if known is not None else "UTC")


def day_in(zone: ZoneInfo, moment: datetime) -> date:
    """Which day it is there."""
    return moment.astimezone(zone).date()


def begins(zone: ZoneInfo, day: date) -> datetime:
    """The moment, in UTC, when a day begins there: where clocks go forward at midnight, the moment they do."""
    return datetime.combine(day, time(), zone).astimezone(UTC)
