"""The language both engines speak: a documented subset of MongoDB's filters and updates.

One door to its parts. Everything else is refused with `Unsupported`, which names the operator; docs/storage.md has
the subset as a table.

Filters: implicit equality, `$eq $ne $gt $gte $lt $lte $in $nin $exists $and $or $nor $not $all $size $elemMatch`, and
`$regex` as an anchored prefix only (`prefix("Blue")` writes it). Paths are dotted and pass through lists of embedded
documents; a condition on a field that holds a list asks about the list's elements. Null equals missing, 1 equals 1.0,
true is not 1. Ranges compare within one kind: numbers, text (by code point), times. Positions in paths (`tags.0`),
equality with whole lists or documents, and ranges over null or booleans are refused.

Order: null or missing, numbers, text, documents, lists, booleans, times; then `_id`. Lists among themselves (and
documents) have no order of their own here: sort by fields that hold plain values.

Updates: `$set $unset $inc $min $max $setOnInsert $push` (with `$each $position $slice`) `$pull $addToSet` (with
`$each`) `$pop`. No path may be changed twice, `_id` never changes, an upsert must give its `_id`.

Declared indexes bind both engines alike: a field that an ordinary index names holds plain values, a field that an
array index names holds a list of plain values (or nothing).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from storage.engine import Sort, Unsupported
from storage.filters import Node, check_direction, parse_filter, parse_sort, prefix
from storage.matching import after_values, find_plainly, matches
from storage.updates import Step, Steps, apply_update, new_document, parse_update
from storage.values import split_path

MAX_LIMIT = 10_000

__all__ = [
    "Node",
    "Step",
    "Steps",
    "after_values",
    "apply_update",
    "check_group",
    "check_limit",
    "find_plainly",
    "matches",
    "new_document",
    "parse_filter",
    "parse_sort",
    "parse_update",
    "prefix",
]


def check_limit(limit: int, skip: int = 0) -> None:
    """Unsupported unless 1 ≤ limit ≤ 10,000 and skip ≥ 0."""
    if not 1 <= limit <= MAX_LIMIT:
        raise Unsupported(f"limit must be 1 to {MAX_LIMIT}, not {limit}")
    if skip < 0:
        raise Unsupported(f"skip must not be negative: {skip}")


def check_group(by: Sequence[str], sums: Mapping[str, str | int], sort: Sort) -> None:
    """Unsupported unless outputs are plain names, sums are fields or 1, and the sort names outputs."""
    for field in by:
        split_path(field)
    for name, summed in sums.items():
        if len(split_path(name)) != 1 or name in by:
            raise Unsupported(f"not a name for a sum: {name!r}")
        if isinstance(summed, str):
            split_path(summed)
        elif summed != 1 or isinstance(summed, bool):
            raise Unsupported(f"a sum takes a field or 1, not {summed!r}")
    if len(set(by)) != len(by):
        raise Unsupported("a group names a field twice")
    for name, direction in sort:
        if name not in by and name not in sums:
            raise Unsupported(f"a group has no output {name!r} to sort by")
        check_direction(name, direction)
