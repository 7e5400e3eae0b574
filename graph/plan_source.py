"""Writes the Python of a plan: one function for each type that is selected from, in the words of the document.

A compiler with one method for each kind of type: `_list`, `_object`, `_abstract`, and leaves in
`graph/plan_leaves.py`. What is written only knows the way without trouble. A value that is still to come is left out
of the answer and put on the branch's list of `waits`, with where it belongs and what completes it; any exception
leaves the branch to graphql-core (`graph/plan_run.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from keyword import iskeyword
from typing import Any

from graphql import (
    FragmentDefinitionNode,
    GraphQLField,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLSchema,
    TypeNameMetaFieldDef,
    default_field_resolver,
    is_abstract_type,
    is_leaf_type,
    is_list_type,
    is_non_null_type,
    is_object_type,
)

from graph.plan_arguments import constant_arguments
from graph.plan_leaves import leaf, odd
from graph.plan_selection import Condition, Part, Selected, Selections, Unplanned

FUNCTIONS = 2000
"""Types and fields of one plan at most: a document that has more is too long to be worth it."""
ATTRIBUTE, RECORD, MEMBERS = "attribute", "record", "members"
"""The binder's notes: a field's attribute of the record, an object type's record, an abstract type's records."""


@dataclass(frozen=True, slots=True)
class PlannedField:
    """A field that a resolver answers."""

    selected: Selected
    parent: GraphQLObjectType
    field: GraphQLField
    path: tuple[str, ...]
    """The names from the root to it, without places in lists."""


class Known(dict[type, bool]):
    """Classes by whether their values are what `test` says; asked once for each class."""

    def __init__(self, test: Any) -> None:
        super().__init__()
        self._test = test

    def __missing__(self, kind: type) -> bool:
        answer = self[kind] = bool(self._test(kind))
        return answer


AWAITED = Known(lambda kind: hasattr(kind, "__await__"))
ORDINARY = Known(
    lambda kind: (
        not (
            hasattr(kind, "__await__") or issubclass(kind, Exception) or kind.__name__ in ("NoneType", "UndefinedType")
        )
    )
)
"""Values that something can be selected from."""


class Source:
    """The Python of one operation, as it grows."""

    def __init__(self, schema: GraphQLSchema, fragments: Mapping[str, FragmentDefinitionNode]) -> None:
        self.fields: list[PlannedField] = []
        self.flags: list[str] = []
        self.lines: list[str] = []
        self.names: dict[str, Any] = {"odd": odd, "awaited": AWAITED, "ordinary": ORDINARY, "LISTS": (list, tuple)}
        self._schema = schema
        self._selections = Selections(schema, fragments)
        self._leaves: dict[Any, Callable[[str], str]] = {}
        self._readers: dict[tuple[str, tuple[tuple[int, Condition], ...]], str] = {}

    def roots(self, kind: GraphQLObjectType, part: Part) -> list[tuple[int, str]]:
        """Each root field's number, and the function that completes its value."""
        found = []
        for selected in self._selections.of(kind, [part]):
            name = selected.node.name.value
            if name.startswith("__") and name != "__typename":
                raise Unplanned("introspection")
            field = TypeNameMetaFieldDef if name == "__typename" else kind.fields[name]
            self._note(selected.when)
            number = self.number(PlannedField(selected, kind, field, (selected.key,)))
            found.append((number, self.completer(selected, field.type, (selected.key,))))
        return found

    def text(self) -> str:
        """All of it."""
        return "\n".join(self.lines)

    def keep(self, thing: Any, name: str) -> str:
        """The name under which the Python that is written has an object."""
        if self.names.setdefault(name, thing) is thing:
            return name
        others = (f"{name}_{number}" for number in range(2, len(self.names) + 3))
        return next(other for other in others if self.names.setdefault(other, thing) is thing)

    def fresh(self, path: tuple[str, ...], prefix: str) -> str:
        """A name that nothing has yet, for what belongs to a place of the answer."""
        if len(self.names) > FUNCTIONS:
            raise Unplanned("too long")
        return self.keep(object(), f"{prefix}_{'_'.join(path)[-60:]}")

    def number(self, planned: PlannedField) -> int:
        """The number by which a branch knows a field."""
        self.fields.append(planned)
        return len(self.fields) - 1

    def _note(self, when: Condition) -> None:
        self.flags += [name for name, _ in when if name not in self.flags]

    def holds(self, when: Condition) -> str:
        """The Python of a condition."""
        self._note(when)
        terms = sorted((self.flags.index(name), wanted) for name, wanted in when)
        return " and ".join(f"flags[{place}]" if wanted else f"not flags[{place}]" for place, wanted in terms)

    def completer(self, selected: Selected, kind: GraphQLOutputType, path: tuple[str, ...]) -> str:
        """The name of a function that completes a field's value."""
        body = self.value("it", kind, selected.parts, path)
        name = self.fresh(path, "complete")
        self.lines += [f"def {name}(it, branch):", f"    return {body}"]
        return name

    def value(self, variable: str, kind: Any, parts: tuple[Part, ...], path: tuple[str, ...]) -> str:
        """The Python that completes the value of a variable."""
        if is_non_null_type(kind):
            return self._something(variable, kind.of_type, parts, path)
        return f"None if {variable} is None else {self._something(variable, kind, parts, path)}"

    def _something(self, variable: str, kind: Any, parts: tuple[Part, ...], path: tuple[str, ...]) -> str:
        if is_list_type(kind):
            return self._list(variable, kind.of_type, parts, path)
        if is_leaf_type(kind):
            if kind not in self._leaves:
                self._leaves[kind] = leaf(kind, self.keep)
            return self._leaves[kind](variable)
        if is_abstract_type(kind):
            return self._abstract(variable, kind, parts, path)
        assert is_object_type(kind)
        record = (kind.extensions or {}).get(RECORD)
        # To compare with the class that nearly every value has is faster than to look one up.
        usual = "" if record is None else f"type({variable}) is {self.keep(record, f'record_{record.__name__}')} or "
        checked = f"{variable} if {usual}ordinary[type({variable})] else odd({variable})"
        return f"{self._object(kind, parts, path)}({checked}, branch)"

    def _list(self, variable: str, kind: Any, parts: tuple[Part, ...], path: tuple[str, ...]) -> str:
        # A name for each depth: the list in a list must not take the outer one's.
        item = f"{variable}_one"
        whole = f"{variable} if type({variable}) in LISTS else odd({variable})"
        return f"[{self.value(item, kind, parts, path)} for {item} in ({whole})]"

    def _abstract(self, variable: str, kind: Any, parts: tuple[Part, ...], path: tuple[str, ...]) -> str:
        members: Mapping[type, str] | None = (kind.extensions or {}).get(MEMBERS)
        if members is None:
            raise Unplanned("abstract type")
        readers = {}
        for record, name in members.items():
            member: Any = self._schema.type_map[name]
            readers[record] = self._object(member, parts, (*path, name))
        table = self.fresh(path, "by_record")
        pairs = ", ".join(
            f"{self.keep(record, f'record_{record.__name__}')}: {name}" for record, name in readers.items()
        )
        self.lines.append(f"{table} = {{{pairs}}}")
        return f"{table}[type({variable})]({variable}, branch)"

    def _object(self, kind: GraphQLObjectType, parts: tuple[Part, ...], path: tuple[str, ...]) -> str:
        """The function that reads a record of a type; the same selections of the same type share one."""
        known = (kind.name, tuple((id(part.selections), part.when) for part in parts))
        if known in self._readers:
            return self._readers[known]
        if kind.is_type_of is not None:
            raise Unplanned("type check")
        body = _Body(self, kind, path)
        for selected in self._selections.of(kind, parts):
            body.add(selected)
        name = self._readers[known] = self.fresh(path, "read")
        self.lines += [f"def {name}(it, branch):", *body.lines()]
        return name


class _Body:
    """The body of a function that reads one record: what is read and asked, the answer, and what is still to come.

    A variable `v_title` holds a value as it was found, `late_title` says that it is still to come.
    """

    def __init__(self, source: Source, kind: GraphQLObjectType, path: tuple[str, ...]) -> None:
        self._source = source
        self._kind = kind
        self._path = path
        self._begin: list[str] = []
        self._entries: list[tuple[str, str, str]] = []
        """The name, the Python of its value, and the Python of its condition or nothing."""
        self._waits: dict[str, str] = {}
        self._resolves = False

    def add(self, selected: Selected) -> None:
        """One more field."""
        guard = self._source.holds(selected.when) if selected.when else ""
        name, key = selected.node.name.value, selected.key
        if name == "__typename":
            self._entries.append((key, repr(self._kind.name), guard))
            return
        field, path, variable = self._kind.fields[name], (*self._path, key), f"v_{key}"
        attribute = field.extensions.get(ATTRIBUTE)
        # A record has no attribute `from`; whatever stands for it, its resolver knows.
        if attribute is not None and not iskeyword(attribute):
            self._do(f"{variable} = it.{attribute}", guard)
            value = self._source.value(variable, field.type, selected.parts, path)
        else:
            value = self._asked(field, selected, variable, path, guard)
        self._entries.append((key, value, guard))

    def _asked(self, field: GraphQLField, selected: Selected, variable: str, path: tuple[str, ...], guard: str) -> str:
        source, key = self._source, selected.key
        self._resolves = True
        number = source.number(PlannedField(selected, self._kind, field, path))
        resolve = source.keep(
            field.resolve or default_field_resolver, f"resolve_{self._kind.name}_{field_name(selected)}"
        )
        arguments = self._arguments(field, selected, number)
        self._do(f"{variable} = {resolve}(it, infos[{number}] or branch.inform({number}){arguments})", guard)
        self._do(f"late_{key} = awaited[type({variable})]", guard)
        complete = source.completer(selected, field.type, path)
        self._waits[key] = f"if late_{key}: branch.waits.append(({variable}, done, {key!r}, {complete}))"
        if is_leaf_type(getattr(field.type, "of_type", field.type)):
            return f"None if late_{key} else {source.value(variable, field.type, (), path)}"
        return f"None if late_{key} else {complete}({variable}, branch)"

    def _arguments(self, field: GraphQLField, selected: Selected, number: int) -> str:
        constant = constant_arguments(field, selected.node)
        if constant is None:
            # An empty one counts as coerced: nothing is given for an argument whose variable has no value.
            return f", **(branch.ask({number}) if (known := arguments[{number}]) is None else known)"
        if not constant:
            return ""
        return f", **{self._source.keep(constant, f'arguments_{self._kind.name}_{field_name(selected)}')}"

    def _do(self, line: str, guard: str) -> None:
        self._begin.append(f"if {guard}: {line}" if guard else line)

    def lines(self) -> list[str]:
        """The body, indented."""
        first = next((place for place, entry in enumerate(self._entries) if entry[2]), len(self._entries))
        whole = "{" + ", ".join(f"{key!r}: {value}" for key, value, _ in self._entries[:first]) + "}"
        if first == len(self._entries) and not self._waits:
            return [f"    {line}" for line in (*self._begin, f"return {whole}")]
        told = ["infos, arguments = branch.infos, branch.arguments"] if self._resolves else []
        told += ["flags = branch.flags"] if first < len(self._entries) else []
        told += [*self._begin, f"done = {whole}"]
        told += [self._waits[key] for key, _, _ in self._entries[:first] if key in self._waits]
        for key, value, guard in self._entries[first:]:
            told += [f"if {guard}:"] if guard else ["if True:"]
            told += [f"    done[{key!r}] = {value}"]
            told += [f"    {self._waits[key]}"] if key in self._waits else []
        return [f"    {line}" for line in (*told, "return done")]


def field_name(selected: Selected) -> str:
    """The name in the schema, for which an answer may have another."""
    return selected.node.name.value
