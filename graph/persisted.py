"""Documents that clients name by the SHA-256 of their text, and the list of those that may run at all.

Owns both: automatic persisted queries (a client sends the hash alone and, when we do not know it, once more with the
text) remembered by this process alone, and the allow-list read from a file or folder. Refuses to know what the
documents mean. The names of the refusals are those that Apollo's clients wait for.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import orjson

from graph.request import Request
from services.errors import Invalid

LONGEST_HASH = 64


class BadAllowList(Invalid):
    """The allow-list cannot be read, or does not fit the schema; the sentence says why."""


def hash_of(text: str) -> str:
    """The SHA-256 of a text, in lower-case hexadecimal digits."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


class Persisted:
    """Which text a request means. With `allowed` (texts by hash) nothing else runs and nothing is remembered.

    At most `count_limit` texts of `characters_limit` characters together are remembered, the one unused for longest
    is forgotten first; a `count_limit` of 0 switches remembering off.
    """

    def __init__(
        self,
        *,
        count_limit: int = 1000,
        characters_limit: int = 2_000_000,
        allowed: Mapping[str, str] | None = None,
    ) -> None:
        self._count_limit = count_limit
        self._characters_limit = characters_limit
        self._allowed = allowed
        self._texts: OrderedDict[str, str] = OrderedDict()
        self._characters = 0

    def __len__(self) -> int:
        return len(self._texts)

    def text_of(self, request: Request) -> str:
        """The text to run. Invalid with Apollo's code when a hash is unknown or belongs to another text, and with
        DOCUMENT_NOT_ALLOWED for what the allow-list lacks."""
        asked = request.persisted
        if asked is None:
            return self._let_in(request.query)
        if asked.get("version") != 1 or (self._count_limit == 0 and self._allowed is None):
            raise Invalid("PersistedQueryNotSupported", code="PERSISTED_QUERY_NOT_SUPPORTED")
        wanted = asked.get("sha256Hash")
        if not isinstance(wanted, str) or len(wanted) != LONGEST_HASH:
            raise Invalid("sha256Hash must be 64 hexadecimal digits.", field="sha256Hash")
        if request.query:
            if hash_of(request.query) != wanted.lower():
                raise Invalid("provided sha does not match query", code="PERSISTED_QUERY_HASH_MISMATCH")
            return self._let_in(request.query)
        return self._known(wanted.lower())

    def keep(self, request: Request, text: str) -> None:
        """Remember the text of a request that named its hash, once it has turned out to be a valid document."""
        if request.persisted is None or self._allowed is not None or not request.query:
            return
        key = hash_of(text)
        if key not in self._texts:
            self._characters += len(text)
        self._texts[key] = text
        self._texts.move_to_end(key)
        while len(self._texts) > self._count_limit or self._characters > self._characters_limit:
            _, forgotten = self._texts.popitem(last=False)
            self._characters -= len(forgotten)

    def _let_in(self, text: str) -> str:
        if self._allowed is not None and hash_of(text.strip()) not in self._allowed:
            raise _not_allowed()
        return text

    def _known(self, key: str) -> str:
        if self._allowed is not None:
            if key not in self._allowed:
                raise _not_allowed()
            return self._allowed[key]
        text = self._texts.get(key)
        if text is None:
            raise Invalid("PersistedQueryNotFound", code="PERSISTED_QUERY_NOT_FOUND")
        self._texts.move_to_end(key)
        return text


def _not_allowed() -> Invalid:
    return Invalid("This server runs only the documents on its list.", code="DOCUMENT_NOT_ALLOWED")


def read_allow_list(place: Path) -> dict[str, str]:
    """The texts of a list by their hash. BadAllowList for one that cannot be read or is empty.

    `place` is a folder of `*.graphql` files (one document each), or a JSON file: a list of texts, an object of texts
    by hash, or a manifest as Apollo's tools write it (`{"operations": [{"id", "body"}]}`). White space around a text
    does not count.
    """
    try:
        texts = dict(_texts_in(place))
    except (OSError, UnicodeDecodeError, orjson.JSONDecodeError) as error:
        raise BadAllowList(f"{place}: {error}") from error
    if not texts:
        raise BadAllowList(f"{place}: holds no document")
    return texts


def _texts_in(place: Path) -> Iterator[tuple[str, str]]:
    if place.is_dir():
        for path in sorted(place.rglob("*.graphql")):
            text = path.read_text(encoding="utf-8").strip()
            yield hash_of(text), text
        return
    found: Any = orjson.loads(place.read_bytes())
    if isinstance(found, dict) and isinstance(found.get("operations"), list):
        found = [entry.get("body") for entry in found["operations"] if isinstance(entry, dict)]
    if not isinstance(found, dict | list):
        raise BadAllowList(f"{place}: is neither a list nor an object")
    pairs = found.items() if isinstance(found, dict) else ((None, text) for text in found)
    for named, text in pairs:
        if not isinstance(text, str):
            raise BadAllowList(f"{place}: holds something that is no text of a document")
        if named is not None and str(named).lower() not in (hash_of(text), hash_of(text.strip())):
            raise BadAllowList(f"{place}: {named} is not the SHA-256 of its document")
        yield hash_of(text), text
        yield hash_of(text.strip()), text.strip()
