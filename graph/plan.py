"""A validated operation, compiled once into Python that answers it: the plan of a document that is asked often.

Owns what a plan is and how it is called. Behind it `plan_selection.py` collects fields, `plan_source.py` writes the
Python, `plan_leaves.py` its scalars, `plan_run.py` runs it, `plan_memory.py` remembers plans and counts. A plan depends
on the schema and the document alone: variables are read when it runs. Decision 74 tells why.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from graphql import (
    DocumentNode,
    ExecutionResult,
    Executor,
    FragmentDefinitionNode,
    GraphQLResolveInfo,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
    default_field_resolver,
    get_argument_values,
    get_variable_values,
)
from graphql.execution.values import VariableValues
from graphql.pyutils import Path, gather_with_cancel, is_awaitable
from graphql.type import GraphQLResolveInfoHelpers

from graph.plan_arguments import constant_arguments
from graph.plan_run import Root, Told, Walk
from graph.plan_selection import Part, Unplanned, holds
from graph.plan_source import PlannedField, Source

NO_VARIABLES = VariableValues({}, {})
HELPERS = GraphQLResolveInfoHelpers(gather=lambda values: gather_with_cancel(*values), track=lambda values: None)
COERCION_ERRORS = 50
"""Faults of variables that are told at most, as by graphql-core itself."""


@dataclass(frozen=True, slots=True)
class Ran:
    """What running a plan came to: the result, and how many of its root fields were left to graphql-core."""

    result: ExecutionResult
    given_up: int = 0


class Text:
    """The Python of a plan for tracebacks, which ask a module's loader for it."""

    def __init__(self, text: str) -> None:
        self._text = text

    def get_source(self, _name: str) -> str:
        """All of it."""
        return self._text


class Plan:
    """One operation of one document as Python. Nothing in it changes after it is made, so any thread may run it."""

    def __init__(self, schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode) -> None:
        """Unplanned for what no plan covers."""
        self._schema = schema
        self._document = document
        self._operation = operation
        self._fragments = {
            each.name.value: each for each in document.definitions if isinstance(each, FragmentDefinitionNode)
        }
        root_type = schema.get_root_type(operation.operation)
        if root_type is None:
            raise Unplanned("no root")
        source = Source(schema, self._fragments)
        roots = source.roots(root_type, Part(operation.selection_set))
        self.text = source.text()
        self._fields = tuple(source.fields)
        self._paths = tuple(_path(each.path) for each in self._fields)
        self._flags = tuple(source.flags)
        functions = _compiled(self.text, source.names, self.name)
        self._roots = tuple(
            Root(
                number,
                planned := self._fields[number],
                constant_arguments(planned.field, planned.selected.node),
                planned.field.resolve or default_field_resolver,
                functions[name],
            )
            for number, name in roots
        )
        self._serially = operation.operation is OperationType.MUTATION

    @property
    def name(self) -> str:
        """The operation's name, in words that suit a traceback and a profile."""
        return self._operation.name.value if self._operation.name else "unnamed"

    async def run(
        self,
        context: Any,
        variables: Mapping[str, Any] | None,
        *,
        root_value: Any = None,
        hide_suggestions: bool = False,
    ) -> Ran:
        """As graphql-core executes the operation. Unplanned for variables that no plan can be asked with."""
        values = self._values(variables, hide_suggestions)
        if isinstance(values, list):
            return Ran(ExecutionResult(None, values))

        def core() -> Executor[Any]:
            found = Executor.build(
                self._schema,
                self._document,
                root_value=root_value,
                context_value=context,
                raw_variable_values=dict(variables or {}),
                operation_name=self._operation.name.value if self._operation.name else None,
                hide_suggestions=hide_suggestions,
            )
            assert isinstance(found, Executor)
            return found

        told = self._told(context, values, root_value, hide_suggestions)
        roots = self._roots
        if self._flags:
            roots = tuple(root for root in roots if holds(root.planned.selected.when, values.coerced))
        walk = Walk(root_value, core)
        result = await walk.result(roots, told, serially=self._serially)
        return Ran(result, walk.given_up)

    def _values(self, variables: Mapping[str, Any] | None, hide_suggestions: bool) -> VariableValues | list[Any]:
        definitions = self._operation.variable_definitions
        if not definitions:
            return NO_VARIABLES
        given = dict(variables or {})
        return get_variable_values(self._schema, definitions, given, COERCION_ERRORS, hide_suggestions)

    def _told(self, context: Any, values: VariableValues, root_value: Any, hide_suggestions: bool) -> Told:
        fields = self._fields
        flags = [values.coerced.get(name) for name in self._flags]
        if not all(type(flag) is bool for flag in flags):
            raise Unplanned("condition")

        infos: list[GraphQLResolveInfo[Any] | None] = [None] * len(fields)
        arguments: list[dict[str, Any] | None] = [None] * len(fields)

        # These know the lists and not what is told: a ring would keep every record until garbage is looked for.
        def inform(number: int) -> GraphQLResolveInfo[Any]:
            info = infos[number] = self._info(fields[number], self._paths[number], context, values, root_value)
            return info

        def ask(number: int) -> dict[str, Any]:
            planned = fields[number]
            node = planned.selected.node
            found = arguments[number] = get_argument_values(planned.field, node, values, None, hide_suggestions)
            return found

        return Told(infos, arguments, flags, inform, ask)

    def _info(
        self, planned: PlannedField, path: Path, context: Any, values: VariableValues, root_value: Any
    ) -> GraphQLResolveInfo[Any]:
        return GraphQLResolveInfo(
            planned.selected.node.name.value,
            planned.selected.nodes(values.coerced),
            planned.field.type,
            planned.parent,
            path,
            self._schema,
            self._fragments,
            root_value,
            self._operation,
            values,
            context,
            is_awaitable,
            None,
            HELPERS,
        )


def _path(keys: Sequence[str]) -> Path:
    path: Path | None = None
    for key in keys:
        path = Path(path, key, None)
    assert path is not None
    return path


def _compiled(text: str, names: Mapping[str, Any], name: str) -> dict[str, Any]:
    module = f"plan_of_{re.sub(r'[^A-Za-z0-9_]', '_', name)}"
    functions = {**names, "__name__": module, "__loader__": Text(text)}
    # Nothing of a client's text is in it but names, which GraphQL's grammar keeps to letters, digits and underscores.
    exec(compile(text, f"plans/{module}.py", "exec", dont_inherit=True), functions)
    return functions
