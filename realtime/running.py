"""The operations that one client of the `/graphql` socket has running: each a task that says what came of it.

Owns how many run at once, and which may be cancelled: half a mutation helps nobody, so one that has begun ends by
itself. Refuses to know frames and close codes: the transport turns results into actions, the connection does those.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, Protocol

from graph.context import Caller
from graph.events import packed
from graph.execute import Executor, Request
from realtime.messages import Subscribe, shown_errors
from realtime.transport import Action, Limits, Operation, Transport
from services.trace import begin_trace
from services.viewer import Viewer

RenewViewer = Callable[[Viewer], Awaitable[Viewer]]
"""The same viewer as they stand now: their roles, tier and preferences may have changed since they came in."""


class Asker(Protocol):
    """Whose operations these are."""

    viewer: Viewer
    """Who asks, as of now."""

    def spawn(self, work: Coroutine[Any, Any, None], name: str) -> asyncio.Task[None]:
        """Run a task that ends with the asker."""

    async def do(self, actions: list[Action]) -> None:
        """Do what the transport says."""


@dataclass(slots=True)
class _Run:
    task: asyncio.Task[None]
    kind: str = "unknown"
    started: bool = False


class Running:
    """At most `limits.max_running` at a time; the others wait their turn."""

    def __init__(
        self,
        asker: Asker,
        transport: Transport,
        *,
        executor: Executor,
        limits: Limits,
        caller: Caller,
        renew: RenewViewer | None,
    ) -> None:
        self._asker = asker
        self._transport = transport
        self._executor = executor
        self._limits = limits
        self._caller = caller
        self._renew = renew
        self._places = asyncio.Semaphore(limits.max_running)
        self._progress = asyncio.Event()
        self._runs: dict[Operation, _Run] = {}

    @property
    def tasks(self) -> set[asyncio.Task[None]]:
        """All that run."""
        return {run.task for run in self._runs.values()}

    @property
    def finite(self) -> list[asyncio.Task[None]]:
        """Those that end by themselves."""
        return [run.task for run in self._runs.values() if run.kind != "subscription"]

    async def room(self) -> None:
        """Wait until it makes sense to hear of another: finite operations fill their share, and end without help."""
        while self._is_busy():
            self._progress.clear()
            await self._progress.wait()

    def start(self, operation: Operation, message: Subscribe) -> None:
        """Run it."""
        task = self._asker.spawn(self._run(operation, message), "socket operation")
        self._runs[operation] = _Run(task)
        # Not in the task's own `finally`: one that is cancelled before its first step never gets there.
        task.add_done_callback(lambda _: self._ran(operation))

    def stop(self, operation: Operation) -> None:
        """End it; a mutation that has begun goes on, and only its answer is lost."""
        run = self._runs.get(operation)
        if run is not None and not (run.kind == "mutation" and run.started):
            run.task.cancel()

    def forget(self, id: str) -> None:
        """End what still says its last word under this id."""
        for operation, run in self._runs.items():
            if operation.id == id:
                run.task.cancel()

    def _is_busy(self) -> bool:
        finite = len(self.finite)
        open_ = len(self._transport.operations)
        return finite >= 2 * self._limits.max_running or (finite > 0 and open_ >= self._limits.max_operations)

    def _ran(self, operation: Operation) -> None:
        self._runs.pop(operation, None)
        self._progress.set()

    async def _run(self, operation: Operation, message: Subscribe) -> None:
        begin_trace()
        run, do, transport = self._runs[operation], self._asker.do, self._transport
        try:
            request = Request(message.query, message.variables, message.operation_name, message.extensions)
            async with self._places:
                viewer = self._asker.viewer
                if self._renew is not None and viewer.signed_in:
                    viewer = await self._renew(viewer)
                self._executor.admit([request], viewer, caller=self._caller)
                kind = self._executor.operation_kind(request)
                if isinstance(kind, str):
                    run.kind = kind
                self._progress.set()
                # What is refused is run like a query: that says the same, and counts as asked.
                if kind != "subscription":
                    run.started = True
                    await self._answer(operation, await self._executor.execute(request, viewer, caller=self._caller))
                    return
                stream = await self._executor.subscribe(request, viewer, caller=self._caller)
                if isinstance(stream, dict):
                    await self._answer(operation, stream)
                    return
            async with aclosing(stream):
                async for result in packed(stream):
                    await do(transport.next(operation, result))
            await do(transport.complete(operation))
        except Exception as error:  # noqa: BLE001 - the socket's door: shown_errors logs what is a bug
            await do(transport.error(operation, shown_errors(error)))

    async def _answer(self, operation: Operation, response: dict[str, Any]) -> None:
        # A response without data never began to execute (GraphQL, section 7.1): the protocol calls that an error.
        if "data" not in response and response.get("errors"):
            await self._asker.do(self._transport.error(operation, response["errors"]))
            return
        await self._asker.do(self._transport.next(operation, response))
        await self._asker.do(self._transport.complete(operation))
