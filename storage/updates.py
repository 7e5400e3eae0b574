"""The update language: a subset of MongoDB's own, parsed once, and worked out on a plain document.

Owns which operators there are, what they refuse and what they do. Refuses to know how an engine makes the change
atomic: the embedded engine applies these under its write lock, MongoDB runs its own.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from storage.engine import Document, Unsupported, Update
from storage.filters import Both, Equal, Node, Path, parse_filter
from storage.matching import matches
from storage.values import MISSING, check_scalar, check_value, order, same, split_path, to_milliseconds

_INT_MIN, _INT_MAX = -(2**63), 2**63 - 1


@dataclass(frozen=True, slots=True)
class Step:
    """One operator on one path. `value` is the operand, already checked; `position` and `keep` belong to `$push`."""

    operator: str
    path: Path
    value: Any = None
    position: int | None = None
    keep: int | None = None
    condition: Node | None = None


Steps = tuple[Step, ...]


def parse_update(update: Update) -> Steps:
    """The steps of an update. Unsupported names what is outside the subset, and paths that are changed twice."""
    if not isinstance(update, Mapping) or not update:
        raise Unsupported("an update must be a document of operators ($set, $inc, …)")
    steps: list[Step] = []
    for operator, changes in update.items():
        if operator not in _OPERATORS:
            raise Unsupported(f"update operator {operator}")
        if not isinstance(changes, Mapping) or not changes:
            raise Unsupported(f"{operator} takes a document of fields")
        for key, value in changes.items():
            path = split_path(key)
            if path[0] == "_id" and (operator != "$setOnInsert" or len(path) > 1):
                raise Unsupported(f"{operator} of _id")
            steps.append(_parse_step(operator, path, value))
    _refuse_overlap([step.path for step in steps])
    return tuple(steps)


def apply_update(steps: Steps, document: Document, *, inserting: bool = False) -> Document:
    """The document after the update; the given one stays as it was. Unsupported when a value is of the wrong kind."""
    changed: Document = dict(document)
    # Branches that were already copied for this update; the rest is shared with the old document.
    own: set[int] = {id(changed)}
    for step in steps:
        if step.operator == "$setOnInsert" and not inserting:
            continue
        holder = _holder(changed, step, own)
        if holder is None:
            continue
        key = step.path[-1]
        old = holder.get(key, MISSING)
        new = _changed_value(step, old)
        if new is MISSING:
            holder.pop(key, None)
        elif new is not old:
            holder[key] = new
    return changed


def new_document(node: Node, steps: Steps) -> Document:
    """What an upsert adds when nothing matched: the filter's equalities, then the update. It must have an `_id`."""
    document: Document = {}
    for path, value in _equalities(node):
        _plant(document, path, value)
    document = apply_update(steps, document, inserting=True)
    if not isinstance(document.get("_id"), str):
        raise Unsupported("an upsert needs an _id, in its filter or in $setOnInsert")
    return {"_id": document.pop("_id"), **document}


def _parse_step(operator: str, path: Path, value: Any) -> Step:
    if operator in ("$set", "$setOnInsert"):
        check_value(value)
        return Step(operator, path, _settled(value))
    if operator == "$unset":
        return Step(operator, path)
    if operator == "$inc":
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise Unsupported(f"$inc takes a number, not {value!r}")
        check_scalar(value)
        return Step(operator, path, value)
    if operator in ("$min", "$max"):
        check_scalar(value)
        return Step(operator, path, _settled(value))
    if operator == "$pop":
        if isinstance(value, bool) or value not in (1, -1):
            raise Unsupported(f"$pop takes 1 or -1, not {value!r}")
        return Step(operator, path, value)
    if operator == "$pull":
        return _parse_pull(path, value)
    return _parse_additions(operator, path, value)


def _parse_pull(path: Path, value: Any) -> Step:
    if isinstance(value, list):
        raise Unsupported("$pull of a whole list")
    if isinstance(value, Mapping):
        if not value:
            raise Unsupported("$pull with an empty condition")
        plain = any(isinstance(key, str) and key.startswith("$") for key in value)
        wrapped = parse_filter({"it": {"$elemMatch": value}})
        if plain and not getattr(wrapped, "plain", False):
            raise Unsupported("$pull with $and, $or or $nor")
        return Step("$pull", path, value, condition=getattr(wrapped, "inner"))  # noqa: B009
    check_scalar(value)
    return Step("$pull", path, _settled(value))


def _parse_additions(operator: str, path: Path, value: Any) -> Step:
    position: int | None = None
    keep: int | None = None
    items = [value]
    if isinstance(value, Mapping) and any(isinstance(key, str) and key.startswith("$") for key in value):
        allowed = {"$each", "$position", "$slice"} if operator == "$push" else {"$each"}
        for key in value:
            if key not in allowed:
                raise Unsupported(f"{operator} with {key}")
        each = value.get("$each")
        if not isinstance(each, list):
            raise Unsupported(f"{operator} needs $each with a list")
        items = each
        position, keep = value.get("$position"), value.get("$slice")
        for name, number in (("$position", position), ("$slice", keep)):
            if number is not None and (isinstance(number, bool) or not isinstance(number, int)):
                raise Unsupported(f"{name} takes a whole number, not {number!r}")
    check_value(items)
    return Step(operator, path, _settled(items), position=position, keep=keep)


def _settled(value: Any) -> Any:
    """A copy that shares nothing with the caller's value, times as the store keeps them."""
    if isinstance(value, dict):
        return {key: _settled(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_settled(item) for item in value]
    return to_milliseconds(value) if isinstance(value, datetime) else value


def _refuse_overlap(paths: list[Path]) -> None:
    ordered = sorted(paths)
    for before, after in itertools.pairwise(ordered):
        if after[: len(before)] == before:
            raise Unsupported(f"an update changes {'.'.join(after)} twice")


def _holder(document: Document, step: Step, own: set[int]) -> Document | None:
    """The embedded document that holds the step's last segment, copied on the way; None when there is nothing to do."""
    holder = document
    removes = step.operator in ("$unset", "$pull", "$pop")
    for segment in step.path[:-1]:
        inner = holder.get(segment, MISSING)
        if inner is MISSING and removes:
            return None
        if inner is MISSING:
            inner = {}
        elif not isinstance(inner, dict):
            if step.operator == "$unset" or (removes and not isinstance(inner, list)):
                return None
            raise Unsupported(f"{step.operator} of {'.'.join(step.path)}: {segment} is not a document")
        elif id(inner) not in own:
            inner = dict(inner)
        own.add(id(inner))
        holder[segment] = inner
        holder = inner
    return holder


def _changed_value(step: Step, old: Any) -> Any:
    """The field's new value; the old object itself where nothing changes, MISSING where it goes."""
    match step.operator:
        case "$set" | "$setOnInsert":
            return old if old is not MISSING and _identical(old, step.value) else _settled(step.value)
        case "$unset":
            return MISSING
        case "$inc":
            return step.value if old is MISSING else _sum(step, old)
        case "$min":
            return step.value if old is MISSING or order(step.value) < order(old) else old
        case "$max":
            return step.value if old is MISSING or order(step.value) > order(old) else old
    return _changed_list(step, old)


def _changed_list(step: Step, old: Any) -> Any:
    if old is MISSING and step.operator in ("$pull", "$pop"):
        return MISSING
    if old is not MISSING and not isinstance(old, list):
        raise Unsupported(f"{step.operator} of {'.'.join(step.path)}: it is not a list")
    items: list[Any] = [] if old is MISSING else list(old)
    match step.operator:
        case "$push":
            at = len(items) if step.position is None else step.position
            # A negative position counts from the end, and stops at the beginning.
            at = max(len(items) + at, 0) if at < 0 else at
            items[at:at] = _settled(step.value)
            if step.keep is not None:
                items = items[: step.keep] if step.keep >= 0 else items[step.keep :]
        case "$addToSet":
            for value in step.value:
                if not any(same(item, value) for item in items):
                    items.append(_settled(value))
        case "$pull":
            items = [item for item in items if not _is_pulled(step, item)]
        case _:
            items = items[:-1] if step.value == 1 else items[1:]
    return old if old is not MISSING and _identical(old, items) else items


def _is_pulled(step: Step, item: Any) -> bool:
    if step.condition is None:
        return same(item, step.value)
    plain = any(key.startswith("$") for key in step.value)
    return (plain or isinstance(item, dict)) and matches(step.condition, item)


def _sum(step: Step, old: Any) -> int | float:
    path = ".".join(step.path)
    if isinstance(old, bool) or not isinstance(old, (int, float)):
        raise Unsupported(f"$inc of {path}: it is not a number")
    total: int | float = old + step.value
    if isinstance(total, int) and not _INT_MIN <= total <= _INT_MAX:
        raise Unsupported(f"$inc of {path}: beyond 64 bits")
    check_scalar(total)
    return total


def _identical(one: Any, other: Any) -> bool:
    """Equal down to the kind of number, so that putting 1.0 in place of 1 is a change."""
    return same(one, other) and _kinds(one) == _kinds(other)


def _kinds(value: Any) -> Any:
    if isinstance(value, dict):
        return [_kinds(item) for item in value.values()]
    if isinstance(value, list):
        return [_kinds(item) for item in value]
    return type(value) is float


def _equalities(node: Node) -> list[tuple[Path, Any]]:
    match node:
        case Equal(path, value):
            return [(path, value)]
        case Both(parts):
            return [pair for part in parts for pair in _equalities(part)]
    return []


def _plant(document: Document, path: Path, value: Any) -> None:
    for segment in path[:-1]:
        inner = document.setdefault(segment, {})
        if not isinstance(inner, dict):
            raise Unsupported(f"an upsert whose filter gives {'.'.join(path)} twice")
        document = inner
    if path[-1] in document:
        raise Unsupported(f"an upsert whose filter gives {'.'.join(path)} twice")
    document[path[-1]] = value


_OPERATORS = frozenset(
    {"$set", "$unset", "$inc", "$min", "$max", "$setOnInsert", "$push", "$pull", "$addToSet", "$pop"}
)
