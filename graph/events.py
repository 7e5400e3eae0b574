"""A subscription's responses: one for each event of its source. Refuses to know what the events are."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from typing import Any, cast

from graphql import ExecutionResult, Executor

from graph.context import Context
from graph.present import refusal, response_of
from graph.request import Response
from services.errors import Unavailable


class ResponseStream:
    """A subscription's responses, one for each event, each run in a fresh context so that nothing stale is shown."""

    def __init__(
        self,
        executor: Executor[Any],
        source: AsyncIterator[Any],
        make_context: Callable[[], Awaitable[Context]],
        timeout_seconds: float,
    ) -> None:
        self._executor = executor
        self._source = source
        self._make_context = make_context
        self._timeout_seconds = timeout_seconds

    def __aiter__(self) -> ResponseStream:
        return self

    async def __anext__(self) -> Response:
        """The response to the next event; StopAsyncIteration when the source has ended."""
        event = await anext(self._source)
        executor = self._executor.build_per_event_executor(event)
        context = executor.context_value = await self._make_context()
        try:
            async with asyncio.timeout(self._timeout_seconds):
                result = executor.execute_operation(False)
                if isinstance(result, Coroutine):
                    result = await result
        except TimeoutError:
            return {"data": None, **refusal(Unavailable("This event took too long.", code="TIMED_OUT"))}
        finally:
            await context.loaders.close()
        return response_of(cast(ExecutionResult, result), may_lack_data=False)

    async def aclose(self) -> None:
        """Stop listening to the source."""
        close = getattr(self._source, "aclose", None)
        if close is not None:
            await close()
