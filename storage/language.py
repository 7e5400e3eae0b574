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

from storage.filters import Node, parse_filter, parse_sort, prefix
from storage.matching import after_values, find_plainly, matches
from storage.updates import Step, Steps, apply_update, new_document, parse_update

__all__ = [
    "Node",
    "Step",
    "Steps",
    "after_values",
    "apply_update",
    "find_plainly",
    "matches",
    "new_document",
    "parse_filter",
    "parse_sort",
    "parse_update",
    "prefix",
]
