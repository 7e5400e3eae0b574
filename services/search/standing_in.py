"""What the store itself finds by the beginning of a name, while no index answers.

Owns the bounds: at most 100 rows for each of three beginnings of each kind, all by an index of the store, whatever the
library's size. Refuses to know who asks: filters and sight are the question's, and what is found is read again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from services.library.names import slug
from services.search.entries import SHAPES, Kind, entries_of
from storage.collections.store import Store
from storage.engine import Document
from storage.search_index.index import Entry
from storage.search_index.listed_index import ListedIndex

ROWS = 100
_ARTICLES = ("the-", "a-")
_LAST = "\U0010ffff"


class StandingIn:
    """The store, asked in the index's place."""

    def __init__(self, store: Store) -> None:
        self._engine = store.engine

    async def near(self, text: str, kinds: Sequence[Kind]) -> ListedIndex:
        """What has a name that begins like this text, and, for songs without any text, the most played."""
        found = await asyncio.gather(*(self._near(text, kind) for kind in dict.fromkeys(kinds)))
        return ListedIndex(await asyncio.to_thread(_entries, dict(zip(dict.fromkeys(kinds), found, strict=True))))

    async def _near(self, text: str, kind: Kind) -> list[Document]:
        shape = SHAPES[kind]
        if not text:
            return await self._engine.find(
                shape.collection, {}, sort=[(shape.counter, -1)], limit=ROWS, fields=shape.fields
            )
        field = "username_key" if kind is Kind.USER else "slug"
        name = slug(text, "")
        if not name:
            return []
        beginnings = [name] if kind is Kind.USER else [name, *(article + name for article in _ARTICLES)]
        rows: dict[str, Document] = {}
        for beginning in beginnings:
            condition = {field: {"$gte": beginning, "$lt": beginning + _LAST}}
            found = await self._engine.find(
                shape.collection, condition, sort=[(field, 1)], limit=ROWS, fields=shape.fields
            )
            rows |= {row["_id"]: row for row in found}
        return list(rows.values())


def _entries(found: dict[Kind, list[Document]]) -> list[Entry]:
    return [entry for kind, documents in found.items() for entry in entries_of(kind, documents)]
