"""Runs a plan: each root field is a branch, and what the branches wait for is awaited level by level, all together.

Owns the order of things and what happens when a branch has trouble: it is given up, and graphql-core's executor
completes the root field's value once more from the start, in its own way. So a plan only knows how answers without
trouble come about, while errors, their paths and what becomes null are graphql-core's to the letter. Resolvers of a
branch in trouble are asked twice, which is why none but a root field's may have consequences. Refuses to know types.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from graphql import ExecutionResult, Executor, GraphQLError, GraphQLResolveInfo
from graphql.execution.collect_fields import FieldDetails
from graphql.pyutils import Path, gather_with_cancel

from graph.plan_source import AWAITED, PlannedField

Complete = Callable[[Any, "Branch"], Any]
Wait = tuple[Any, Any, str, Complete]
"""What is still to come, the record of the answer that lacks it, under which name, and what completes it."""


@dataclass(frozen=True, slots=True)
class Root:
    """A root field of a plan: its number among the plan's fields, its arguments if no variable decides them, and what
    completes its value.
    """

    number: int
    planned: PlannedField
    constant: Mapping[str, Any] | None
    resolve: Callable[..., Any]
    complete: Complete

    @property
    def key(self) -> str:
        """Its name in the answer."""
        return self.planned.selected.key


@dataclass(slots=True)
class Told:
    """What resolvers are told in one run: made for each field when it is first needed, then for all records alike."""

    infos: list[GraphQLResolveInfo[Any] | None]
    arguments: list[dict[str, Any] | None]
    flags: Sequence[Any]
    inform: Callable[[int], GraphQLResolveInfo[Any]]
    ask: Callable[[int], dict[str, Any]]


class Branch:
    """One root field of one run, as the functions of a plan know it."""

    __slots__ = (
        "arguments",
        "ask",
        "data",
        "flags",
        "given_up",
        "has_value",
        "inform",
        "infos",
        "root",
        "value",
        "waits",
    )

    def __init__(self, root: Root, told: Told, data: dict[str, Any]) -> None:
        self.root = root
        self.data = data
        self.infos, self.arguments, self.flags = told.infos, told.arguments, told.flags
        self.inform, self.ask = told.inform, told.ask
        self.waits: list[Wait] = []
        self.value: Any = None
        self.has_value = False
        self.given_up = False

    def begin(self, root_value: Any) -> None:
        """Ask the root field's resolver. Raises what it raises."""
        root, key = self.root, self.root.key
        info = self.infos[root.number] or self.inform(root.number)
        arguments = self.ask(root.number) if root.constant is None else root.constant
        value = root.resolve(root_value, info, **arguments)
        self.data[key] = None
        if AWAITED[type(value)]:
            self.waits.append((value, self.data, key, root.complete))
        else:
            self.take(value)

    def take(self, value: Any) -> None:
        """Complete the root field's value."""
        self.value, self.has_value = value, True
        self.put(value, (None, self.data, self.root.key, self.root.complete))

    def put(self, value: Any, wait: Wait) -> None:
        """Complete a value that was waited for, and put it where it belongs."""
        _, record, key, complete = wait
        try:
            record[key] = complete(value, self)
        except Exception:  # noqa: BLE001 - graphql-core meets the same trouble, and tells it
            self.give_up()

    def give_up(self) -> None:
        """Leave it to graphql-core, and everything that it still waits for."""
        self.given_up = True
        drop(self.waits)

    def next_level(self) -> list[Wait]:
        """What it waits for, which it then does no more."""
        waits, self.waits = self.waits, []
        return waits


def drop(waits: list[Wait]) -> None:
    """Wait for none of these."""
    for wait in waits:
        if asyncio.iscoroutine(wait[0]):
            wait[0].close()
    waits.clear()


class Walk:
    """One run of an operation. `core` makes the executor that says what goes wrong; it is made when something does."""

    def __init__(self, root_value: Any, core: Callable[[], Executor[Any]]) -> None:
        self.given_up = 0
        self._root_value = root_value
        self._make_core = core
        self._made_core: Executor[Any] | None = None

    async def result(self, roots: Sequence[Root], told: Told, *, serially: bool) -> ExecutionResult:
        """The answer; root fields one after another when they are to run serially."""
        data: dict[str, Any] = {}
        turns = [[root] for root in roots] if serially else [roots]
        try:
            for turn in turns:
                await self._turn([Branch(root, told, data) for root in turn])
        except GraphQLError as error:
            # A root field came to nothing that may not be null.
            self._core.collected_errors.add(error, None)
            return ExecutionResult(None, self._core.collected_errors.errors)
        errors = self._made_core.collected_errors.errors if self._made_core is not None else None
        return ExecutionResult(data, errors or None)

    @property
    def _core(self) -> Executor[Any]:
        if self._made_core is None:
            self._made_core = self._make_core()
        return self._made_core

    async def _turn(self, branches: list[Branch]) -> None:
        try:
            for branch in branches:
                try:
                    branch.begin(self._root_value)
                except Exception as error:  # noqa: BLE001 - told in the answer
                    self._fail(branch, error)
            while level := [(branch, branch.next_level()) for branch in branches if branch.waits]:
                await self._level(level)
            again = [branch for branch in branches if branch.given_up]
            if again:
                self.given_up += len(again)
                await gather_with_cancel(*map(self._again, again))
        finally:
            for branch in branches:
                drop(branch.waits)

    async def _level(self, level: list[tuple[Branch, list[Wait]]]) -> None:
        found = iter(await settled([wait[0] for _, waits in level for wait in waits]))
        for branch, waits in level:
            for wait in waits:
                came = next(found)
                if branch.given_up:
                    continue
                try:
                    value = came.result()
                except Exception as error:  # noqa: BLE001 - told in the answer
                    if branch.has_value:
                        branch.give_up()
                    else:
                        self._fail(branch, error)
                    continue
                if branch.has_value:
                    branch.put(value, wait)
                else:
                    branch.take(value)

    def _fail(self, branch: Branch, error: Exception) -> None:
        """Tell that a root field's resolver failed; raises GraphQLError when it may not be null."""
        branch.data[branch.root.key] = None
        planned, details, path = self._place(branch)
        self._core.handle_field_error(error, planned.field.type, details, path)

    async def _again(self, branch: Branch) -> None:
        core = self._core
        planned, details, path = self._place(branch)
        nodes = [each.node for each in details]
        info = core.build_resolve_info(planned.field, nodes, planned.parent, path)
        kind = planned.field.type
        completed = None
        try:
            completed = core.complete_value(kind, details, info, path, branch.value, None)
            if AWAITED[type(completed)]:
                completed = await completed
        except Exception as error:  # noqa: BLE001 - told in the answer
            completed = None
            core.handle_field_error(error, kind, details, path)
        branch.data[branch.root.key] = completed

    def _place(self, branch: Branch) -> tuple[PlannedField, list[FieldDetails], Path]:
        planned = branch.root.planned
        nodes = planned.selected.nodes(self._core.variable_values.coerced)
        details = [FieldDetails(node, None) for node in nodes]
        return planned, details, Path(None, branch.root.key, planned.parent.name)


async def settled(awaitables: list[Any]) -> list[asyncio.Future[Any]]:
    """Each as a future that is done, whatever came of it. What is begun here is ended when the caller is cancelled."""
    if len(awaitables) == 1 and not isinstance(awaitables[0], asyncio.Future):
        return [await _one(awaitables[0])]
    begun: list[asyncio.Future[Any]] = []
    futures = []
    for each in awaitables:
        if not isinstance(each, asyncio.Future):
            each = asyncio.ensure_future(each)
            begun.append(each)
        futures.append(each)
    try:
        for future in futures:
            # Of one batch nearly all are done when the first is.
            if not future.done():
                with contextlib.suppress(Exception):
                    await future
    except BaseException:
        for future in begun:
            future.cancel()
        await asyncio.gather(*begun, return_exceptions=True)
        raise
    for future in begun:
        # A branch in trouble looks no further; asyncio would tell of what nobody looked at.
        future.exception()
    return futures


async def _one(awaitable: Any) -> asyncio.Future[Any]:
    # Without a task of its own, which nearly every request would need for its one root field.
    came: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
    try:
        came.set_result(await awaitable)
    except Exception as error:  # noqa: BLE001 - whoever looks for the result meets it
        came.set_exception(error)
    return came
