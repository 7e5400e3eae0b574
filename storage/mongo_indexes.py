"""Declared indexes in MongoDB's words: their definition, and whether one that is there is the one declared."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from typing import Any

from storage.engine import Index, StorageError, Unsupported
from storage.mongo_driver import INDEX_PREFIX, Driver, translated

Definition = tuple[list[tuple[str, int]], dict[str, Any]]
"""The keys with their directions, and the options."""


def definition(index: Index) -> Definition:
    """What the server is told. An index that is not unique closes with `_id`, to order equal rows."""
    keys: list[tuple[str, int]] = list(index.keys)
    if not index.unique and "_id" not in dict(keys):
        keys.append(("_id", 1))
    options: dict[str, Any] = {"unique": True} if index.unique else {}
    if index.where:
        options["partialFilterExpression"] = dict(index.where)
    return keys, options


def is_same(row: Mapping[str, Any], wanted: Definition | None) -> bool:
    """Whether the index that the server lists as `row` is the one wanted."""
    if wanted is None:
        return False
    keys, options = wanted
    return (
        [(field, int(direction)) for field, direction in row["key"].items()] == keys
        and bool(row.get("unique")) == bool(options.get("unique"))
        and dict(row.get("partialFilterExpression") or {}) == options.get("partialFilterExpression", {})
    )


def takes(index: Index, product: str | None) -> bool:
    """FerretDB has no partial indexes: one that only makes queries faster is left out, a unique one is refused."""
    if not index.where or product != "FerretDB":
        return True
    if index.unique:
        raise Unsupported(f"FerretDB has no partial indexes; {index.name} could not be unique")
    return False


async def make_indexes(driver: Driver, kept: Any, indexes: Sequence[Index], product: str | None) -> None:
    """Create what the driver's collection `kept` lacks; drop those of ours that are not declared so any more."""
    wanted = {INDEX_PREFIX + index.name: definition(index) for index in indexes if takes(index, product)}
    present: dict[str, Any] = {}
    with contextlib.suppress(StorageError), translated(kept.name):
        present = {row["name"]: row for row in await driver.list_indexes(kept)}
    for name, row in present.items():
        if name.startswith(INDEX_PREFIX) and not is_same(row, wanted.get(name)):
            await kept.drop_index(name)
        elif name in wanted:
            del wanted[name]
    for name, (keys, options) in wanted.items():
        await kept.create_index(keys, name=name, **options)
