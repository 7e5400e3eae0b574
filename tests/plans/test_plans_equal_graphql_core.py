"""Whatever is asked, a plan answers as graphql-core does: data, order of names, errors, their places and paths.

`TUTTI_PLANS_EXAMPLES=20000 python -m pytest tests/plans` is the long form.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
from collections import Counter
from typing import Any

import pytest
from graphql import ExecutionResult, Executor, GraphQLError, get_operation_ast, parse, validate
from graphql.pyutils import is_awaitable
from hypothesis import HealthCheck, assume, given, note, settings, strategies

from graph.plan import Plan
from graph.plan_selection import Unplanned
from tests.plans.operations import Operation
from tests.plans.world import World, schema

EXAMPLES = int(os.environ.get("TUTTI_PLANS_EXAMPLES", "100"))
# Seeds find more, draws of Hypothesis' own can be made smaller when something is found.
chances = strategies.integers(0, 2**64).map(random.Random) | strategies.randoms(use_true_random=False)
troubles = strategies.sampled_from((0.0, 0.0, 0.005, 0.05, 0.3))
kinds = strategies.sampled_from(("query", "query", "mutation"))


async def by_core(operation: Operation, document: Any, world: World) -> ExecutionResult:
    executor = Executor.build(schema(), document, context_value=world, raw_variable_values=operation.variables)
    if not isinstance(executor, Executor):
        return ExecutionResult(None, executor)
    result = executor.execute_operation()
    return await result if is_awaitable(result) else result


def told(error: GraphQLError) -> tuple[Any, ...]:
    """What a client is told of an error."""
    return str(error.path), error.message, str(error.locations), type(error.original_error).__name__


def nulled(error: GraphQLError, data: Any) -> tuple[Any, ...]:
    """The place that became null because of an error."""
    place: list[Any] = []
    for key in error.path or ():
        if data is None:
            break
        data = data[key]
        place.append(key)
    return tuple(place)


def as_text(data: Any) -> str:
    """JSON with its names in their order; a plain scalar may be written as anything, of which the kind is told."""
    return json.dumps(data, default=lambda thing: type(thing).__name__)


def same(ours: ExecutionResult, theirs: ExecutionResult) -> None:
    """Raises AssertionError where a client could tell them apart, beyond what chance decides in both."""
    assert as_text(ours.data) == as_text(theirs.data)
    of_ours, of_theirs = ({}, {})
    for errors, by_place in ((ours.errors, of_ours), (theirs.errors, of_theirs)):
        for error in errors or ():
            by_place.setdefault(nulled(error, ours.data), Counter())[told(error)] += 1
    assert of_ours.keys() == of_theirs.keys()
    for place, one in of_ours.items():
        # Where several below one place fail, who is first ends the others: with both executors a matter of turns.
        other = of_theirs[place]
        assert one == other or max(one.total(), other.total()) > 1 or below(one, other), place


def below(one: Counter[Any], other: Counter[Any]) -> bool:
    """Whether two single errors are of different places."""
    (ours,), (theirs,) = one, other
    return bool(ours[0] != theirs[0])


# graphql-core drops coroutines of its own when a sibling fails; whoever leaves our own door is held elsewhere.
@pytest.mark.filterwarnings("ignore:coroutine:RuntimeWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(chances, troubles, kinds, strategies.integers(0, 4))
def test_by_chance(chance, trouble, kind, length):
    operation = Operation(schema(), chance.randrange, kind)
    note(repr(operation))
    document = parse(operation.text)
    assume(not validate(schema(), document, max_errors=1))
    try:
        plan = Plan(schema(), document, get_operation_ast(document))
    except Unplanned as shape:
        COUNTED[shape.reason] += 1
        assert shape.reason == "order by variables"
        return
    note(plan.text)

    async def both() -> None:
        ran = await plan.run(World(trouble, length), operation.variables)
        theirs = await by_core(operation, document, World(trouble, length))
        COUNTED["trouble" if theirs.errors else "none"] += 1
        COUNTED["given up"] += bool(ran.given_up)
        same(ran.result, theirs)

    async def whole() -> None:
        try:
            await both()
        finally:
            while left := asyncio.all_tasks() - {asyncio.current_task()}:
                await asyncio.gather(*left, return_exceptions=True)

    loop = asyncio.new_event_loop()
    # graphql-core leaves tasks behind when a sibling fails, and nobody asks how they ended.
    loop.set_exception_handler(lambda _loop, _told: None)
    loop.run_until_complete(whole())
    loop.close()


COUNTED: Counter[str] = Counter()


def test_the_examples_were_worth_it():
    """Most were planned; some went wrong (some fifteen of a hundred do), some did not."""
    print(COUNTED)
    assert COUNTED["none"] > EXAMPLES // 10
    assert COUNTED["trouble"] > EXAMPLES // 40
