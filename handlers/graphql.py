"""POST and GET /graphql by the GraphQL-over-HTTP specification; a page to try it for browsers.

Owns media types, status codes and the shape of a request. Refuses to know what is asked. Nothing here needs a
cookie, and POST takes JSON alone, which no foreign page can send without the browser asking us first.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import orjson
from tornado.web import HTTPError, stream_request_body

from graph.context import Caller
from graph.execute import Executor, Request
from handlers.accept import negotiate
from handlers.graphql_intake import Intake, open_intake
from handlers.streamed_body import StreamedBody
from services.errors import Invalid, TooLarge, TuttiError, Unauthenticated
from services.viewer import NOBODY, Role, Viewer

RESPONSE = "application/graphql-response+json"
JSON = "application/json"
PAGE = "text/html"
PAGE_FILE = Path(__file__).parent.parent / "web" / "graphiql.html"
PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "font-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


@stream_request_body
class GraphqlHandler(StreamedBody):
    """The GraphQL door. Composed with `executor` beside house and manners."""

    access = Role.ANYONE
    cors_methods = "GET, HEAD, POST, OPTIONS"

    executor: Executor
    media_type: str | None = JSON
    allowed = "GET, HEAD, POST, OPTIONS"
    _running: asyncio.Task[dict[str, Any]] | None = None
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
        offered = (RESPONSE, JSON, PAGE) if reading else (RESPONSE, JSON)
        chosen = negotiate(self.request.headers.get("Accept"), offered, usual=JSON)
        self.media_type = chosen or JSON
        self.add_header("Vary", "Accept")
        await super().prepare()
        if chosen is None and self.request.method != "OPTIONS":
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
                "variables": self._json_argument("variables"),
                "extensions": self._json_argument("extensions"),
            }
        )
        if self.executor.operation_kind(request) == "mutation":
            self.allowed = "POST"
            raise HTTPError(405)
        await self._run(request, stoppable=True)

    async def head(self) -> None:
        """As GET, without the body."""
        await self.get()

    async def post(self) -> None:
        """Run the request in the body."""
        if self.refused is not None or self.intake is None:
            raise self.refused or HTTPError(415)
        try:
            await self._post(await self.intake.finish())
        finally:
            await self.intake.close()

    async def _post(self, found: Any) -> None:
        if not isinstance(found, dict):
            raise Invalid("The body must be one JSON object.")
        request = self._request(found)
        if self._refused is not None and not self.executor.takes_stale_token(request):
            raise self._refused
        await self._run(request, stoppable=self.executor.operation_kind(request) == "query")

    async def _run(self, request: Request, *, stoppable: bool) -> None:
        caller = Caller(self.request.remote_ip or "", self.request.headers.get("User-Agent", "")[:256])
        running = self.executor.execute(request, self.current_viewer, caller=caller)
        if not stoppable:
            self._answer(await running)
            return
        # A query nobody waits for any more is given up; a mutation runs to its end.
        self._running = asyncio.create_task(running, name="graphql query")
        if self._gone:
            self._running.cancel()
        try:
            self._answer(await self._running)
        except asyncio.CancelledError:
            if not self._gone:
                raise

    def on_connection_close(self) -> None:
        """The caller left."""
        self._gone = True
        if self.intake is not None:
            self.house.uploads.staging.later(self.intake.close())
        if self._running is not None:
            self._running.cancel()
        super().on_connection_close()

    def _answer(self, response: dict[str, Any]) -> None:
        # Without `data` the request was refused before any field was asked: 400, save for the older media type.
        self.set_status(400 if "data" not in response and self.media_type == RESPONSE else 200)
        self.set_header("Content-Type", f"{self.media_type}; charset=utf-8")
        self.set_header("Cache-Control", "no-store")
        self.finish(orjson.dumps(response))

    def _request(self, found: dict[str, Any]) -> Request:
        query, name = found.get("query"), found.get("operationName")
        if not isinstance(query, str) or not query.strip():
            raise Invalid("query must be the text of a GraphQL document.", field="query")
        if name is not None and not isinstance(name, str):
            raise Invalid("operationName must be text.", field="operationName")
        for field in ("variables", "extensions"):
            if found.get(field) is not None and not isinstance(found[field], dict):
                raise Invalid(f"{field} must be a JSON object.", field=field)
        return Request(query, found.get("variables"), name or None, found.get("extensions"))

    def _json_argument(self, name: str) -> Any:
        text = self.get_query_argument(name, None)
        if not text:
            return None
        try:
            return orjson.loads(text)
        except orjson.JSONDecodeError as error:
            raise Invalid(f"{name} is not JSON.", field=name) from error

    async def _write_page(self) -> None:
        self.set_header("Content-Type", "text/html; charset=utf-8")
        self.set_header("Content-Security-Policy", PAGE_POLICY)
        self.set_header("Cache-Control", "no-cache")
        self.finish(await asyncio.to_thread(PAGE_FILE.read_bytes))

    def write_refusal(self, shown: dict[str, Any]) -> None:
        """Errors in GraphQL's own shape, with this answer's media type."""
        # Set here and not before, because Tornado clears all headers on its way to an error.
        self.add_header("Vary", "Accept")
        if self.get_status() == 405:
            self.set_header("Allow", self.allowed)
        if self.get_status() == 415:
            self.set_header("Accept-Post", JSON)
        message = shown.pop("message")
        media_type = RESPONSE if self.media_type == RESPONSE else JSON
        self.set_header("Content-Type", f"{media_type}; charset=utf-8")
        self.finish(orjson.dumps({"errors": [{"message": message, "extensions": shown}]}))

    def compute_etag(self) -> None:
        """Answers are not kept by anybody, so there is nothing to compare."""
        return
