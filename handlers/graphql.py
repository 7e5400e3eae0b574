"""POST and GET /graphql by the GraphQL-over-HTTP specification; a page to try it for browsers.

Owns media types, status codes and the shape of a request. Refuses to know what is asked. Nothing here needs a
cookie, and POST takes JSON alone, which no foreign page can send without the browser asking us first.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine
from pathlib import Path
from typing import Any, TypeVar, cast

import orjson
from tornado.web import HTTPError, stream_request_body

from graph.context import Caller
from graph.execute import Executor, Request
from graph.incremental import IncrementalResponse, PartFormat
from handlers.accept import negotiate
from handlers.compressed import finish_compressed
from handlers.event_stream import EVENTS, EventStream
from handlers.graphql_intake import Intake, open_intake
from handlers.graphql_request import json_argument, read_request
from handlers.incremental import single, wanted_parts, write_parts
from handlers.pages import GRAPHIQL_POLICY
from handlers.streamed_body import StreamedBody
from realtime.player.crowd import Crowd
from realtime.sockets import OpenSockets
from services.errors import Invalid, TooLarge, TuttiError, Unauthenticated
from services.viewer import NOBODY, Role, Viewer

RESPONSE = "application/graphql-response+json"
JSON = "application/json"
PAGE = "text/html"
COST_HEADER = "GraphQL-Cost"
"""Any value of it asks for `extensions.cost` in the answer."""
UNKNOWN_HASH = ("PERSISTED_QUERY_NOT_FOUND", "PERSISTED_QUERY_NOT_SUPPORTED")
"""Refusals that Apollo's clients take as a part of the conversation, with 200: they send the text next."""
PAGE_FILE = Path(__file__).parent.parent / "web" / "graphiql.html"
Answer = TypeVar("Answer")


@stream_request_body
class GraphqlHandler(StreamedBody):
    """The GraphQL door. Composed with `executor` and the register of `sockets` beside house and manners."""

    access = Role.ANYONE
    scope = None
    cors_methods = "GET, HEAD, POST, OPTIONS"

    executor: Executor
    sockets: OpenSockets = OpenSockets()
    crowd: Crowd | None = None
    media_type: str | None = JSON
    _parts: PartFormat | None = None
    _only_parts = False
    _running: asyncio.Task[Any] | None = None
    intake: Intake | None = None
    _refused: Unauthenticated | None = None
    _gone = False

    async def prepare(self) -> None:
        """Refuse what can be refused before the body comes."""
        try:
            await self._enter()
            if self.request.method == "POST":
                self._open_intake()
        except (TuttiError, HTTPError) as refusal:
            self.refuse(refusal)

    def _open_intake(self) -> None:
        try:
            intake = open_intake(
                self.request.headers, self.current_viewer, self.house.uploads, self.manners.max_json_bytes
            )
            if (self.body_length or 0) > intake.limit_bytes:
                raise TooLarge(f"A request may have {intake.limit_bytes} bytes.")
        except (Unauthenticated, TooLarge) as refusal:
            # With a good token it might have passed: the token is what is wrong.
            raise self._refused or refusal from None
        except HTTPError:
            # Too much is too much, whatever it is.
            if (self.body_length or 0) > self.manners.max_json_bytes:
                raise TooLarge(f"A request may have {self.manners.max_json_bytes} bytes.") from None
            raise
        self.expect_body(intake.limit_bytes)
        self.intake = intake

    async def data_received(self, chunk: bytes) -> None:
        """The next piece of the body; a refused one is passed over."""
        if self.intake is not None and self.refused is None:
            await self.intake.take(chunk)

    async def _enter(self) -> None:
        """Settle the answer's media type first, so that every refusal is written in it too."""
        reading = self.request.method in ("GET", "HEAD")
        offered = (RESPONSE, JSON, PAGE, EVENTS) if reading else (RESPONSE, JSON, EVENTS)
        chosen = negotiate(self.request.headers.get("Accept"), offered, usual=JSON)
        self.media_type = chosen or JSON
        if self.request.method != "HEAD":
            self._parts = wanted_parts(self.request.headers.get("Accept"))
        self._only_parts = self._parts is not None and chosen is None
        self.add_header("Vary", "Accept")
        await super().prepare()
        if chosen is None and not self._only_parts and self.request.method != "OPTIONS":
            raise HTTPError(406)

    async def viewer(self) -> Viewer:
        """As every door's; the page itself is for everybody.

        Who posts a refused token may still ask for a new one: that is known once the body has been read.
        """
        if self.media_type == PAGE:
            return NOBODY
        try:
            return await super().viewer()
        except Unauthenticated as refusal:
            if self.request.method != "POST":
                raise
            self._refused = refusal
            return NOBODY

    async def get(self) -> None:
        """Run the query in the address; a mutation is 405 here. Browsers get the page."""
        if self.refused is not None:
            raise self.refused
        if self.media_type == PAGE:
            await self._write_page()
            return
        request = self._request(
            {
                "query": self.get_query_argument("query", None),
                "operationName": self.get_query_argument("operationName", None),
                "variables": json_argument(self.get_query_argument("variables", None), "variables"),
                "extensions": json_argument(self.get_query_argument("extensions", None), "extensions"),
            }
        )
        self.executor.admit([request], self.current_viewer, caller=self._caller)
        if self.executor.operation_kind(request) == "mutation":
            self.allowed = "POST"
            raise HTTPError(405)
        await self._run(request, is_query=True)

    async def head(self) -> None:
        """As GET, without the body."""
        await self.get()

    async def post(self) -> None:
        """Run the request in the body."""
        if self.refused is not None or self.intake is None:
            raise self.refused or HTTPError(415)
        try:
            await self._take(await self.intake.finish())
        finally:
            await self.intake.close()

    async def _take(self, found: Any) -> None:
        """Run what a body holds: one request, or an array of them."""
        if isinstance(found, list):
            await self._run_batch([self._request(each) for each in self._bounded(found)])
            return
        request = self._request(found)
        self.executor.admit([request], self.current_viewer, caller=self._caller)
        if self._refused is not None and not self.executor.takes_stale_token(request):
            raise self._refused
        await self._run(request, is_query=self.executor.operation_kind(request) == "query")

    async def _run(self, request: Request, *, is_query: bool) -> None:
        """Run one request. A query that nobody waits for is given up; what else there is runs to its end."""
        if self.media_type == EVENTS:
            await self._answer_in_events(request, stoppable=is_query)
            return
        answer: dict[str, Any] | IncrementalResponse | None
        if self._parts is None:
            work = self.executor.execute(request, self.current_viewer, caller=self._caller)
            answer = await (self._unless_left(work) if is_query else work)
        else:
            parts = self.executor.execute_incrementally(request, self.current_viewer, self._parts, caller=self._caller)
            answer = await (self._unless_left(parts) if is_query else parts)
        if isinstance(answer, IncrementalResponse):
            await self._answer_in_parts(answer)
        elif answer is not None:
            await self._answer(answer, is_query=is_query)

    async def _answer_in_events(self, request: Request, *, stoppable: bool) -> None:
        """One answer in events; a subscription's as long as it runs. What is refused is told in events too, because
        a browser's EventSource reads nothing else."""
        results: AsyncIterator[dict[str, Any]]
        crowd = None
        if self.executor.operation_kind(request) == "subscription":
            crowd = self.crowd
            found = await self.executor.subscribe(request, self.current_viewer, caller=self._caller)
            results = single(found) if isinstance(found, dict) else found
        else:
            work = self.executor.execute(request, self.current_viewer, caller=self._caller)
            answer = await (self._unless_left(work) if stoppable else work)
            if answer is None:
                return
            results = single(answer)
        if self._gone:
            await results.aclose()  # type: ignore[attr-defined]
            return
        try:
            stream = EventStream(self, self.current_viewer, clock=self.house.clock, sockets=self.sockets, crowd=crowd)
        except TuttiError:
            await results.aclose()  # type: ignore[attr-defined]
            raise
        try:
            await self._unless_left(stream.send(results))
        finally:
            await stream.leave(results)

    async def _run_batch(self, requests: list[Request]) -> None:
        if self.media_type == EVENTS:
            raise Invalid("A batch is not answered in events.", code="BATCH_TOO_LARGE")
        self.executor.admit(requests, self.current_viewer, caller=self._caller)
        if self._refused is not None and not all(self.executor.takes_stale_token(each) for each in requests):
            raise self._refused
        work = self.executor.execute_batch(requests, self.current_viewer, caller=self._caller)
        only_queries = all(self.executor.operation_kind(each) == "query" for each in requests)
        answers = await (self._unless_left(work) if only_queries else work)
        if answers is not None:
            await self._write(answers, 200, is_query=only_queries)

    async def _unless_left(self, work: Coroutine[Any, Any, Answer]) -> Answer | None:
        """What the work gives; None when the caller left, which ends it: a query nobody waits for is given up."""
        self._running = asyncio.create_task(work, name="graphql query")
        if self._gone:
            self._running.cancel()
        try:
            return cast(Answer, await self._running)
        except asyncio.CancelledError:
            if not self._gone:
                raise
            return None

    @property
    def _caller(self) -> Caller:
        return Caller(self.request.remote_ip or "", self.request.headers.get("User-Agent", "")[:256])

    def on_connection_close(self) -> None:
        """The caller left."""
        self._gone = True
        if self.intake is not None:
            self.house.uploads.staging.later(self.intake.close())
        if self._running is not None:
            self._running.cancel()
        super().on_connection_close()

    async def _answer(self, response: dict[str, Any], *, is_query: bool) -> None:
        if self._only_parts and self._parts is not None and "data" in response:
            await write_parts(self, single({**response, "hasNext": False}), self._parts)
            return
        # Without `data` the request was refused before any field was asked: 400, save for the older media type.
        refused = "data" not in response and self.media_type == RESPONSE
        if refused and response["errors"][0]["extensions"].get("code") in UNKNOWN_HASH:
            refused = False
        await self._write(response, 400 if refused else 200, is_query=is_query)

    async def _answer_in_parts(self, parts: IncrementalResponse) -> None:
        assert self._parts is not None
        try:
            await self._unless_left(write_parts(self, parts, self._parts))
        finally:
            await parts.aclose()

    async def _write(self, answer: Any, status: int, *, is_query: bool) -> None:
        self.set_status(status)
        self.set_header("Content-Type", f"{self.media_type}; charset=utf-8")
        self.set_header("Cache-Control", "no-store")
        if is_query:
            await finish_compressed(self, orjson.dumps(answer))
        else:
            # Tokens come from mutations: the length of such an answer is to tell nothing of what is in it.
            self.finish(orjson.dumps(answer))

    def _bounded(self, found: list[Any]) -> list[Any]:
        most = self.executor.limits.batch
        if not 0 < len(found) <= most:
            raise Invalid(f"A batch has 1 to {most} requests.", code="BATCH_TOO_LARGE")
        return found

    def _request(self, found: Any) -> Request:
        return read_request(found, tells_cost=bool(self.request.headers.get(COST_HEADER)))

    async def _write_page(self) -> None:
        self.set_header("Content-Type", "text/html; charset=utf-8")
        self.set_header("Content-Security-Policy", GRAPHIQL_POLICY)
        self.set_header("Cache-Control", "no-cache")
        self.finish(await asyncio.to_thread(PAGE_FILE.read_bytes))

    def write_refusal(self, shown: dict[str, Any]) -> None:
        """Errors in GraphQL's own shape, with this answer's media type."""
        # Set here and not before, because Tornado clears all headers on its way to an error.
        self.add_header("Vary", "Accept")
        if self.get_status() == 415:
            self.set_header("Accept-Post", JSON)
        message = shown.pop("message")
        media_type = RESPONSE if self.media_type == RESPONSE else JSON
        self.set_header("Content-Type", f"{media_type}; charset=utf-8")
        self.finish(orjson.dumps({"errors": [{"message": message, "extensions": shown}]}))

    def compute_etag(self) -> None:
        """Answers are not kept by anybody, so there is nothing to compare."""
        return
