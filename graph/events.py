"""A subscription's responses: one for each event of its source. Refuses to know what the events are."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import orjson
from graphql import DocumentNode, GraphQLSchema

from graph.answering import AnswerEvent
from graph.context import Context
from graph.impersonal import OpenTo, crowd_of, shares
from graph.prepared import Prepared
from graph.present import refusal, response_of
from graph.request import Request, Response
from graph.shared_answers import Answer, SharedAnswers
from services.errors import Unavailable
from services.viewer import Viewer


@dataclass(frozen=True, slots=True)
class Sharing:
    """How the answers of one subscription are shared: with whom, where, and as which document with which variables."""

    open_to: OpenTo
    answers: SharedAnswers
    document: DocumentNode
    words: bytes

    @classmethod
    def of(cls, schema: GraphQLSchema, prepared: Prepared, request: Request, answers: SharedAnswers) -> Sharing | None:
        """None where something asked for is the asker's own, and for variables that cannot be told apart as JSON."""
        open_to = shares(schema, prepared.document, prepared.operation)
        if open_to is None:
            return None
        try:
            words = orjson.dumps([request.operation_name, request.variables or {}], option=orjson.OPT_SORT_KEYS)
        except TypeError:
            return None
        return cls(open_to, answers, prepared.document, words)


class ResponseStream:
    """A subscription's responses, one for each event, each run in a fresh context so that nothing stale is shown.

    With `sharing`, an event that many hear at once is answered once for all who may be answered alike.
    """

    def __init__(
        self,
        answer: AnswerEvent,
        source: AsyncIterator[Any],
        renew: Callable[[], Awaitable[Viewer]],
        make_context: Callable[[Viewer], Context],
        timeout_seconds: float,
        sharing: Sharing | None = None,
    ) -> None:
        self._answer = answer
        self._source = source
        self._renew = renew
        self._make_context = make_context
        self._timeout_seconds = timeout_seconds
        self._sharing = sharing

    def __aiter__(self) -> ResponseStream:
        return self

    async def __anext__(self) -> Response:
        """The response to the next event; StopAsyncIteration when the source has ended."""
        return (await self.next_answer()).response

    async def next_answer(self) -> Answer:
        """As `anext`, with the response's JSON, which those who share it share too."""
        event = await anext(self._source)
        # Who they are may have changed since they began to listen: what they may see, and their filter.
        viewer, sharing = await self._renew(), self._sharing
        crowd = None if sharing is None else crowd_of(viewer)
        if sharing is None or crowd is None or not sharing.open_to(crowd, event):
            return Answer(await self._respond(event, viewer))
        key = (id(event), id(sharing.document), sharing.words, crowd)
        holds = (event, sharing.document)
        return await sharing.answers.answer(key, holds, lambda: self._respond(event, crowd))

    async def _respond(self, event: Any, viewer: Viewer) -> Response:
        context = self._make_context(viewer)
        try:
            async with asyncio.timeout(self._timeout_seconds):
                result = await self._answer(event, context)
        except TimeoutError:
            return {"data": None, **refusal(Unavailable("This event took too long.", code="TIMED_OUT"))}
        finally:
            await context.loaders.close()
        return response_of(result, may_lack_data=False)

    async def aclose(self) -> None:
        """Stop listening to the source."""
        close = getattr(self._source, "aclose", None)
        if close is not None:
            await close()


class PackedStream:
    """The same responses as JSON that is written already, for doors that only put it into frames."""

    def __init__(self, stream: ResponseStream) -> None:
        self._stream = stream

    def __aiter__(self) -> PackedStream:
        return self

    async def __anext__(self) -> orjson.Fragment:
        """The JSON of the next response."""
        return (await self._stream.next_answer()).json

    async def aclose(self) -> None:
        """Stop listening to the source."""
        await self._stream.aclose()


def packed(stream: AsyncIterator[Any]) -> AsyncIterator[Any]:
    """A stream of responses for a door that writes JSON: as JSON where somebody else may have written it already."""
    return PackedStream(stream) if isinstance(stream, ResponseStream) else stream
