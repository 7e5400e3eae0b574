"""What a document may hold, and how two values compare: the same on every engine.

Owns the rules for documents and field paths, MongoDB's order of kinds (null, numbers, text, documents, lists,
booleans, times), and equality. Refuses to know filters, updates and engines.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Final

from storage.engine import Unsupported

MISSING: Final[Any] = object()

MAX_DEPTH: Final = 50
MAX_DOCUMENT_BYTES: Final = 16_000_000
_INT_MIN: Final = -(2**63)
_INT_MAX: Final = 2**63 - 1
# A segment of digits would be an array position in MongoDB and a key elsewhere; quotes and backslashes cannot be
# written in SQLite's JSON paths.
_SEGMENT = re.compile(r"(?!\d+\Z)[^\x00-\x1f.\"\\$][^\x00-\x1f.\"\\]*")
_NAME = re.compile(r"(?!sqlite_|tutti_)(?=.{1,60}\Z)[a-z][a-z0-9]*(_[a-z0-9]+)*")

NULL, NUMBER, TEXT, DOCUMENT, LIST, BOOLEAN, TIME = range(7)


def rank(value: Any) -> int:
    """Where a value's kind stands in MongoDB's order; a missing field counts as null."""
    if value is None or value is MISSING:
        return NULL
    if isinstance(value, bool):
        return BOOLEAN
    if isinstance(value, (int, float)):
        return NUMBER
    if isinstance(value, str):
        return TEXT
    if isinstance(value, datetime):
        return TIME
    return LIST if isinstance(value, list) else DOCUMENT


def order(value: Any) -> tuple[int, Any]:
    """A key that puts values of any kind into one order. Lists, and documents, are equal among themselves."""
    kind = rank(value)
    if kind in (NULL, DOCUMENT, LIST):
        return kind, 0
    return kind, value


def same(one: Any, other: Any) -> bool:
    """Equality as MongoDB has it: 1 is 1.0 but not true, documents are equal only with their keys in one order."""
    kind = rank(one)
    if kind != rank(other):
        return False
    if kind == LIST:
        return len(one) == len(other) and all(map(same, one, other))
    if kind == DOCUMENT:
        return list(one) == list(other) and all(map(same, one.values(), other.values()))
    return kind == NULL or bool(one == other)


def to_milliseconds(moment: datetime) -> datetime:
    """An aware time in UTC, cut to whole milliseconds, as every engine keeps it."""
    if moment.utcoffset() is None:
        raise Unsupported("a time without a time zone cannot be stored")
    return moment.astimezone(UTC).replace(microsecond=moment.microsecond // 1000 * 1000)


def check_name(name: str) -> None:
    """Unsupported unless a collection's or an index's name is lower-case words joined by single underscores."""
    if not _NAME.fullmatch(name):
        raise Unsupported(f"not a name for a collection or an index: {name!r}")


def split_path(path: Any) -> tuple[str, ...]:
    """The segments of a dotted field path; Unsupported for positions, operators and unwritable names."""
    if not isinstance(path, str):
        raise Unsupported(f"a field path must be text, not {path!r}")
    return _split(path)


@lru_cache(maxsize=4096)
def _split(path: str) -> tuple[str, ...]:
    segments = tuple(path.split("."))
    for segment in segments:
        if not _SEGMENT.fullmatch(segment):
            raise Unsupported(f"not a field path: {path!r}")
    check_text(path)
    return segments


def check_text(value: str) -> None:
    """Unsupported for text that UTF-8 cannot carry (half of a surrogate pair)."""
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise Unsupported("text with half a surrogate pair cannot be stored") from error


def check_scalar(value: Any) -> None:
    """Unsupported unless the value is null, boolean, number, text or time, within the limits of all engines."""
    if value is None or isinstance(value, bool):
        return
    if isinstance(value, str):
        check_text(value)
    elif isinstance(value, int):
        if not _INT_MIN <= value <= _INT_MAX:
            raise Unsupported(f"integer beyond 64 bits: {value}")
    elif isinstance(value, float):
        if not math.isfinite(value):
            raise Unsupported(f"not a finite number: {value}")
    elif isinstance(value, datetime):
        to_milliseconds(value)
    else:
        raise Unsupported(f"cannot be stored or compared: a value of type {type(value).__name__}")


def check_value(value: Any, depth: int = 1) -> None:
    """Unsupported unless every part of the value can be stored alike by every engine."""
    if depth > MAX_DEPTH:
        raise Unsupported(f"nested deeper than {MAX_DEPTH} levels")
    if isinstance(value, list):
        for item in value:
            check_value(item, depth + 1)
    elif isinstance(value, dict):
        for key, item in value.items():
            check_key(key)
            check_value(item, depth + 1)
    else:
        check_scalar(value)


def check_key(key: Any) -> None:
    """Unsupported for a document key that is empty, not text, or holds a dot, a leading dollar or a NUL."""
    if not isinstance(key, str):
        raise Unsupported(f"document keys must be text, not {key!r}")
    if not key or key[0] == "$" or "." in key or "\x00" in key:
        raise Unsupported(f"not a document key: {key!r}")
    if not key.isascii():
        check_text(key)


def check_id(document: Mapping[str, Any]) -> str:
    """The document's `_id`; Unsupported unless it is text that is not empty."""
    id = document.get("_id")
    if not isinstance(id, str) or not id:
        raise Unsupported(f"a document needs a text _id, not {id!r}")
    return id
