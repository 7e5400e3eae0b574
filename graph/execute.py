"""Runs GraphQL requests: from the text to a response, whatever door they came through.

Owns parsing, validation, their bounded cache, the limits and the time-out. Refuses to know HTTP, sockets and any noun:
the doors hand in a `Request` and a viewer, the schema brings its resolvers.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Coroutine
from dataclasses import dataclass
from typing import Any, cast

from graphql import (
    DocumentNode,
    ExecutionResult,
    FieldNode,
    GraphQLError,
    GraphQLSchema,
    NoSchemaIntrospectionCustomRule,
    OperationDefinitionNode,
    create_source_event_stream,
    execute,
    get_operation_ast,
    parse,
    specified_rules,
    validate,
)
from graphql import Executor as EventExecutor

from graph.bind import stale_token_fields
from graph.context import Caller, Context
from graph.cost import Limits, check_cost, check_shape
from graph.present import present, refusal
from services.errors import Invalid, TooLarge, TuttiError, Unavailable
from services.viewer import Viewer

Response = dict[str, Any]
MakeContext = Callable[[Viewer, Caller], Context]
NO_CALLER = Caller()


@dataclass(frozen=True, slots=True)
class Request:
    """One GraphQL request, as every transport spells it."""

    query: str
    variables: dict[str, Any] | None = None
    operation_name: str | None = None
    extensions: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class _Document:
    """A text that was parsed and validated: the document, or the response that refuses it."""

    characters: int
    parsed: DocumentNode | None
    refused: Response | None = None


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
    ) -> None:
        self.schema = schema
        self._make_context = make_context
        self._limits = limits or Limits()
        self._timeout_seconds = timeout_seconds
        self._introspection = introspection
        self._rules = specified_rules if introspection else (*specified_rules, NoSchemaIntrospectionCustomRule)
        self._documents_limit = documents_limit
        # A parsed document takes about a hundred times its text, so their number alone would bound nothing.
        self._documents_characters = documents_characters
        self._remembered_characters = 0
        self._stale_token_fields = stale_token_fields(schema)
        self._documents: OrderedDict[bytes, _Document] = OrderedDict()

    def operation_kind(self, request: Request) -> str | Response:
        """`query`, `mutation` or `subscription`; or the response that says why the request is none of them."""
        prepared = self._prepare(request)
        return prepared if isinstance(prepared, dict) else prepared[1].operation.value

    def takes_stale_token(self, request: Request) -> bool:
        """Whether every root field of the request is one that gets its caller a new token."""
        prepared = self._prepare(request)
        if isinstance(prepared, dict):
            return False
        roots = prepared[1].selection_set.selections
        return all(isinstance(root, FieldNode) and root.name.value in self._stale_token_fields for root in roots)

    async def execute(self, request: Request, viewer: Viewer, *, caller: Caller = NO_CALLER) -> Response:
        """The response to a query or mutation; without `data` when it was refused before any field was asked.

        After the time-out what still runs is cancelled, and the response says TIMED_OUT.
        """
        prepared = self._prepare(request)
        if isinstance(prepared, dict):
            return prepared
        document, operation = prepared
        if operation.operation.value == "subscription":
            return refusal(Invalid("Subscriptions go over a WebSocket.", code="SUBSCRIPTION_UNSUPPORTED"))
        context = self._make_context(viewer, caller)
        try:
            async with asyncio.timeout(self._timeout_seconds):
                result = execute(
                    self.schema,
                    document,
                    context_value=context,
                    variable_values=request.variables,
                    operation_name=request.operation_name,
                    hide_suggestions=not self._introspection,
                )
                if isinstance(result, Coroutine):
                    result = await result
        except TimeoutError:
            return {"data": None, **refusal(Unavailable("This request took too long.", code="TIMED_OUT"))}
        finally:
            await context.loaders.close()
        return _response(cast(ExecutionResult, result), may_lack_data=True)

    async def subscribe(
        self, request: Request, viewer: Viewer, *, caller: Caller = NO_CALLER
    ) -> ResponseStream | Response:
        """The stream of a subscription's responses, to be closed with `aclose`; or the response that refuses it."""
        prepared = self._prepare(request)
        if isinstance(prepared, dict):
            return prepared
        document, operation = prepared
        if operation.operation.value != "subscription":
            return refusal(Invalid("This is not a subscription.", code="NOT_A_SUBSCRIPTION"))
        context = self._make_context(viewer, caller)
        executor = EventExecutor.build(
            self.schema,
            document,
            context_value=context,
            raw_variable_values=request.variables,
            operation_name=request.operation_name,
        )
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
        remake = lambda: self._make_context(viewer, caller)  # noqa: E731
        return ResponseStream(executor, aiter(cast(Any, source)), remake, self._timeout_seconds)

    def _prepare(self, request: Request) -> tuple[DocumentNode, OperationDefinitionNode] | Response:
        try:
            document = self._document(request.query)
            if document.parsed is None:
                return cast(Response, document.refused)
            operation = get_operation_ast(document.parsed, request.operation_name)
            if operation is None:
                raise _unnamed(document.parsed, request.operation_name)
            check_cost(self.schema, document.parsed, operation, request.variables or {}, self._limits)
        except TuttiError as error:
            return refusal(error)
        return document.parsed, operation

    def _document(self, query: str) -> _Document:
        if len(query) > self._limits.characters:
            raise TooLarge(f"A document may have {self._limits.characters} characters.", field="query")
        key = hashlib.sha256(query.encode("utf-8", "surrogatepass")).digest()
        known = self._documents.get(key)
        if known is not None:
            self._documents.move_to_end(key)
            return known
        fresh = self._documents[key] = self._read(query)
        self._remembered_characters += fresh.characters
        while len(self._documents) > self._documents_limit or self._remembered_characters > self._documents_characters:
            _, forgotten = self._documents.popitem(last=False)
            self._remembered_characters -= forgotten.characters
        return fresh

    def _read(self, query: str) -> _Document:
        try:
            parsed = parse(query, max_lexical_tokens=self._limits.tokens, max_comments=self._limits.tokens)
        except GraphQLError as error:
            return _Document(len(query), None, {"errors": present([error], "GRAPHQL_SYNTAX")})
        try:
            check_shape(parsed, self._limits)
        except Invalid as error:
            return _Document(len(query), None, refusal(error))
        errors = validate(self.schema, parsed, self._rules, max_errors=20, hide_suggestions=not self._introspection)
        return _Document(len(query), None, {"errors": present(errors)}) if errors else _Document(len(query), parsed)


class ResponseStream:
    """A subscription's responses, one for each event, each run in a fresh context so that nothing stale is shown."""

    def __init__(
        self,
        executor: EventExecutor[Any],
        source: AsyncIterator[Any],
        make_context: Callable[[], Context],
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
        context = executor.context_value = self._make_context()
        try:
            async with asyncio.timeout(self._timeout_seconds):
                result = executor.execute_operation(False)
                if isinstance(result, Coroutine):
                    result = await result
        except TimeoutError:
            return {"data": None, **refusal(Unavailable("This event took too long.", code="TIMED_OUT"))}
        finally:
            await context.loaders.close()
        return _response(cast(ExecutionResult, result), may_lack_data=False)

    async def aclose(self) -> None:
        """Stop listening to the source."""
        close = getattr(self._source, "aclose", None)
        if close is not None:
            await close()


def _response(result: ExecutionResult, *, may_lack_data: bool) -> Response:
    errors = result.errors
    if not errors:
        return {"data": result.data}
    # Errors without a path come from before the first field: the variables do not fit.
    if may_lack_data and result.data is None and all(error.path is None for error in errors):
        return {"errors": present(errors)}
    return {"data": result.data, "errors": present(errors)}


def _unnamed(document: DocumentNode, name: str | None) -> Invalid:
    if name is not None:
        return Invalid("The document has no operation of that name.", field="operationName")
    many = sum(isinstance(definition, OperationDefinitionNode) for definition in document.definitions) > 1
    sentence = "Say which operation of the document to run." if many else "The document has no operation."
    return Invalid(sentence, field="operationName")
