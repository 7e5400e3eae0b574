"""The figures of the whole house, for admins.

Owns which figures there are and who may ask. Each is answered from rows that jobs keep, or from an index: none reads
the ledger of plays. Refuses to know how the rows come to be (`figure_making.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from services.accounts.time_zones import day_in, zone_named
from services.analytics.cohorts import Cohort, CohortPeriod, cohorts
from services.analytics.crowds import size
from services.analytics.money import Revenue, TierCount, revenue, subscriptions
from services.analytics.reading import DayFigures, look_back, read_days, together
from services.analytics.spans import Span, read_span
from services.analytics.sums import Sum
from services.analytics.tops import TopKind, TopRow, check_limit, rising, top
from services.catalogue.room import Catalogue
from services.clock import Clock
from services.viewer import Role, Viewer
from storage.collections.store import Store

_PAGE = 1000
ROLLING_DAYS = 29
"""How many days before a range are read, for what is counted over the 30 days that end with each."""


@dataclass(slots=True)
class Listening:
    """What was listened to in a range."""

    sum: Sum
    listeners: int
    average_daily_listeners: float

    @property
    def plays(self) -> int:
        """How many."""
        return self.sum.plays

    @property
    def hours(self) -> float:
        """Time heard."""
        return self.sum.hours

    @property
    def skip_rate(self) -> float | None:
        """As `Sum` has it."""
        return self.sum.skip_rate

    @property
    def completion_rate(self) -> float | None:
        """As `Sum` has it."""
        return self.sum.completion_rate


@dataclass(slots=True)
class Engagement:
    """What people did besides listening; `active` are those who listened in the same range."""

    likes: int
    saves: int
    follows: int
    playlists: int
    reviews: int
    searches: int
    active: int

    @property
    def per_active(self) -> float | None:
        """All of it for each who listened; None when nobody did."""
        done = self.likes + self.saves + self.follows + self.playlists + self.reviews + self.searches
        return done / self.active if self.active else None


class Analytics:
    """Figures by ranges of days. Every method raises Unauthenticated or Denied for all but admins."""

    def __init__(self, store: Store, clock: Clock, catalogue: Catalogue, house_zone: str) -> None:
        self._store = store
        self._catalogue = catalogue
        self._clock = clock
        self._house_zone = house_zone

    def span(self, viewer: Viewer, first: date | None, last: date | None, time_zone: str | None) -> Span:
        """The range that is asked for, as `read_span` reads it."""
        viewer.require(Role.ADMIN)
        return read_span(first, last, time_zone, now=self._clock.now(), house_zone=self._house_zone)

    async def days(self, viewer: Viewer, spans: Sequence[Span]) -> dict[Span, list[DayFigures]]:
        """The days of each range. One store command for each 200 days of it and the 29 before."""
        viewer.require(Role.ADMIN)
        found = {}
        for span in spans:
            read = await read_days(self._store, span.stretched(ROLLING_DAYS), hourly=True)
            found[span] = await look_back(read, ROLLING_DAYS)
        return found

    def listening(self, days: Sequence[DayFigures]) -> Listening:
        """What days come to together. Listeners are different people, counted exactly."""
        total, crowd = together(days)
        average = sum(each.listeners for each in days) / len(days) if days else 0.0
        return Listening(total, size(crowd), average)

    async def new_accounts(self, viewer: Viewer, spans: Sequence[Span]) -> dict[Span, dict[date, int]]:
        """How many registered on each day of each range; days without are left out. Read a thousand at a time."""
        viewer.require(Role.ADMIN)
        found: dict[Span, dict[date, int]] = {}
        for span in spans:
            counts, zone = found.setdefault(span, {}), zone_named(span.time_zone)
            after: list[object] | None = None
            while True:
                users = await self._store.engine.find(
                    self._store.users.name,
                    {"created_at": span.moments},
                    sort=[("created_at", -1)],
                    limit=_PAGE,
                    after=after,
                    fields=["created_at"],
                )
                for user in users:
                    day = day_in(zone, user["created_at"])
                    counts[day] = counts.get(day, 0) + 1
                if len(users) < _PAGE:
                    break
                after = [users[-1]["created_at"], users[-1]["_id"]]
        return found

    async def top(self, viewer: Viewer, span: Span, kind: TopKind, limit: int = 20) -> list[TopRow]:
        """The most played, 1 to 100; two store commands."""
        viewer.require(Role.ADMIN)
        return await top(self._store, span, kind, check_limit(limit))

    async def rising(self, viewer: Viewer, span: Span, kind: TopKind, limit: int = 20) -> list[TopRow]:
        """What grew most against the range before, 1 to 100; two store commands."""
        viewer.require(Role.ADMIN)
        return await rising(self._store, span, kind, check_limit(limit))

    async def names(self, viewer: Viewer, things: Sequence[tuple[str, str]]) -> dict[tuple[str, str], str]:
        """What things are called, by kind and id, as the viewer may see them; a store command for each kind."""
        found: dict[tuple[str, str], str] = {}
        for kind in TopKind:
            ids = [id for each, id in things if each == kind.value]
            if ids:
                found |= {(kind.value, id): name for id, name in (await self._name(viewer, kind, ids)).items()}
        return found

    async def cohorts(self, viewer: Viewer, span: Span, period: CohortPeriod) -> list[Cohort]:
        """Who came, and who of them listened later."""
        viewer.require(Role.ADMIN)
        return await cohorts(self._store, span, period)

    async def engagement(self, viewer: Viewer, span: Span, active: int) -> Engagement:
        """What was made in the range and stands today; a question asked again counts when it was asked last."""
        viewer.require(Role.ADMIN)
        store, made = self._store, {"created_at": span.moments}
        follows = [store.followed_artists, store.followed_users, store.playlist_followers]
        return Engagement(
            likes=await store.liked_songs.count(made),
            saves=await store.saved_albums.count(made),
            follows=sum([await each.count(made) for each in follows]),
            playlists=await store.playlists.count(made),
            reviews=await store.reviews.count(made),
            searches=await store.search_queries.count({"searched_at": span.moments}),
            active=active,
        )

    async def subscriptions(self, viewer: Viewer, span: Span) -> list[TierCount]:
        """Each tier that costs something: who has it, who came, who went."""
        viewer.require(Role.ADMIN)
        return await subscriptions(self._store, span, self._clock.now())

    async def revenue(self, viewer: Viewer, span: Span) -> list[Revenue]:
        """The money of the range, each currency by itself."""
        viewer.require(Role.ADMIN)
        return await revenue(self._store, span)

    async def _name(self, viewer: Viewer, kind: TopKind, ids: list[str]) -> dict[str, str]:
        if kind == TopKind.SONG:
            return {id: each.title for id, each in (await self._catalogue.songs.get_many(viewer, ids)).items()}
        if kind == TopKind.ALBUM:
            return {id: each.title for id, each in (await self._catalogue.albums.get_many(viewer, ids)).items()}
        if kind == TopKind.ARTIST:
            return {id: each.name for id, each in (await self._catalogue.artists.get_many(viewer, ids)).items()}
        if kind == TopKind.GENRE:
            return {id: each.name for id, each in (await self._catalogue.genres.get_many(viewer, ids)).items()}
        # What somebody calls a playlist that they keep to themselves is not for the staff either.
        found = await self._store.playlists.get_many(ids)
        return {id: each.name for id, each in found.items() if each.is_public and not each.is_hidden}
