"""Answers one operation: by its plan where it has one, else by graphql-core's executor.

Owns that choice, and nothing of what stands around it: prices, time-outs and errors' words are `graph/execute.py`'s.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, cast

from graphql import ExecutionResult, Executor, GraphQLError, GraphQLSchema, experimental_execute_incrementally
from graphql.pyutils import is_awaitable

from graph.context import Context
from graph.plan_memory import Plans
from graph.plan_selection import Unplanned
from graph.prepared import Prepared
from graph.request import Request

AnswerEvent = Callable[[Any, Context], Awaitable[ExecutionResult]]
"""What a subscription says to an event, seen in a context."""


class Answering:
    """Runs operations of one schema."""

    def __init__(self, schema: GraphQLSchema, plans: Plans, *, hide_suggestions: bool) -> None:
        self.plans = plans
        self._schema = schema
        self._hide_suggestions = hide_suggestions

    async def answer(self, request: Request, prepared: Prepared, context: Context) -> ExecutionResult:
        """The whole answer; what the request wants deferred or streamed is in its place."""
        planned = await self._planned(request, prepared, context, None)
        if planned is not None:
            return planned
        # The plain executor takes no notice of @defer and @stream.
        return cast(ExecutionResult, await self._by_core(request, prepared, context, Executor))

    async def answer_in_parts(self, request: Request, prepared: Prepared, context: Context) -> Any:
        """As graphql-core gives an answer of which parts come later."""
        self.plans.otherwise["in parts"] += 1
        return await self._by_core(request, prepared, context, None)

    def executor_for_events(
        self, request: Request, prepared: Prepared, context: Context
    ) -> Executor[Any] | list[GraphQLError]:
        """What a subscription's source is made with, or why it cannot be."""
        return Executor.build(
            self._schema,
            prepared.document,
            context_value=context,
            raw_variable_values=request.variables,
            operation_name=request.operation_name,
            hide_suggestions=self._hide_suggestions,
        )

    def answers_to_events(self, request: Request, prepared: Prepared, executor: Executor[Any]) -> AnswerEvent:
        """What answers each event of a subscription whose source was made with `executor`."""

        async def answer(event: Any, context: Context) -> ExecutionResult:
            planned = await self._planned(request, prepared, context, event)
            if planned is not None:
                return planned
            each = executor.build_per_event_executor(event)
            each.context_value = context
            result = each.execute_operation(False)
            return cast(ExecutionResult, await result if is_awaitable(result) else result)

        return answer

    async def _planned(
        self, request: Request, prepared: Prepared, context: Context, root_value: Any
    ) -> ExecutionResult | None:
        plan = self.plans.of(prepared)
        if plan is None:
            return None
        try:
            ran = await plan.run(
                context, request.variables, root_value=root_value, hide_suggestions=self._hide_suggestions
            )
        except Unplanned as variables:
            self.plans.otherwise[variables.reason] += 1
            return None
        self.plans.count(ran)
        return ran.result

    async def _by_core(self, request: Request, prepared: Prepared, context: Context, executor_class: Any) -> Any:
        result = experimental_execute_incrementally(
            self._schema,
            prepared.document,
            context_value=context,
            variable_values=request.variables,
            operation_name=request.operation_name,
            executor_class=executor_class,
            hide_suggestions=self._hide_suggestions,
        )
        return await result if is_awaitable(result) else result
