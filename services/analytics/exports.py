"""Tables of the dashboards as CSV, a part at a time, so that a large one takes no more memory than a small one.

Owns which tables there are, their columns, and who may have them. Refuses to know over what they are sent.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from services.accounts.tickets import Ticket, Tickets
from services.analytics.analytics import Analytics
from services.analytics.cohorts import CohortPeriod
from services.analytics.csv_text import BOM, Cell, line
from services.analytics.reading import DayFigures
from services.analytics.spans import Span
from services.analytics.tops import TopKind
from services.clock import Clock
from services.errors import Invalid, NotFound
from services.viewer import Role, Viewer
from storage.collections.store import Store

TICKET_S = 120
_PAGE = 500
_DAYS_AT_ONCE = 60
_TOP = 100

Rows = AsyncIterator[list[list[Cell]]]
COLUMNS: dict[str, tuple[str, ...]] = {
    "users": ("id", "username", "email", "created_at", "roles", "tier", "country", "is_verified", "is_suspended"),
    "payments": ("id", "user_id", "kind", "status", "amount_minor", "tax_minor", "refunded_minor", "currency",
                 "tier", "at", "number"),
    "days": ("day", "plays", "hours", "listeners", "weekly_listeners", "monthly_listeners", "stickiness",
             "new_accounts", "skip_rate", "completion_rate"),
    **{f"{way}-{kind.value}s": ("place", "id", "name", "plays", "hours", "listener_days", "skip_rate",
                                "plays_before", "growth") for way in ("top", "rising") for kind in TopKind},
    "cohorts-week": ("begins", "accounts", "week", "listeners", "retention"),
    "cohorts-month": ("begins", "accounts", "month", "listeners", "retention"),
    "subscriptions": ("tier", "at_start", "at_end", "began", "churned", "churn_rate"),
    "revenue": ("currency", "payments", "paid_minor", "tax_minor", "refunded_minor", "disputed_minor", "net_minor",
                "mrr_minor"),
    "engagement": ("likes", "saves", "follows", "playlists", "reviews", "searches", "active", "per_active"),
    "moderation": ("state", "cases"),
}  # fmt: skip
"""Every table and its columns."""


@dataclass(frozen=True, slots=True)
class Export:
    """A file on its way: its name, and its text in parts."""

    file_name: str
    parts: AsyncIterator[str]


class FigureExports:
    """Tables for admins. NotFound for a table that there is not."""

    def __init__(self, store: Store, clock: Clock, analytics: Analytics, tickets: Tickets) -> None:
        self._store = store
        self._clock = clock
        self._analytics = analytics
        self._tickets = tickets.for_purpose(b"csv export", lifetime_s=TICKET_S)

    def address(self, viewer: Viewer, table: str) -> tuple[str, int]:
        """An address that gives this table by itself while the viewer's session lasts, and for how many seconds."""
        user_id = viewer.require(Role.ADMIN)
        viewer.require_oneself()
        self._check(table)
        ticket = self._tickets.issue(user_id=user_id, session_id=viewer.session_id or "", song_id=table, quality="")
        return f"/export/{table}.csv?ticket={ticket}", TICKET_S

    def opened(self, ticket: str, table: str) -> Ticket:
        """Whose ticket it is. Unauthenticated for one that is not good for this table."""
        return self._tickets.open(ticket, table)

    def export(self, viewer: Viewer, table: str, span: Span, *, bom: bool = False) -> Export:
        """The table for a range. Denied for all but admins."""
        viewer.require(Role.ADMIN)
        self._check(table)
        name = f"tutti-{table}-{span.first.isoformat()}-{span.last.isoformat()}.csv"
        return Export(name, self._text(viewer, table, span, bom))

    def _check(self, table: str) -> None:
        if table not in COLUMNS:
            raise NotFound("There is no such table.")

    async def _text(self, viewer: Viewer, table: str, span: Span, bom: bool) -> AsyncIterator[str]:
        yield (BOM if bom else "") + line(COLUMNS[table])
        async for rows in self._rows(viewer, table, span):
            if rows:
                yield "".join(map(line, rows))

    def _rows(self, viewer: Viewer, table: str, span: Span) -> Rows:
        way, _, what = table.partition("-")
        if way in ("top", "rising"):
            return self._tops(viewer, span, way, TopKind(what.removesuffix("s")))
        if way == "cohorts":
            return self._cohorts(viewer, span, CohortPeriod(what))
        if table == "users":
            return self._users(span)
        if table == "payments":
            return self._payments(span)
        if table == "days":
            return self._days(viewer, span)
        return self._short(viewer, table, span)

    async def _users(self, span: Span) -> Rows:
        async for page in self._pages(self._store.users, "created_at", span):
            yield [
                [
                    user.id,
                    user.username,
                    user.email,
                    user.created_at,
                    " ".join(user.roles),
                    user.subscription_type,
                    user.country,
                    user.is_verified,
                    user.is_suspended,
                ]
                for user in page
            ]

    async def _payments(self, span: Span) -> Rows:
        async for page in self._pages(self._store.payments, "at", span):
            yield [[getattr(payment, name) for name in COLUMNS["payments"]] for payment in page]

    async def _pages(self, shelf: Any, field: str, span: Span) -> AsyncIterator[list[Any]]:
        """Records of the range, the newest first."""
        after: list[Any] | None = None
        while True:
            page = await shelf.find({field: span.moments}, sort=[(field, -1)], limit=_PAGE, after=after)
            yield page
            if len(page) < _PAGE:
                return
            after = [getattr(page[-1], field), page[-1].id]

    async def _days(self, viewer: Viewer, span: Span) -> Rows:
        first = span.first
        while first <= span.last:
            part = Span(first, min(span.last, first + timedelta(days=_DAYS_AT_ONCE - 1)), span.time_zone)
            days = (await self._analytics.days(viewer, [part]))[part]
            accounts = (await self._analytics.new_accounts(viewer, [part]))[part]
            yield [_day(each, accounts.get(each.day, 0)) for each in days]
            first = part.last + timedelta(days=1)

    async def _tops(self, viewer: Viewer, span: Span, way: str, kind: TopKind) -> Rows:
        ask = self._analytics.top if way == "top" else self._analytics.rising
        rows = await ask(viewer, span, kind, _TOP)
        names = await self._analytics.names(viewer, [(kind.value, row.target_id) for row in rows])
        yield [
            [
                place,
                row.target_id,
                names.get((kind.value, row.target_id)),
                row.plays,
                row.hours,
                row.listener_days,
                row.skip_rate,
                row.plays_before,
                row.growth,
            ]
            for place, row in enumerate(rows, 1)
        ]

    async def _cohorts(self, viewer: Viewer, span: Span, period: CohortPeriod) -> Rows:
        for cohort in await self._analytics.cohorts(viewer, span, period):
            told = zip(cohort.listeners, cohort.retention, strict=True)
            yield [[cohort.begins, cohort.accounts, at, count, share] for at, (count, share) in enumerate(told)]

    async def _short(self, viewer: Viewer, table: str, span: Span) -> Rows:
        """Tables of a few rows."""
        found: Sequence[Any]
        if table == "moderation":
            cases = self._store.moderation_cases
            grouped = await self._store.engine.group(
                cases.name, {"opened_at": span.moments}, by=["state"], sums={"cases": 1}
            )
            yield [[row["state"], row["cases"]] for row in grouped]
            return
        if table == "subscriptions":
            found = await self._analytics.subscriptions(viewer, span)
        elif table == "revenue":
            found = await self._analytics.revenue(viewer, span)
        else:
            days = (await self._analytics.days(viewer, [span]))[span]
            active = self._analytics.listening(days).listeners
            found = [await self._analytics.engagement(viewer, span, active)]
        yield [[getattr(row, name) for name in COLUMNS[table]] for row in found]


def read_bom(text: str | None) -> bool:
    """Whether the file is to begin with the mark by which spreadsheets know UTF-8. Invalid for anything but 0 and 1."""
    if text not in (None, "", "0", "1"):
        raise Invalid("bom is 0 or 1.", field="bom")
    return text == "1"


def _day(figures: DayFigures, new_accounts: int) -> list[Cell]:
    total = figures.sum
    return [
        figures.day,
        total.plays,
        total.hours,
        figures.listeners,
        figures.weekly,
        figures.monthly,
        figures.stickiness,
        new_accounts,
        total.skip_rate,
        total.completion_rate,
    ]
