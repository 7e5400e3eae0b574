"""Answers that come in parts: `@defer` and `@stream`, from what graphql-core hands out to what goes over the wire.

Owns the two formats that clients speak, and the life of such an answer: its loaders, its one time-out for all parts
and its end. Refuses to know transports.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from graphql import ExperimentalIncrementalExecutionResults
from graphql.execution import (
    CompletedResult,
    IncrementalDeferResult,
    IncrementalStreamResult,
    PendingResult,
    SubsequentIncrementalExecutionResult,
)

from graph.context import Context
from graph.present import present, refusal
from graph.request import Response
from services.errors import Unavailable

_Piece = tuple[list[str | int], Any]
"""A piece of the answer: its path, and what lies there."""


class PartFormat(StrEnum):
    """How the parts look.

    PENDING is today's proposal (`pending`, `incremental` with `id`, `completed`), as graphql-core makes it and Apollo
    Client 4 calls `incrementalSpec=v0.2`; PATHS is that of August 2022 (`incremental` with `path`), which Apollo
    Client 3 and 4 call `deferSpec=20220824`.
    """

    PENDING = "pending"
    PATHS = "paths"


@dataclass(slots=True)
class _Waiting:
    """A part that was announced: where it goes, and for a list how many items are there already."""

    path: list[str | int]
    label: str | None
    items: int | None = None
    """None until the list itself has been seen."""


@dataclass(slots=True)
class _Parts:
    """Translates results, remembering what is still to come."""

    format: PartFormat
    waiting: dict[str, _Waiting] = field(default_factory=dict)

    def announce(self, pending: list[PendingResult] | None) -> list[dict[str, Any]]:
        shown = []
        for part in pending or ():
            self.waiting[part.id] = _Waiting(list(part.path), part.label)
            told: dict[str, Any] = {"id": part.id, "path": list(part.path)}
            shown.append(told if part.label is None else {**told, "label": part.label})
        return shown

    def first(self, data: Any, errors: Any, pending: list[PendingResult]) -> Response:
        announced = self.announce(pending)
        self._measure(pending, [([], data)])
        response: Response = {"data": data}
        if errors:
            response["errors"] = present(errors)
        if self.format is PartFormat.PENDING:
            response["pending"] = announced
        return {**response, "hasNext": True}

    def next(self, result: SubsequentIncrementalExecutionResult) -> Response:
        # First of all: a part may come in the message that announces it.
        announced = self.announce(result.pending)
        # Where the parts of this message lie: a list that is announced inside one of them begins in it.
        there: list[_Piece] = []
        incremental = [self._part(part, there) for part in result.incremental or ()]
        self._measure(result.pending, there)
        completed = [self._end(part) for part in result.completed or ()]
        response: Response = {"hasNext": result.has_next}
        if self.format is PartFormat.PATHS:
            incremental += [part for part in completed if "data" in part or "items" in part]
        else:
            if announced:
                response["pending"] = announced
            if completed:
                response["completed"] = completed
        if incremental:
            response["incremental"] = incremental
        return response

    def late(self) -> Response:
        """The last message when time ran out: everything still announced ends in the same refusal."""
        errors = refusal(Unavailable("This request took too long.", code="TIMED_OUT"))["errors"]
        if self.format is PartFormat.PENDING:
            return {"hasNext": False, "completed": [{"id": id, "errors": errors} for id in self.waiting]}
        failed = [_failed(part, errors) for part in self.waiting.values()]
        return {"hasNext": False, "incremental": failed}

    def _measure(self, pending: list[PendingResult] | None, there: list[_Piece]) -> None:
        for part in pending or ():
            waiting = self.waiting.get(part.id)
            if waiting is not None:
                _items_of(waiting, there)

    def _part(self, part: Any, there: list[_Piece]) -> dict[str, Any]:
        errors = {"errors": present(part.errors)} if part.errors else {}
        waiting = self.waiting[part.id]
        if isinstance(part, IncrementalStreamResult):
            at = _items_of(waiting, there)
            waiting.items = at + len(part.items)
            there += [([*waiting.path, at + number], item) for number, item in enumerate(part.items)]
            if self.format is PartFormat.PENDING:
                return {"id": part.id, "items": part.items, **errors}
            return {"items": part.items, "path": [*waiting.path, at], **_labelled(waiting), **errors}
        assert isinstance(part, IncrementalDeferResult)
        below = list(part.sub_path or ())
        there.append(([*waiting.path, *below], part.data))
        if self.format is PartFormat.PENDING:
            return {"id": part.id, "data": part.data, **({"subPath": below} if below else {}), **errors}
        return {"data": part.data, "path": [*waiting.path, *below], **_labelled(waiting), **errors}

    def _end(self, part: CompletedResult) -> dict[str, Any]:
        waiting = self.waiting.pop(part.id, None)
        if not part.errors:
            return {"id": part.id}
        errors = present(part.errors)
        if self.format is PartFormat.PATHS and waiting is not None:
            return _failed(waiting, errors)
        return {"id": part.id, "errors": errors}


def _failed(waiting: _Waiting, errors: list[dict[str, Any]]) -> dict[str, Any]:
    return {"data": None, "path": waiting.path, **_labelled(waiting), "errors": errors}


def _labelled(waiting: _Waiting) -> dict[str, Any]:
    return {} if waiting.label is None else {"label": waiting.label}


def _items_of(waiting: _Waiting, there: list[_Piece]) -> int:
    """How many items of a list are there already; looked up in the pieces of this message where nobody did yet."""
    if waiting.items is None:
        waiting.items = max((_length_at(piece, waiting.path) for piece in there), default=0)
    return waiting.items


def _length_at(piece: _Piece, path: list[str | int]) -> int:
    """How many items the list at `path` has in a piece of the answer; 0 when it is not there."""
    above, data = piece
    if path[: len(above)] != above:
        return 0
    for step in path[len(above) :]:
        try:
            data = data[step]
        except (KeyError, IndexError, TypeError):
            return 0
    return len(data) if isinstance(data, list) else 0


class IncrementalResponse:
    """The parts of one answer, in order, each a JSON object with `hasNext`. Always end it with `aclose`.

    `deadline` is in the loop's time and holds for all parts together: when it passes, what still runs is cancelled and
    the last part says TIMED_OUT.
    """

    def __init__(
        self,
        results: ExperimentalIncrementalExecutionResults,
        context: Context,
        deadline: float,
        format: PartFormat,
        extensions: dict[str, Any] | None = None,
    ) -> None:
        self._parts = _Parts(format)
        initial = results.initial_result
        self._first: Response | None = self._parts.first(initial.data, initial.errors, initial.pending)
        if extensions:
            self._first["extensions"] = extensions
        self._rest: AsyncGenerator[SubsequentIncrementalExecutionResult, None] = results.subsequent_results
        self._context = context
        self._deadline = deadline
        self._over = False

    def __aiter__(self) -> IncrementalResponse:
        return self

    async def __anext__(self) -> Response:
        """The next part; StopAsyncIteration after the last."""
        if self._first is not None:
            first, self._first = self._first, None
            return first
        if self._over:
            raise StopAsyncIteration
        try:
            async with asyncio.timeout_at(self._deadline):
                part = self._parts.next(await anext(self._rest))
        except TimeoutError:
            part = self._parts.late()
        except StopAsyncIteration:
            await self.aclose()
            raise
        if not part["hasNext"]:
            await self.aclose()
        return part

    async def aclose(self) -> None:
        """Give up what still runs, the loaders' fetching too."""
        if self._over:
            return
        self._over = True
        await self._rest.aclose()
        await self._context.loaders.close()
