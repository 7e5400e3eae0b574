"""What FerretDB 1.x cannot do, done here instead.

Measured on 1.24 with its SQLite backend: concurrent updates of one document lose each other, `$push` passes over
`$position` and `$slice` in silence, `$pull` knows no conditions, `$elemMatch` no fields, dotted paths do not enter
lists rightly, groups know no `$ifNull`, refused inserts do not name the index. So updates of a collection take turns
within this process, and what the server would get wrong is fetched and worked out here. Nothing here helps a second
process, and nothing makes it fast: FerretDB 1.x is for one process and small collections.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable
from typing import Any

from storage.engine import Document, DuplicateKey
from storage.filters import Both, Either, Element, Negated, Node
from storage.index_rules import IndexRules
from storage.updates import Steps


class Ferret:
    """Turns for the updates of each collection, and the search for the index that refused."""

    def __init__(self) -> None:
        self.turns: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    def knows(self, steps: Steps) -> bool:
        """Whether the server does all of these rightly by itself."""
        return not any(
            step.position is not None or step.keep is not None or step.operator in ("$pull", "$addToSet", "$push")
            for step in steps
        )

    def answers(self, node: Node) -> bool:
        """Whether the server finds rightly what this filter asks for."""
        match node:
            case Both(parts) | Either(parts):
                return all(self.answers(part) for part in parts)
            case Negated(part):
                return self.answers(part)
            case Element():
                return False
        return len(node.path) == 1

    async def refused(
        self, rules: IndexRules, document: Document | None, find: Callable[[Document], Awaitable[Document | None]]
    ) -> DuplicateKey:
        """Which unique index stands against the document, by asking for each key in turn."""
        for index in rules.indexes if document is not None else ():
            if not index.unique:
                continue
            keys: dict[str, Any] = {field: _value_at(document, field) for field, _ in index.keys}
            if await find({**keys, "_id": {"$ne": document["_id"] if document else ""}}) is not None:
                return DuplicateKey(rules.collection, index.name)
        return DuplicateKey(rules.collection, "_id")


def _value_at(document: Document | None, field: str) -> Any:
    value: Any = document
    for segment in field.split("."):
        value = value.get(segment) if isinstance(value, dict) else None
    return value
