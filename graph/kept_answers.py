"""Whole answers to people who are not signed in, kept as the bytes they were sent as until something changes.

Owns the memory and its bounds; the schema says what may be kept (`graph/cache_control.py`). Whoever hears that the
catalogue changed calls `forget`; an answer that was begun before is not kept either. Nothing with errors is kept, and
nothing for anybody but `NOBODY`: blocks, locks and filters are somebody's. Refuses to know HTTP and who tells of
changes.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

import orjson

from graph.cache_control import CacheScope, Keeping, keeping_of
from graph.context import Caller
from graph.execute import Executor
from graph.prepared import Prepared
from graph.request import Request, Response
from services.viewer import NOBODY, Viewer

ROW_BYTES = 500
"""What an answer takes beside its own bytes, about."""
PLANS = 1000
"""Documents of which it is remembered whether their answers may be kept."""


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """An answer as it leaves: its bytes, the mark they are known by, how it may be kept, and for how long it was."""

    body: bytes
    mark: str
    keeping: Keeping
    made_at: float
    cost: int

    def age_s(self, now: float) -> int:
        """Whole seconds since it was made; `now` by the loop's clock."""
        return int(now - self.made_at)


class KeptAnswers:
    """At most `limit_bytes` of answers, each for as long as it may be kept and at most `most_seconds`."""

    def __init__(
        self,
        executor: Executor,
        *,
        limit_bytes: int,
        most_seconds: int = 300,
        hears: Callable[[], bool] = lambda: True,
    ) -> None:
        """`hears` says whether changes in other processes reach us; while they do not, nothing is kept."""
        self.used_bytes = 0
        self.hits = 0
        self.misses = 0
        self._executor = executor
        self._limit_bytes = limit_bytes
        self._most_seconds = most_seconds
        self._hears = hears
        self._answers: OrderedDict[bytes, KeptAnswer] = OrderedDict()
        self._keepings: OrderedDict[tuple[int, int], tuple[Prepared, Keeping | None]] = OrderedDict()
        self._changes = 0

    def __len__(self) -> int:
        return len(self._answers)

    def forget(self) -> None:
        """Something that answers tell of changed: keep none of them, nor one that is being made."""
        self._changes += 1
        self._answers.clear()
        self.used_bytes = 0

    async def execute(self, request: Request, viewer: Viewer, *, caller: Caller) -> KeptAnswer | Response:
        """As `Executor.execute`, by an answer that is kept where there may be one."""
        found = await self._answer(request, viewer, caller)
        return found if found is not None else await self._executor.execute(request, viewer, caller=caller)

    async def _answer(self, request: Request, viewer: Viewer, caller: Caller) -> KeptAnswer | Response | None:
        # None for what is never kept. An answer costs its caller the same, kept or not.
        if viewer != NOBODY or request.asks_for_cost or self._limit_bytes == 0 or not self._hears():
            return None
        prepared = self._executor.prepare(request)
        if isinstance(prepared, dict) or (keeping := self._keeping(prepared)) is None:
            return None
        key = _key(prepared, request)
        if key is None:
            return None
        now = asyncio.get_running_loop().time()
        known = self._answers.get(key)
        if known is not None and now - known.made_at < known.keeping.max_age:
            self._executor.charge(prepared.cost, viewer, caller)
            self._answers.move_to_end(key)
            self.hits += 1
            return known
        self.misses += 1
        changes = self._changes
        response = await self._executor.execute(request, viewer, caller=caller)
        if "errors" in response:
            return response
        made = _made(response, prepared, keeping, now)
        if keeping.scope is CacheScope.PUBLIC and changes == self._changes:
            self._keep(key, made)
        return made

    def _keeping(self, prepared: Prepared) -> Keeping | None:
        key = id(prepared.document), id(prepared.operation)
        known = self._keepings.get(key)
        if known is None:
            # With the document itself, so that no other can come to have its identity.
            found = keeping_of(
                self._executor.schema, prepared.document, prepared.operation, most_seconds=self._most_seconds
            )
            known = self._keepings[key] = prepared, found
            if len(self._keepings) > PLANS:
                self._keepings.popitem(last=False)
        return known[1]

    def _keep(self, key: bytes, answer: KeptAnswer) -> None:
        self._drop(key)
        if len(answer.body) > self._limit_bytes // 8:
            # One long list must not push out everything else.
            return
        self._answers[key] = answer
        self.used_bytes += len(answer.body) + ROW_BYTES
        while self.used_bytes > self._limit_bytes:
            self._drop(next(iter(self._answers)))

    def _drop(self, key: bytes) -> None:
        dropped = self._answers.pop(key, None)
        if dropped is not None:
            self.used_bytes -= len(dropped.body) + ROW_BYTES


def _made(response: Response, prepared: Prepared, keeping: Keeping, now: float) -> KeptAnswer:
    body = orjson.dumps(response)
    return KeptAnswer(body, hashlib.sha256(body).hexdigest()[:32], keeping, now, prepared.cost)


def _key(prepared: Prepared, request: Request) -> bytes | None:
    try:
        words = orjson.dumps([request.operation_name, request.variables or {}], option=orjson.OPT_SORT_KEYS)
    except TypeError:
        return None
    return prepared.key + hashlib.sha256(words).digest()
