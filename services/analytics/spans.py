"""A range of whole days in a time zone: what every figure is asked for.

Pure. Owns its limits, the range before it, and which half hours of UTC days its days are. Refuses to know figures.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from services.accounts.time_zones import begins, read_time_zone, zone_named
from services.analytics.day_count import SLOT_MINUTES, SLOTS
from services.errors import Invalid

LONGEST_DAYS = 1096
EARLIEST = date(2000, 1, 1)
USUAL_DAYS = 28


@dataclass(frozen=True, slots=True)
class Span:
    """Days from `first` to `last`, both of them in it, as they begin and end in `time_zone`."""

    first: date
    last: date
    time_zone: str = "UTC"

    @property
    def length(self) -> int:
        """How many days."""
        return (self.last - self.first).days + 1

    @property
    def begins(self) -> datetime:
        """The moment when it begins, in UTC."""
        return begins(zone_named(self.time_zone), self.first)

    @property
    def ends(self) -> datetime:
        """The moment when it is over, in UTC: not in it any more."""
        return begins(zone_named(self.time_zone), self.last + timedelta(days=1))

    @property
    def moments(self) -> dict[str, datetime]:
        """The condition on a time of a stored row."""
        return {"$gte": self.begins, "$lt": self.ends}

    def before(self) -> Span:
        """As many days, right before it."""
        return Span(self.first - timedelta(days=self.length), self.first - timedelta(days=1), self.time_zone)

    def stretched(self, days: int) -> Span:
        """It with so many days before it."""
        return Span(self.first - timedelta(days=days), self.last, self.time_zone)

    def days(self) -> Iterator[date]:
        """Its days in order."""
        return (self.first + timedelta(days=number) for number in range(self.length))

    def slots(self, day: date) -> Iterator[tuple[str, int]]:
        """The half hours of one of its days: each as a UTC day and the half hour's number in it."""
        zone = zone_named(self.time_zone)
        moment, end = begins(zone, day), begins(zone, day + timedelta(days=1))
        while moment < end:
            yield moment.strftime("%Y-%m-%d"), (moment.hour * 60 + moment.minute) // SLOT_MINUTES
            moment += timedelta(minutes=SLOT_MINUTES)

    def whole_days(self, day: date) -> str | None:
        """The UTC day that one of its days is, None where days are others."""
        begun = begins(zone_named(self.time_zone), day)
        same = begun.hour == begun.minute == 0 and len(list(self.slots(day))) == SLOTS
        return begun.strftime("%Y-%m-%d") if same else None


def read_span(
    first: date | None,
    last: date | None,
    time_zone: str | None,
    *,
    now: datetime,
    house_zone: str,
    by_half_hours: bool = True,
) -> Span:
    """The range somebody asks for: the last 28 days unless told, in the house's time zone unless told.

    `by_half_hours` is for figures that are kept so; what is read from the ledger itself may have any zone.

    Invalid, naming the field: the last day before the first; more than 1,096 days; a day before the year 2000 or after
    today; no IANA zone; a zone whose days do not begin on a full or half hour of UTC, as plays are kept by half hours.
    """
    name = read_time_zone(time_zone) if time_zone is not None else house_zone
    zone = zone_named(name)
    today = now.astimezone(zone).date()
    last = last if last is not None else today
    if not EARLIEST <= last <= today:
        raise Invalid("The last day must lie between the year 2000 and today.", field="to")
    first = first if first is not None else last - timedelta(days=USUAL_DAYS - 1)
    if first > last:
        raise Invalid("The first day must not come after the last.", field="from")
    if first < EARLIEST:
        raise Invalid("The first day must not lie before the year 2000.", field="from")
    if (last - first).days >= LONGEST_DAYS:
        raise Invalid(f"A range has at most {LONGEST_DAYS} days.", field="from")
    for day in (first, last + timedelta(days=1)) if by_half_hours else ():
        if begins(zone, day).astimezone(UTC).minute % SLOT_MINUTES:
            raise Invalid(
                "Plays are kept by half hours: choose a time zone a multiple of 30 minutes from UTC.", field="timeZone"
            )
    return Span(first, last, name)


def read_day(text: str | None, field: str) -> date | None:
    """A day as it is written in an address: 2026-06-01. Invalid, naming the field, for anything else."""
    if text is None or not text:
        return None
    try:
        if len(text) == 10:
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise Invalid("A day is written like 2026-06-01.", field=field)
