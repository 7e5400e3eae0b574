"""The stretches of time that history, tops and charts are asked for, all of them ending now."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum


class TimeRange(StrEnum):
    """How far back to look."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    YEAR = "year"
    ALL_TIME = "all_time"


DAYS = {TimeRange.DAY: 1, TimeRange.WEEK: 7, TimeRange.MONTH: 30, TimeRange.YEAR: 365}


def since(range: TimeRange, now: datetime) -> datetime | None:
    """Where the range begins: 1, 7, 30 or 365 times 24 hours ago; None for all time."""
    return None if range == TimeRange.ALL_TIME else now - timedelta(days=DAYS[range])


def first_day(range: TimeRange, now: datetime) -> str:
    """The first UTC day of a range of whole days: a day is yesterday and today so far, others count today as one."""
    return (now - timedelta(days=max(DAYS[range] - 1, 1))).strftime("%Y-%m-%d")


def first_month(now: datetime) -> str:
    """The first UTC month of a year of whole months, this one being the twelfth."""
    return f"{now.year - 1}-{now.month + 1:02}" if now.month < 12 else f"{now.year}-01"
