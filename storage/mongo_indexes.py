"""Declared indexes in MongoDB's words: their definition, and whether one that is there is the one declared."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from storage.engine import Index, Unsupported

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
