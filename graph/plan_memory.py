"""Which requests are answered by a plan: remembers the plans of each document, and counts what they answered.

A plan is kept with its document, by the operation's name: it goes when the document is forgotten, and no variable is
part of its key. Owns when compiling pays and the words for why a request went another way. Refuses to compile.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from graphql import GraphQLSchema

from graph.plan import Plan, Ran
from graph.plan_selection import Unplanned
from graph.prepared import Prepared

NOT_YET = "asked too seldom"
OFF = "off"
TROUBLE = "errors"
"""Why graphql-core answers: root fields in which something went wrong are completed again by it."""
COMPILE_AFTER = 2
"""Compiling takes about as long as one answer by graphql-core, so what is asked once is not worth it."""


@dataclass(slots=True)
class _Operation:
    asked: int = 0
    plan: Plan | None = None
    reason: str = NOT_YET


class Plans:
    """The plans of a schema's documents. An operation is compiled when it is asked for the `after`th time; never for 0.

    `planned` counts requests and events that plans answered, `otherwise` those that graphql-core did, by reason.
    """

    def __init__(self, schema: GraphQLSchema, *, after: int | None = None) -> None:
        self.planned = 0
        self.compiled = 0
        self.otherwise: Counter[str] = Counter()
        self._schema = schema
        self._after = COMPILE_AFTER if after is None else after

    def of(self, prepared: Prepared) -> Plan | None:
        """The plan of an operation; None, counted by its reason, where graphql-core shall answer."""
        if self._after == 0:
            self.otherwise[OFF] += 1
            return None
        name = None if prepared.operation.name is None else prepared.operation.name.value
        known = prepared.plans.get(name)
        if known is None:
            known = prepared.plans[name] = _Operation()
        known.asked += 1
        if known.asked == self._after:
            self._compile(prepared, known)
        if known.plan is None:
            self.otherwise[known.reason] += 1
        return known.plan

    def count(self, ran: Ran) -> None:
        """Count what a plan answered."""
        self.planned += 1
        if ran.given_up:
            self.otherwise[TROUBLE] += ran.given_up

    def _compile(self, prepared: Prepared, operation: _Operation) -> None:
        try:
            operation.plan = Plan(self._schema, prepared.document, prepared.operation)
            self.compiled += 1
        except Unplanned as shape:
            operation.reason = shape.reason
