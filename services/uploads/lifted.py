"""Sound written as base64 into the text of a request: taken out before that text is parsed, and found again after.

A GraphQL document is bounded far below a song's length, for parsing takes time; yet a client may write the argument
right into it. Owns the exchange for one request. Refuses to know whether the text is base64.
"""

from __future__ import annotations

import re
from contextvars import ContextVar
from typing import Any

LONG = 4_096
_OPENING = re.compile(r'audioFile\s*:\s*"(?!")')
_MARK = "lifted:"
_texts: ContextVar[tuple[str, ...]] = ContextVar("lifted_texts", default=())


def lift(found: Any) -> Any:
    """A request's JSON (or a list of them) with every long `audioFile: "…"` replaced by a short mark."""
    texts: list[str] = []
    for request in found if isinstance(found, list) else [found]:
        query = request.get("query") if isinstance(request, dict) else None
        if isinstance(query, str) and len(query) > LONG:
            request["query"] = _lift(query, texts)
    _texts.set(tuple(texts))
    return found


def lowered(text: str) -> str:
    """The text that a mark stands for in this request; any other text as it is."""
    number = text.removeprefix(_MARK) if len(text) < 20 and text.startswith(_MARK) else ""
    texts = _texts.get()
    return texts[int(number)] if number.isascii() and number.isdecimal() and int(number) < len(texts) else text


def _lift(query: str, texts: list[str]) -> str:
    pieces: list[str] = []
    at = 0
    while (opening := _OPENING.search(query, at)) is not None:
        end = query.find('"', opening.end())
        if end < 0:
            break
        text = query[opening.end() : end]
        if len(text) > LONG and "\\" not in text:
            pieces += [query[at : opening.end()], f"{_MARK}{len(texts)}"]
            texts.append(text)
        else:
            pieces.append(query[at:end])
        at = end
    return "".join([*pieces, query[at:]])
