"""Lists of reviews, and what the ratings of a thing come to. Refuses to know how reviews are written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from services.catalogue.listing import BY_ARRIVAL, page_of
from services.interactions.review_words import REVIEW_ORDERS, ReviewOrder, thing_key
from services.interactions.reviews import Reviews, seen_reviews
from services.interactions.windows import windows
from services.paging import Page, Slice
from services.viewer import Role, Viewer
from storage.collections.store import Store
from storage.records import Review


class WantedReviews(NamedTuple):
    """Which thing's reviews are asked for, in which order, and which part of them."""

    thing_key: str
    order: ReviewOrder
    part: Slice


@dataclass(frozen=True, slots=True)
class Ratings:
    """What the shown ratings of a thing come to."""

    count: int
    total: int

    @property
    def average(self) -> float | None:
        """From 1 to 5 with two decimals, None where nobody has rated."""
        return round(self.total / self.count, 2) if self.count else None


class ReviewLists:
    """The reviews of things and of people."""

    def __init__(self, store: Store, reviews: Reviews) -> None:
        self._store = store
        self._reviews = reviews

    async def listing(
        self,
        viewer: Viewer,
        part: Slice,
        *,
        song_id: str | None = None,
        album_id: str | None = None,
        order: ReviewOrder = ReviewOrder.NEWEST,
        counted: bool = True,
    ) -> Page[Review]:
        """One page of the reviews of a song or an album. NotFound when the viewer may not see that."""
        key = thing_key(song_id, album_id)
        await self._reviews.require_thing(viewer, song_id, album_id)
        conditions = [{"thing_key": key}, *seen_reviews(viewer)]
        return await page_of(self._store.reviews, conditions, REVIEW_ORDERS[order], part, counted=counted)

    async def own(self, viewer: Viewer, part: Slice, *, counted: bool = True) -> Page[Review]:
        """The viewer's own reviews, hidden ones included, the newest first."""
        mine = [{"user_id": viewer.require(Role.LISTENER)}]
        return await page_of(self._store.reviews, mine, BY_ARRIVAL, part, counted=counted)

    async def of_things(self, viewer: Viewer, wanted: Sequence[WantedReviews]) -> dict[WantedReviews, list[Review]]:
        """Parts of the reviews of many things that the viewer already sees; one store command for each order."""
        found: dict[WantedReviews, list[Review]] = {}
        for order in dict.fromkeys(each.order for each in wanted):
            asked = [(each.thing_key, each.part) for each in wanted if each.order == order]
            pages = await windows(self._store.reviews, "thing_key", asked, REVIEW_ORDERS[order], seen_reviews(viewer))
            found |= {WantedReviews(key, order, part): page.items for (key, part), page in pages.items()}
        return found

    async def ratings(self, thing_keys: Sequence[str]) -> dict[str, Ratings]:
        """What the ratings of many things come to, hidden ones left out; one store command."""
        keys = list(dict.fromkeys(thing_keys))
        rows = await self._store.reviews.engine.group(
            self._store.reviews.name,
            {"thing_key": {"$in": keys}, "is_hidden": False},
            by=["thing_key"],
            sums={"count": 1, "total": "rating"},
            limit=len(keys),
        )
        return {row["thing_key"]: Ratings(row["count"], row["total"]) for row in rows}
