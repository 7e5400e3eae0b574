"""Records to documents and back, for every noun alike.

Owns the mapping: a record's `id` is the document's `_id`, a field that is None is left out (both engines treat null
and missing alike), dates become ISO text, nested records become nested documents. How a record is read is written as
Python, once for each class: a library's answer is hundreds of records of some forty fields, and a loop over what each
field is takes three times as long as the lines it would run. Refuses to know any noun.
"""

from __future__ import annotations

import types
import typing
from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from datetime import date, datetime
from functools import cache
from typing import Any, Generic, TypeVar

from storage.engine import Document

Record = TypeVar("Record")
Conversion = Callable[[Any], Any]
_PLAIN = (str, int, bool, type(None))
"""Defaults that are written as they stand."""


def _inner(hint: Any) -> Any:
    """The type inside `X | None`."""
    if typing.get_origin(hint) in (typing.Union, types.UnionType):
        inside = [part for part in typing.get_args(hint) if part is not type(None)]
        return inside[0] if len(inside) == 1 else hint
    return hint


def _is_date(hint: Any) -> bool:
    return isinstance(hint, type) and issubclass(hint, date) and not issubclass(hint, datetime)


def _decoder(hint: Any) -> Conversion | None:
    """How a stored value becomes a field of this type; None when it already is one."""
    hint = _inner(hint)
    if is_dataclass(hint):
        return codec_of(typing.cast(type, hint)).decode
    if _is_date(hint):
        return date.fromisoformat
    if typing.get_origin(hint) is list:
        each = _decoder(typing.get_args(hint)[0])
        return None if each is None else lambda values: [each(value) for value in values]
    return None


def _encoder(hint: Any) -> Conversion | None:
    """How a field of this type becomes a storable value; None when it already is one."""
    hint = _inner(hint)
    if is_dataclass(hint):
        return codec_of(typing.cast(type, hint)).encode
    if _is_date(hint):
        return lambda value: value.isoformat()
    if typing.get_origin(hint) is list:
        each = _encoder(typing.get_args(hint)[0])
        return None if each is None else lambda values: [each(value) for value in values]
    return None


class RecordCodec(Generic[Record]):
    """Turns records of one dataclass into documents and back. `id_key` renames `id` (top-level records only)."""

    decode: Callable[[Mapping[str, Any]], Record]
    """The record of a document; fields it lacks take their defaults, fields it has too many are passed over."""

    def __init__(self, record: type[Record], id_key: str = "id") -> None:
        self.record = record
        hints = typing.get_type_hints(record)
        self._fields: list[tuple[str, str, Conversion | None]] = []
        source = _Source(record)
        for spec in fields(record):  # type: ignore[arg-type]
            key = id_key if spec.name == "id" else spec.name
            self._fields.append((spec.name, key, _encoder(hints[spec.name])))
            source.read(spec, key, hints[spec.name])
        self.decode = source.function()

    def encode(self, record: Record) -> Document:
        """The document to store; None fields are left out."""
        document: Document = {}
        for name, key, encode in self._fields:
            value = getattr(record, name)
            if value is not None:
                document[key] = value if encode is None else encode(value)
        return document


class _Source:
    """The Python that reads one class from documents. A class that may be set field by field is not called for it."""

    def __init__(self, record: Any) -> None:
        self._record = record
        is_frozen = record.__dataclass_params__.frozen
        self._is_called = is_frozen or hasattr(record, "__post_init__") or record.__new__ is not object.__new__
        self._names: dict[str, Any] = {"record": record, "new": object.__new__}
        self._values: list[tuple[str, str]] = []

    def read(self, spec: Field[Any], key: str, hint: Any) -> None:
        """One field: what stands under `key`, or its default where nothing does."""
        got = f"get({key!r})"
        inner = _inner(hint)
        each = _decoder(typing.get_args(inner)[0]) if typing.get_origin(inner) is list else None
        decode = None if each else _decoder(hint)
        plain = spec.default is None or (spec.default is MISSING and spec.default_factory is MISSING)
        if plain and not each and not decode:
            self._values.append((spec.name, got))
            return
        value = "value"
        if each:
            value = f"[{self._known('each', spec, each)}(item) for item in value]"
        elif decode:
            value = f"{self._known('decode', spec, decode)}(value)"
        self._values.append((spec.name, f"{self._default(spec)} if (value := {got}) is None else {value}"))

    def _default(self, spec: Field[Any]) -> str:
        if spec.default_factory is not MISSING:
            if spec.default_factory in (list, dict):
                return "[]" if spec.default_factory is list else "{}"
            return f"{self._known('default', spec, spec.default_factory)}()"
        if spec.default is MISSING:
            return "None"
        return repr(spec.default) if type(spec.default) in _PLAIN else self._known("default", spec, spec.default)

    def _known(self, what: str, spec: Field[Any], value: Any) -> str:
        name = f"{what}_{spec.name}"
        self._names[name] = value
        return name

    def function(self) -> Any:
        """The function: a document to a record."""
        lines = ["def decode(document):", "    get = document.get"]
        if self._is_called:
            arguments = ", ".join(f"{name}=({value})" for name, value in self._values)
            lines.append(f"    return record({arguments})")
        else:
            lines.append("    made = new(record)")
            lines += [f"    made.{name} = {value}" for name, value in self._values]
            lines.append("    return made")
        exec(compile("\n".join(lines), f"records/{self._record.__name__}.py", "exec"), self._names)
        return self._names["decode"]


@cache
def codec_of(record: Any, id_key: str = "id") -> RecordCodec[Any]:
    """The codec of a record, made once: reading the hints of every record takes longer than opening a store."""
    return RecordCodec(record, id_key)
