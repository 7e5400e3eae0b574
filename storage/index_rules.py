"""What declared indexes demand of documents and updates, enforced alike by both engines.

An ordinary index names fields that hold plain values, an array index names first a field that holds a list of plain
values (or nothing). Because of that a comparison on an indexed field has one meaning and one fast form everywhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from storage.engine import Document, Filter, Index, Unsupported, Update
from storage.filters import Both, Equal, Exists, Node, Path, Range, parse_filter
from storage.updates import Step, Steps, new_document, parse_update
from storage.values import TIME, check_name, rank, split_path


class IndexRules:
    """The fields of one collection that its declared indexes bind."""

    def __init__(self, collection: str, indexes: Iterable[Index] = ()) -> None:
        check_name(collection)
        self.collection = collection
        self.indexes = tuple(indexes)
        self.plain: set[Path] = {("_id",)}
        self.lists: set[Path] = set()
        for index in self.indexes:
            self._add(index)
        for path in self.lists & self.plain:
            raise Unsupported(f"{collection}.{'.'.join(path)} is declared both as a list and as a plain value")
        self._bound = [(path, False) for path in sorted(self.plain)] + [(path, True) for path in sorted(self.lists)]

    def check_document(self, document: Document) -> None:
        """Unsupported when a field does not hold what an index that names it needs."""
        for path, as_list in self._bound:
            self._check_below(path, 0, document, as_list)

    def check_update(self, steps: Steps) -> None:
        """Unsupported when an update would put the wrong kind of value into an indexed field."""
        for step in steps:
            for path, as_list in self._bound:
                self._check_step(step, path, as_list)

    def _add(self, index: Index) -> None:
        check_name(index.name)
        if not index.keys:
            raise Unsupported(f"index {index.name} names no field")
        if index.array and index.unique:
            raise Unsupported(f"index {index.name} is unique over a list")
        if index.array and index.where:
            raise Unsupported(f"index {index.name} is partial over a list")
        paths = [split_path(field) for field, _ in index.keys]
        if index.array:
            self.lists.add(paths.pop(0))
        self.plain.update(paths)
        self.plain.update(_partial_paths(index.name, parse_filter(index.where)))

    def _check_below(self, path: Path, at: int, value: Any, as_list: bool) -> None:
        """`value` sits at the first `at` segments of `path`."""
        for segment in path[at:]:
            if not isinstance(value, dict):
                break
            if segment not in value:
                return
            value = value[segment]
            at += 1
        if at == len(path):
            self._check_value(path, value, as_list)
        elif isinstance(value, list):
            raise self._refusal(path, "passes through a list")

    def _check_value(self, path: Path, value: Any, as_list: bool) -> None:
        if not as_list:
            if isinstance(value, (list, dict)):
                raise self._refusal(path, "holds plain values only")
        elif value is not None:
            if not isinstance(value, list):
                raise self._refusal(path, "holds a list only")
            if any(isinstance(item, (list, dict)) for item in value):
                raise self._refusal(path, "holds a list of plain values only")

    def _check_step(self, step: Step, path: Path, as_list: bool) -> None:
        depth = len(step.path)
        if step.path != path[:depth]:
            if path == step.path[: len(path)] and step.operator != "$unset":
                raise self._refusal(path, f"cannot take {step.operator} of {'.'.join(step.path)}")
            return
        if step.operator in ("$set", "$setOnInsert", "$min", "$max"):
            self._check_below(path, depth, step.value, as_list)
        elif step.operator in ("$push", "$addToSet"):
            if depth < len(path):
                raise self._refusal(path, "passes through a list")
            self._check_value(path, step.value if as_list else [], as_list)
        elif step.operator == "$inc" and as_list and depth == len(path):
            raise self._refusal(path, "holds a list only")

    def _refusal(self, path: Path, reason: str) -> Unsupported:
        return Unsupported(f"{self.collection}.{'.'.join(path)} is indexed and {reason}")


def parse_edit(rules: IndexRules, filter: Filter, update: Update, upsert: bool) -> tuple[Node, Steps]:
    """An update's two halves, parsed and held against the rules; an upsert is also tried out as an insert."""
    node, steps = parse_filter(filter), parse_update(update)
    rules.check_update(steps)
    if upsert:
        rules.check_document(new_document(node, steps))
    return node, steps


def _partial_paths(name: str, node: Node) -> Sequence[Path]:
    """The fields of a partial index's filter, which may only say equals, exists and ranges, all of them to hold."""
    match node:
        case Both(parts):
            return [path for part in parts for path in _partial_paths(name, part)]
        case Equal(path, value) | Range(path, _, value) if value is not None and rank(value) != TIME:
            return [path]
        case Exists(path):
            return [path]
    raise Unsupported(f"index {name}: a partial index takes equality, $exists: true and ranges, but no null or time")
