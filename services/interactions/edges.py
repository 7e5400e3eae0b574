"""Edges from people to things: a like, a save, a follow. The one place where they are drawn, wiped out and listed.

Owns the order of writing: the edge decides, and the counter on its target moves only when the edge's insert or delete
reported a change. A process that dies between the two leaves a counter off by one, which `edge_counts.py` puts right.
Refuses to know who may draw an edge, and what a target is.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Generic, Literal, NamedTuple, TypeVar

from services.catalogue.listing import BY_ARRIVAL
from services.clock import Clock
from services.errors import NotFound
from services.interactions.windows import windows
from services.paging import Page, Slice
from services.typed_text import is_id
from storage.collections.collection import Collection
from storage.engine import DuplicateKey
from storage.records import Edge

Target = TypeVar("Target")
Node = TypeVar("Node")
End = Literal["user_id", "target_id"]


class Wanted(NamedTuple):
    """Whose list is asked for, which part of it, and whether to count the whole."""

    owner_id: str
    part: Slice
    counted: bool = False


@dataclass(slots=True)
class EdgePage(Page[Node]):
    """A page of what edges lead to, in the order of their times, with those times beside the items.

    What the viewer may not see is left out, so a page may hold fewer than it was asked for; `start_cursor` and
    `end_cursor` are those of the edges, so that reading on works even then. `total` counts the edges.
    """

    times: list[datetime] = field(default_factory=list)
    start_cursor: str | None = None
    end_cursor: str | None = None


class Edges(Generic[Target]):
    """One kind of edge, whose number on each target is kept in the target's field `counter`."""

    def __init__(self, rows: Collection[Edge], targets: Collection[Target], counter: str, clock: Clock) -> None:
        self.rows = rows
        self.targets = targets
        self.counter = counter
        self._clock = clock

    async def add(self, user_id: str, target_id: str) -> Target | None:
        """Draw the edge: the target with its new count, None when the edge was there already. Two store commands.

        The caller has made sure that the target exists; NotFound when it went since.
        """
        try:
            await self.rows.insert(Edge(edge_id(user_id, target_id), user_id, target_id, self._clock.now()))
        except DuplicateKey:
            return None
        counted = await self._move(target_id, 1)
        if counted is None:
            # An edge to nothing would stay for good, and count in its owner's lists.
            await self.rows.delete({"_id": edge_id(user_id, target_id)})
            raise NotFound("This is not there any more.")
        return counted

    async def remove(self, user_id: str, target_id: str) -> Target | None:
        """Wipe the edge out: the target with its new count, None when there was no edge (or is no target any more)."""
        if not is_id(target_id) or not await self.rows.delete({"_id": edge_id(user_id, target_id)}):
            return None
        return await self._move(target_id, -1)

    async def remove_all(self, target_id: str) -> int:
        """Wipe out every edge to a target that is gone; how many."""
        return await self.rows.delete({"target_id": target_id}, many=True)

    async def among(self, user_id: str | None, target_ids: Sequence[str]) -> dict[str, bool]:
        """True for each target that somebody has an edge to; one store command however many, none for nobody."""
        if user_id is None:
            return {}
        ids = {edge_id(user_id, target_id): target_id for target_id in target_ids if is_id(target_id)}
        return {ids[id]: True for id in await self.rows.get_many(list(ids))}

    async def counts(self, ids: Sequence[str], end: End = "user_id") -> dict[str, int]:
        """How many edges each id has at this end; one store command."""
        if not ids:
            return {}
        distinct = list(dict.fromkeys(ids))
        found = await self.rows.engine.group(
            self.rows.name, {end: {"$in": distinct}}, by=[end], sums={"edges": 1}, limit=len(distinct)
        )
        return {row[end]: row["edges"] for row in found}

    async def pages(
        self,
        wanted: Sequence[Wanted],
        nodes: Callable[[list[str]], Awaitable[Mapping[str, Node]]],
        end: End = "user_id",
    ) -> dict[Wanted, EdgePage[Node]]:
        """For each wanted part: what the edges with that owner at `end` lead to, the latest edge first.

        `nodes` gives those that the viewer may see. However many lists are asked for: one store command for the edges
        (see `windows`), what `nodes` costs, and one more if any list is to be counted.
        """
        found = await windows(self.rows, end, [(each.owner_id, each.part) for each in wanted], BY_ARRIVAL)
        other = "target_id" if end == "user_id" else "user_id"
        ids = [getattr(edge, other) for page in found.values() for edge in page.items]
        seen = await nodes(list(dict.fromkeys(ids))) if ids else {}
        totals = await self.counts([each.owner_id for each in wanted if each.counted], end)
        return {
            each: _page(found[each.owner_id, each.part], seen, other, totals.get(each.owner_id, 0)) for each in wanted
        }

    async def _move(self, target_id: str, by: int) -> Target | None:
        return await self.targets.update_and_get({"_id": target_id}, {"$inc": {self.counter: by}})


def _page(edges: Page[Edge], seen: Mapping[str, Node], other: str, total: int) -> EdgePage[Node]:
    page: EdgePage[Node] = EdgePage([], [], total, edges.has_next, edges.has_previous)
    for edge, cursor in zip(edges.items, edges.cursors, strict=True):
        node = seen.get(getattr(edge, other))
        if node is not None:
            page.items.append(node)
            page.cursors.append(cursor)
            page.times.append(edge.created_at)
    if edges.cursors:
        page.start_cursor, page.end_cursor = edges.cursors[0], edges.cursors[-1]
    return page


def edge_id(user_id: str, target_id: str) -> str:
    """The primary key that makes the edge unique."""
    return f"{user_id}:{target_id}"
