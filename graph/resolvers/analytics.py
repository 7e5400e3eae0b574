"""The figures of the house, for admins."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from inspect import isawaitable
from typing import Any

from graph.bind import resolves
from graph.context import Info
from services.analytics.analytics import Engagement, Listening
from services.analytics.cohorts import Cohort, CohortPeriod
from services.analytics.faces import (
    HourFigures,
    LeftAtFigures,
    SourceFigures,
    WeekdayFigures,
    by_hour,
    by_weekday,
    left_at,
    of_sources,
)
from services.analytics.live_listeners import LiveCount, LiveListeners
from services.analytics.money import Revenue, TierCount
from services.analytics.reading import DayFigures
from services.analytics.spans import Span
from services.analytics.tops import TopKind, TopRow


@dataclass(slots=True)
class Day:
    """A day with the accounts that were made on it."""

    figures: DayFigures
    new_accounts: int


@dataclass(slots=True)
class CreateExportTicket:
    """An address and how long it is good."""

    url: str
    expires_in: int


RECORDS = {
    "Analytics": Span,
    "ListeningFigures": Listening,
    "DayFigures": Day,
    "HourFigures": HourFigures,
    "WeekdayFigures": WeekdayFigures,
    "SourceFigures": SourceFigures,
    "LeftAtFigures": LeftAtFigures,
    "TopFigure": TopRow,
    "Cohort": Cohort,
    "EngagementFigures": Engagement,
    "TierFigures": TierCount,
    "RevenueFigures": Revenue,
    "LiveListeners": LiveListeners,
    "LiveCount": LiveCount,
    "CreateExportTicket": CreateExportTicket,
}
ENUMS = {"FigureKind": TopKind, "CohortPeriod": CohortPeriod}


@resolves("Query.analytics")
def analytics(_: None, info: Info, to: date | None = None, time_zone: str | None = None, **begin: Any) -> Span:
    """The range; what is in it is read when it is asked for."""
    return info.context.house.analytics.span(info.context.viewer, begin.get("from"), to, time_zone)


@resolves("Analytics.from")
def first(span: Span, _info: Info) -> date:
    """The first day."""
    return span.first


@resolves("Analytics.to")
def last(span: Span, _info: Info) -> date:
    """The last day."""
    return span.last


async def _loaded(value: Any) -> Any:
    """What a loader gives, at once or later."""
    return await value if isawaitable(value) else value


async def _days(span: Span, info: Info) -> Sequence[DayFigures]:
    days: Sequence[DayFigures] = await _loaded(info.context.loaders.figure_days.load(span)) or []
    return days


async def _accounts(span: Span, info: Info) -> dict[date, int]:
    accounts: dict[date, int] = await _loaded(info.context.loaders.new_accounts.load(span)) or {}
    return accounts


@resolves("Analytics.listening")
async def listening(span: Span, info: Info) -> Listening:
    """All days together."""
    return info.context.house.analytics.listening(await _days(span, info))


@resolves("Analytics.listeningBefore")
async def listening_before(span: Span, info: Info) -> Listening:
    """The range before."""
    return await listening(span.before(), info)


@resolves("Analytics.days")
async def days(span: Span, info: Info) -> list[Day]:
    """One by one."""
    figures, accounts = await _days(span, info), await _accounts(span, info)
    return [Day(each, accounts.get(each.day, 0)) for each in figures]


@resolves("Analytics.hours")
async def hours(span: Span, info: Info) -> list[HourFigures]:
    """By the hour."""
    return by_hour(await _days(span, info))


@resolves("Analytics.weekdays")
async def weekdays(span: Span, info: Info) -> list[WeekdayFigures]:
    """By the day of the week."""
    return by_weekday(await _days(span, info))


@resolves("Analytics.sources")
async def sources(span: Span, info: Info) -> list[SourceFigures]:
    """By source."""
    return of_sources((await listening(span, info)).sum)


@resolves("Analytics.leftAt")
async def places(span: Span, info: Info) -> list[LeftAtFigures]:
    """Ten tenths."""
    return left_at((await listening(span, info)).sum)


@resolves("Analytics.newAccounts")
async def new_accounts(span: Span, info: Info) -> int:
    """All days together."""
    return sum((await _accounts(span, info)).values())


@resolves("Analytics.newAccountsBefore")
async def new_accounts_before(span: Span, info: Info) -> int:
    """The range before."""
    return await new_accounts(span.before(), info)


@resolves("Analytics.top")
async def top(span: Span, info: Info, kind: TopKind, limit: int) -> list[TopRow]:
    """The most played."""
    return await info.context.house.analytics.top(info.context.viewer, span, kind, limit)


@resolves("Analytics.rising")
async def rising(span: Span, info: Info, kind: TopKind, limit: int) -> list[TopRow]:
    """What grew most."""
    return await info.context.house.analytics.rising(info.context.viewer, span, kind, limit)


@resolves("Analytics.cohorts")
async def cohorts(span: Span, info: Info, by: CohortPeriod) -> list[Cohort]:
    """Who stayed."""
    return await info.context.house.analytics.cohorts(info.context.viewer, span, by)


@resolves("Analytics.engagement")
async def engagement(span: Span, info: Info) -> Engagement:
    """What people did."""
    active = (await listening(span, info)).listeners
    return await info.context.house.analytics.engagement(info.context.viewer, span, active)


@resolves("Analytics.engagementBefore")
async def engagement_before(span: Span, info: Info) -> Engagement:
    """The range before."""
    return await engagement(span.before(), info)


@resolves("Analytics.subscriptions")
async def subscriptions(span: Span, info: Info) -> list[TierCount]:
    """By tier."""
    return await info.context.house.analytics.subscriptions(info.context.viewer, span)


@resolves("Analytics.revenue")
async def revenue(span: Span, info: Info) -> list[Revenue]:
    """By currency."""
    return await info.context.house.analytics.revenue(info.context.viewer, span)


@resolves("Analytics.revenueBefore")
async def revenue_before(span: Span, info: Info) -> list[Revenue]:
    """The range before."""
    return await revenue(span.before(), info)


@resolves("DayFigures.day")
def day(row: Day, _info: Info) -> date:
    """Which."""
    return row.figures.day


@resolves("DayFigures.listeners")
def listeners(row: Day, _info: Info) -> int:
    """On the day."""
    return row.figures.listeners


@resolves("DayFigures.weeklyListeners")
def weekly_listeners(row: Day, _info: Info) -> int:
    """In seven days."""
    return row.figures.weekly


@resolves("DayFigures.monthlyListeners")
def monthly_listeners(row: Day, _info: Info) -> int:
    """In thirty days."""
    return row.figures.monthly


@resolves("DayFigures.stickiness")
def stickiness(row: Day, _info: Info) -> float | None:
    """Of those of thirty days."""
    return row.figures.stickiness


@resolves("DayFigures.plays")
def day_plays(row: Day, _info: Info) -> int:
    """On the day."""
    return row.figures.sum.plays


@resolves("DayFigures.hours")
def day_hours(row: Day, _info: Info) -> float:
    """On the day."""
    return row.figures.sum.hours


@resolves("DayFigures.skipRate")
def day_skip_rate(row: Day, _info: Info) -> float | None:
    """On the day."""
    return row.figures.sum.skip_rate


@resolves("TopFigure.id")
def top_id(row: TopRow, _info: Info) -> str:
    """The thing's."""
    return row.target_id


@resolves("TopFigure.name")
async def top_name(row: TopRow, info: Info) -> str | None:
    """As whoever asks may see it."""
    name: str | None = await _loaded(info.context.loaders.figure_names.load((row.kind.value, row.target_id)))
    return name


@resolves("Query.liveListeners")
async def live_listeners(_: None, info: Info) -> LiveListeners:
    """Who listens now."""
    return await info.context.house.live_listening.read(info.context.viewer)


@resolves("Subscription.liveListeners")
async def live_listener_changes(_: None, info: Info) -> Any:
    """Now, then each change."""
    return await info.context.house.live_listening.changes(info.context.viewer)


@resolves("Mutation.createExportTicket")
def create_export_ticket(_: None, info: Info, table: str) -> CreateExportTicket:
    """Two minutes for one table."""
    address, lasts_s = info.context.house.figure_exports.address(info.context.viewer, table)
    return CreateExportTicket(address, lasts_s)
