"""Documents, parsed and validated once: a bounded memory by the hash of their text.

Owns reading a text and what is remembered of it. Refuses to know requests, viewers and what a document would cost.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    NoSchemaIntrospectionCustomRule,
    parse,
    specified_rules,
    validate,
)

from graph.limits import Limits, check_shape
from graph.present import present, refusal
from graph.request import Response
from services.errors import Invalid, TooLarge

SHOWN_FAULTS = 20


@dataclass(frozen=True, slots=True)
class Document:
    """A text that was parsed and validated: the document, or the response that refuses it.

    `incremental` when it says `@defer` or `@stream` somewhere.
    """

    characters: int
    parsed: DocumentNode | None
    refused: Response | None = None
    incremental: bool = False
    key: bytes = b""
    """The SHA-256 of the text, by which no other document goes."""
    prices: dict[Hashable, int] = field(default_factory=dict)
    """What its operations turned out to cost, by what of the variables counts; at most `PRICES_KEPT`."""
    plans: dict[str | None, Any] = field(default_factory=dict)
    """What `graph/plan_memory.py` remembers of its operations, by their names."""


class Documents:
    """Reads documents. At most `count_limit` of them, of `characters_limit` characters together, are remembered."""

    def __init__(
        self,
        schema: GraphQLSchema,
        limits: Limits,
        *,
        introspection: bool = True,
        count_limit: int = 1000,
        characters_limit: int = 500_000,
    ) -> None:
        self._schema = schema
        self._limits = limits
        self._hide_suggestions = not introspection
        self._rules = specified_rules if introspection else (*specified_rules, NoSchemaIntrospectionCustomRule)
        self._count_limit = count_limit
        # A parsed document takes about a hundred times its text, so their number alone would bound nothing.
        self._characters_limit = characters_limit
        self._remembered_characters = 0
        self._known: OrderedDict[bytes, Document] = OrderedDict()

    def read(self, text: str) -> Document:
        """The document of a text, or its refusal. TooLarge for one that is too long to be looked at."""
        if len(text) > self._limits.characters:
            raise TooLarge(f"A document may have {self._limits.characters} characters.", field="query")
        key = _key(text)
        known = self._known.get(key)
        if known is not None:
            self._known.move_to_end(key)
            return known
        fresh = self._known[key] = self._read(text, key)
        self._remembered_characters += fresh.characters
        while len(self._known) > self._count_limit or self._remembered_characters > self._characters_limit:
            _, forgotten = self._known.popitem(last=False)
            self._remembered_characters -= forgotten.characters
        return fresh

    def is_read(self, text: str) -> bool:
        """Whether `read` would answer at once: the text is remembered, or too long to be looked at."""
        return len(text) > self._limits.characters or _key(text) in self._known

    def _read(self, text: str, key: bytes) -> Document:
        size, tokens = len(text), self._limits.tokens
        try:
            parsed = parse(text, max_lexical_tokens=tokens, max_comments=tokens)
        except GraphQLError as error:
            code = "TOO_MANY_TOKENS" if "Parsing aborted" in error.message else "GRAPHQL_SYNTAX"
            return Document(size, None, {"errors": present([error], code)})
        try:
            shape = check_shape(parsed, self._limits)
        except Invalid as error:
            return Document(size, None, refusal(error))
        errors = validate(
            self._schema, parsed, self._rules, max_errors=SHOWN_FAULTS, hide_suggestions=self._hide_suggestions
        )
        if errors:
            return Document(size, None, {"errors": present(errors)})
        return Document(size, parsed, incremental=shape.incremental, key=key)


def _key(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
