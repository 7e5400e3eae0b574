"""Runs GraphQL requests: from the text to a response, whatever door they came through.

Owns the way of a request: its document, its price, its caller's allowance, the time-out. Refuses to know HTTP,
sockets and any noun: the doors hand in a `Request` and a viewer, the schema brings its resolvers.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from typing import Any, cast

from graphql import (
    ExecutionResult,
    ExperimentalIncrementalExecutionResults,
    FieldNode,
    GraphQLSchema,
    create_source_event_stream,
    get_operation_ast,
)

from graph.answering import Answering
from graph.bind import stale_token_fields
from graph.context import Caller, Context
from graph.documents import Documents
from graph.events import ResponseStream, Sharing
from graph.incremental import IncrementalResponse, PartFormat
from graph.known_prices import price_of_request
from graph.limits import Limits
from graph.persisted import Persisted
from graph.plan_memory import Plans
from graph.prepared import Prepared, cost_of, is_subscription, refused_cost, runs, shape_of, unnamed
from graph.present import present, refusal, response_of
from graph.request import Request as Request
from graph.request import Response
from graph.shared_answers import SharedAnswers
from services.errors import Invalid, TuttiError, Unavailable
from services.rates import CostRates
from services.viewer import Viewer

MakeContext = Callable[[Viewer, Caller], Context]
HearTook = Callable[[str, float], None]
"""Told the shape of each request that took long, and how many milliseconds that was."""
SLOW_S = 0.1
NO_CALLER = Caller()
BATCH_SIDE_BY_SIDE = 4
"""How many queries of one batch run at the same time."""


class Executor:
    """The one place where requests run. Safe to share between all doors of a process."""

    def __init__(
        self,
        schema: GraphQLSchema,
        make_context: MakeContext,
        *,
        limits: Limits | None = None,
        timeout_seconds: float = 15.0,
        introspection: bool = True,
        documents_limit: int = 1000,
        documents_characters: int = 500_000,
        persisted: Persisted | None = None,
        rates: CostRates | None = None,
        report_cost: bool = False,
        compile_after: int | None = None,
        renew: Callable[[Viewer], Awaitable[Viewer]] | None = None,
        hear: HearTook | None = None,
    ) -> None:
        self.schema = schema
        self.limits = limits or Limits()
        self.documents = Documents(
            schema,
            self.limits,
            introspection=introspection,
            count_limit=documents_limit,
            characters_limit=documents_characters,
        )
        self._make_context = make_context
        self._renew = renew
        self._hear = hear
        self._timeout_seconds = timeout_seconds
        self.plans = Plans(schema, after=compile_after)
        self._answering = Answering(schema, self.plans, hide_suggestions=not introspection)
        self._persisted = Persisted() if persisted is None else persisted
        self._rates = rates
        self._report_cost = report_cost
        self._stale_token_fields = stale_token_fields(schema)
        self.shared_answers = SharedAnswers()
        self._prepared: tuple[Request, Prepared | Response] | None = None

    def operation_kind(self, request: Request) -> str | Response:
        """`query`, `mutation` or `subscription`; or the response that says why the request is none of them."""
        prepared = self.prepare(request)
        return prepared if isinstance(prepared, dict) else prepared.operation.operation.value

    def admit(self, requests: Sequence[Request], viewer: Viewer, *, caller: Caller = NO_CALLER) -> None:
        """TooMany for a caller who has too little left to have these even read; doors ask first. Takes nothing."""
        if self._rates is not None:
            unread = [each for each in requests if each.query and not self.documents.is_read(each.query)]
            self._rates.require(viewer, caller.address, sum(map(refused_cost, unread)))

    def takes_stale_token(self, request: Request) -> bool:
        """Whether every root field of the request is one that gets its caller a new token."""
        prepared = self.prepare(request)
        if isinstance(prepared, dict):
            return False
        roots = prepared.operation.selection_set.selections
        return all(isinstance(root, FieldNode) and root.name.value in self._stale_token_fields for root in roots)

    async def execute(self, request: Request, viewer: Viewer, *, caller: Caller = NO_CALLER) -> Response:
        """The response to a query or mutation; without `data` when it was refused before any field was asked.

        After the time-out what still runs is cancelled, and the response says TIMED_OUT. TooMany when the caller has
        used up what they may ask for. `@defer` and `@stream` are answered in place.
        """
        prepared, self._prepared = self.prepare(request), None
        left = self.charge(cost_of(prepared, request), viewer, caller)
        return await self._answer(request, prepared, viewer, caller, left)

    async def execute_incrementally(
        self, request: Request, viewer: Viewer, format: PartFormat, *, caller: Caller = NO_CALLER
    ) -> Response | IncrementalResponse:
        """As `execute`, for a caller who takes the answer in parts: those, where the request asks for some later."""
        prepared = self.prepare(request)
        left = self.charge(cost_of(prepared, request), viewer, caller)
        if isinstance(prepared, dict) or not prepared.incremental or is_subscription(prepared):
            return await self._answer(request, prepared, viewer, caller, left)
        context = self._make_context(viewer, caller)
        deadline = asyncio.get_running_loop().time() + self._timeout_seconds
        goes_on = False
        try:
            async with asyncio.timeout_at(deadline):
                result = await self._answering.answer_in_parts(request, prepared, context)
            if isinstance(result, ExperimentalIncrementalExecutionResults):
                goes_on = True
                extensions = self._extensions(request, prepared, left, context)
                return IncrementalResponse(result, context, deadline, format, extensions)
        except TimeoutError:
            return _timed_out()
        finally:
            if not goes_on:
                await context.loaders.close()
        return self._finished(request, prepared, result, left, context)

    async def execute_batch(
        self, requests: Sequence[Request], viewer: Viewer, *, caller: Caller = NO_CALLER
    ) -> list[Response]:
        """The responses to several requests, in order, as if they had been run one after the other.

        Queries between two mutations run side by side, a few at a time. Invalid (BATCH_TOO_LARGE, TOO_COSTLY) for too
        many, or for more cost together than one request may have; TooMany as `execute`.
        """
        if not 0 < len(requests) <= self.limits.batch:
            most = self.limits.batch
            raise Invalid(f"A batch has 1 to {most} requests.", code="BATCH_TOO_LARGE")
        prepared = [self.prepare(request) for request in requests]
        cost = sum(cost_of(each, request) for each, request in zip(prepared, requests, strict=True))
        if cost > self.limits.cost:
            raise Invalid(f"These requests may cost more than {self.limits.cost} fields together.", code="TOO_COSTLY")
        left = self.charge(cost, viewer, caller)
        places = asyncio.Semaphore(BATCH_SIDE_BY_SIDE)

        async def answer(place: int) -> Response:
            async with places:
                return await self._answer(requests[place], prepared[place], viewer, caller, left)

        answers: list[Response] = []
        for run in runs(prepared):
            async with asyncio.TaskGroup() as group:
                tasks = [group.create_task(answer(place), name="graphql batch") for place in run]
            answers += [task.result() for task in tasks]
        return answers

    async def subscribe(
        self, request: Request, viewer: Viewer, *, caller: Caller = NO_CALLER
    ) -> ResponseStream | Response:
        """The stream of a subscription's responses, to be closed with `aclose`; or the response that refuses it."""
        prepared = self.prepare(request)
        self.charge(cost_of(prepared, request), viewer, caller)
        if isinstance(prepared, dict):
            return prepared
        if not is_subscription(prepared):
            return refusal(Invalid("This is not a subscription.", code="NOT_A_SUBSCRIPTION"))
        context = self._make_context(viewer, caller)
        executor = self._answering.executor_for_events(request, prepared, context)
        if isinstance(executor, list):
            return {"errors": present(executor)}
        try:
            async with asyncio.timeout(self._timeout_seconds):
                source = create_source_event_stream(executor)
                if isinstance(source, Coroutine):
                    source = await source
        except TimeoutError:
            return refusal(Unavailable("This request took too long.", code="TIMED_OUT"))
        finally:
            await context.loaders.close()
        if isinstance(source, ExecutionResult):
            return {"errors": present(source.errors or [])}

        async def renew() -> Viewer:
            return await self._renew(viewer) if self._renew is not None and viewer.signed_in else viewer

        sharing = Sharing.of(self.schema, prepared, request, self.shared_answers)
        answer = self._answering.answers_to_events(request, prepared, executor)
        events = aiter(cast(Any, source))
        return ResponseStream(
            answer, events, renew, lambda renewed: self._make_context(renewed, caller), self._timeout_seconds, sharing
        )

    def prepare(self, request: Request) -> Prepared | Response:
        """What of the request can be known before it runs; or the response that refuses it."""
        if self._prepared is not None and self._prepared[0] is request:
            # Doors ask about a request before they have it run.
            return self._prepared[1]
        prepared = self._read(request)
        self._prepared = request, prepared
        return prepared

    def _read(self, request: Request) -> Prepared | Response:
        try:
            text = self._persisted.text_of(request)
            document = self.documents.read(text)
            if document.parsed is None:
                return cast(Response, document.refused)
            self._persisted.keep(request, text)
            operation = get_operation_ast(document.parsed, request.operation_name)
            if operation is None:
                raise unnamed(document.parsed, request.operation_name)
            cost = price_of_request(self.schema, document, operation, request.variables or {}, self.limits)
        except TuttiError as error:
            return refusal(error)
        return Prepared(document.parsed, operation, cost, document.incremental, document.key, document.plans)

    def charge(self, cost: int, viewer: Viewer, caller: Caller) -> int | None:
        """Take a price out of the caller's bucket: what is left of it, None without one. TooMany without enough."""
        return None if self._rates is None else self._rates.spend(viewer, caller.address, cost)

    async def _answer(
        self, request: Request, prepared: Prepared | Response, viewer: Viewer, caller: Caller, left: int | None
    ) -> Response:
        if isinstance(prepared, dict):
            return prepared
        if is_subscription(prepared):
            return refusal(Invalid("Subscriptions go over a WebSocket.", code="SUBSCRIPTION_UNSUPPORTED"))
        context, began = self._make_context(viewer, caller), asyncio.get_running_loop().time()
        try:
            async with asyncio.timeout(self._timeout_seconds):
                result = await self._answering.answer(request, prepared, context)
        except TimeoutError:
            return _timed_out()
        finally:
            await context.loaders.close()
            took_s = asyncio.get_running_loop().time() - began
            if self._hear is not None and took_s > SLOW_S:
                self._hear(shape_of(prepared), 1000 * took_s)
        return self._finished(request, prepared, result, left, context)

    def _finished(
        self, request: Request, prepared: Prepared, result: ExecutionResult, left: int | None, context: Context
    ) -> Response:
        response = response_of(result, may_lack_data=True)
        extensions = self._extensions(request, prepared, left, context)
        if extensions is not None:
            response["extensions"] = extensions
        return response

    def _extensions(
        self, request: Request, prepared: Prepared, left: int | None, context: Context
    ) -> dict[str, Any] | None:
        told = dict(context.told)
        if self._report_cost or request.asks_for_cost:
            cost = {"requested": prepared.cost, "limit": self.limits.cost}
            told["cost"] = cost if left is None else {**cost, "left": left}
        return told or None


def _timed_out() -> Response:
    return {"data": None, **refusal(Unavailable("This request took too long.", code="TIMED_OUT"))}
