"""Documents as JSON text that SQLite can compare, and back.

Owns the encoding. JSON has no times, and SQLite cannot tell a JSON `true` from 1, so times and booleans become text
behind U+10FFFF, which no ordinary text begins with and which sorts after all of it: `d` and a fixed-width UTC time,
`b0` or `b1`. Text that itself begins so hides behind `A`. NUL (where SQLite would cut the text) and U+0001 become two
characters that keep the order of text. Beside each document stands `kinds`: a letter and the path of each such value,
so that reading need not search for them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import orjson

from storage.engine import Document, Unsupported
from storage.values import MAX_DEPTH, MAX_DOCUMENT_BYTES, check_id, check_key, check_scalar, check_text

TAG = "\U0010ffff"
FALSE, TRUE = TAG + "b0", TAG + "b1"
TIMES_FROM, TIMES_BELOW = TAG + "d", TAG + "e"
TEXT_BELOW = TAG + "B"
# Stand-ins for embedded documents and lists in an ORDER BY: after all text, before the booleans.
DOCUMENT_MARK, LIST_MARK = TAG + "O", TAG + "P"

_SEARCH_ALL = "*"
# Keys that were found good before; documents of one kind share theirs.
_good_keys: set[str] = set()
_GOOD_KEYS_KEPT = 5000
_MAX_KINDS = 400


def encode_scalar(value: Any) -> Any:
    """A checked scalar as SQLite sees it after `->>`: None, int, float or text."""
    kind = type(value)
    if kind is str:
        return encode_text(value)
    if kind is int or kind is float or value is None:
        return value
    if kind is bool:
        return TRUE if value else FALSE
    if isinstance(value, datetime):
        if value.utcoffset() is None:
            raise Unsupported("a time without a time zone cannot be stored")
        return TIMES_FROM + value.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"
    if isinstance(value, str):
        return encode_text(str(value))
    return int(value) if isinstance(value, int) else float(value)


def encode_text(text: str) -> str:
    """User text as it is stored; order by code point is kept."""
    if "\x00" in text or "\x01" in text:
        text = text.replace("\x01", "\x01\x02").replace("\x00", "\x01\x01")
    return TAG + "A" + text if text.startswith(TAG) else text


def decode_scalar(value: Any) -> Any:
    """The value behind what `->>` gave, as text or as its UTF-8 bytes."""
    if type(value) is bytes:
        value = value.decode()
    if type(value) is not str:
        return value
    if value.startswith(TAG):
        kind = value[1]
        if kind == "d":
            return datetime.fromisoformat(value[2:])
        if kind == "b":
            return value[2] == "1"
        value = value[2:]
    if "\x01" in value:
        value = value.replace("\x01\x01", "\x00").replace("\x01\x02", "\x01")
    return value


def encode_document(document: Document) -> tuple[str, str, str]:
    """`_id`, JSON text and kinds. Unsupported when a value cannot be stored alike by every engine."""
    id = check_id(document)
    kinds: list[str] = []
    encoded = _encode_dict(document, "", kinds, 1)
    if len(kinds) > 20 or any(kind == _SEARCH_ALL for kind in kinds):
        joined = _SEARCH_ALL
    else:
        joined = "\n".join(kinds)
        joined = joined if len(joined) <= _MAX_KINDS else _SEARCH_ALL
    try:
        text = orjson.dumps(encoded)
    except orjson.JSONEncodeError as error:
        check_text_parts(encoded)
        raise Unsupported(f"the document cannot be stored: {error}") from error
    if len(text) > MAX_DOCUMENT_BYTES:
        raise Unsupported(f"a document of {len(text)} bytes; the limit is {MAX_DOCUMENT_BYTES}")
    check_text(id)
    return encode_text(id), text.decode(), joined


def check_text_parts(value: Any) -> None:
    """Unsupported with the reason when some text inside cannot be stored."""
    if isinstance(value, dict):
        for item in value.values():
            check_text_parts(item)
    elif isinstance(value, list):
        for item in value:
            check_text_parts(item)
    elif isinstance(value, str):
        check_text(value)


def _encode_dict(value: Document, path: str, kinds: list[str], depth: int) -> Document:
    if depth > MAX_DEPTH:
        raise Unsupported(f"nested deeper than {MAX_DEPTH} levels")
    encoded: Document = {}
    for key, item in value.items():
        if key not in _good_keys:
            _learn_key(key)
        kind = type(item)
        if kind is str:
            if item and (item[0] == TAG or "\x00" in item or "\x01" in item):
                item = encode_text(item)
                kinds.append(_kind("s", path, key))
        elif kind is int:
            if not -(2**63) <= item < 2**63:
                check_scalar(item)
        elif kind is bool:
            item = TRUE if item else FALSE
            kinds.append(_kind("b", path, key))
        elif kind is dict:
            item = _encode_dict(item, f"{path}{key}.", kinds, depth + 1)
        elif kind is list:
            item = _encode_list(item, kinds, depth + 1)
        elif item is not None:
            item = _encode_other(item, kinds, path, key)
        encoded[key] = item
    return encoded


def _learn_key(key: Any) -> None:
    check_key(key)
    if len(_good_keys) < _GOOD_KEYS_KEPT and type(key) is str:
        _good_keys.add(key)


def _encode_other(item: Any, kinds: list[str], path: str, key: str) -> Any:
    check_scalar(item)
    item = encode_scalar(item)
    if type(item) is str and (item[:1] == TAG or "\x01" in item):
        kinds.append(_kind(item[1] if item[:1] == TAG and item[1] in "bd" else "s", path, key))
    return item


def _kind(letter: str, path: str, key: str) -> str:
    return _SEARCH_ALL if "\n" in path or "\n" in key else letter + path + key


def _encode_list(items: list[Any], kinds: list[str], depth: int) -> list[Any]:
    if depth > MAX_DEPTH:
        raise Unsupported(f"nested deeper than {MAX_DEPTH} levels")
    encoded = []
    for item in items:
        inside: list[str] = []
        if type(item) is dict:
            item = _encode_dict(item, "", inside, depth + 1)
        elif type(item) is list:
            item = _encode_list(item, inside, depth + 1)
        elif item is not None:
            item = _encode_other(item, inside, "", "")
        if inside and (not kinds or kinds[-1] != _SEARCH_ALL):
            kinds.append(_SEARCH_ALL)
        encoded.append(item)
    return encoded


def decode_document(text: str | bytes, kinds: str | bytes) -> Document:
    """The document behind a stored row, read as text or, faster, as bytes."""
    document: Document = orjson.loads(text)
    if kinds and (restore := _restorer(kinds)) is not None:
        restore(document)
    return document


def decode_rows(rows: Iterable[tuple[bytes, bytes]]) -> list[Document]:
    """The documents behind rows of text and kinds; read as one text, and rows that are alike share the work."""
    rows = list(rows)
    documents: list[Document] = orjson.loads(b"[%b]" % b",".join([text for text, _ in rows]))
    last = b""
    restore: Callable[[Document], None] | None = None
    for document, (_, kinds) in zip(documents, rows, strict=True):
        if kinds != last:
            last, restore = kinds, _restorer(kinds)
        if restore is not None:
            restore(document)
    return documents


def decode_fields(rows: Iterable[tuple[bytes, bytes]], fields: Sequence[str]) -> list[Document]:
    """Documents from what `columns_of` these fields selected; a field that is missing or null is left out."""
    rows = list(rows)
    found: list[list[Any]] = orjson.loads(b"[%b]" % b",".join([text for text, _ in rows]))
    names = ("_id", *(fields or ("_id",)))
    documents = []
    last = b""
    restore: Callable[[Document], None] | None = None
    for values, (_, kinds) in zip(found, rows, strict=True):
        document = dict(zip(names, values, strict=True))
        if None in values:
            document = {name: value for name, value in document.items() if value is not None}
        if kinds != last:
            last, restore = kinds, _restorer(kinds, names)
        if restore is not None:
            restore(document)
        documents.append(document)
    return documents


@lru_cache(maxsize=4096)
def _restorer(kinds: str | bytes, fields: Sequence[str] | None = None) -> Callable[[Document], None] | None:
    """What puts the values back that `kinds` points at, as far as they are in these fields; None where none are."""
    if isinstance(kinds, bytes):
        kinds = kinds.decode()
    if kinds == _SEARCH_ALL:
        return _restore_everywhere
    listed = [kind for kind in kinds.split("\n") if fields is None or kind[1:].partition(".")[0] in fields]
    if not any(listed):
        return None
    deep = [kind[1:].split(".") for kind in listed if "." in kind]
    top = [kind for kind in listed if "." not in kind]
    booleans = [kind[1:] for kind in top if kind[0] == "b"]
    times = [kind[1:] for kind in top if kind[0] == "d"]
    texts = [kind[1:] for kind in top if kind[0] == "s"]
    read_time = datetime.fromisoformat

    def restore(document: Document) -> None:
        for key in booleans:
            document[key] = document[key] == TRUE
        for key in times:
            document[key] = read_time(document[key][2:])
        for key in texts:
            document[key] = decode_scalar(document[key])
        for path in deep:
            holder = document
            for segment in path[:-1]:
                holder = holder[segment]
            holder[path[-1]] = decode_scalar(holder[path[-1]])

    return restore


def _restore_everywhere(value: Any) -> None:
    pairs = value.items() if isinstance(value, dict) else enumerate(value)
    for key, item in pairs:
        if isinstance(item, str):
            value[key] = decode_scalar(item)
        elif isinstance(item, (dict, list)):
            _restore_everywhere(item)
