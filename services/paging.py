"""Slices of lists: bounds, cursors and what a connection carries back. Every list in the product is bounded here."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar

import orjson

from services.errors import Invalid

PAGE_LIMIT = 100
OFFSET_LIMIT = 10_000

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Slice:
    """Which part of a list is asked for: `limit` rows after `offset` rows, or after the row `cursor` stands for."""

    limit: int = 20
    offset: int = 0
    cursor: tuple[Any, ...] | None = None


@dataclass(slots=True)
class Page(Generic[Item]):
    """One part of a list. `cursors` runs beside `items`; `total` counts the whole list."""

    items: list[Item]
    cursors: list[str] = field(default_factory=list)
    total: int = 0
    has_next: bool = False
    has_previous: bool = False


def slice_of(
    *,
    limit: int | None = None,
    offset: int | None = None,
    first: int | None = None,
    after: str | None = None,
    default: int = 20,
) -> Slice:
    """The slice that arguments ask for. Invalid beyond 1 to 100 rows, an offset over 10,000, a foreign cursor."""
    if first is not None and limit is not None:
        raise Invalid("Use either first or limit.", field="first")
    count = first if first is not None else limit if limit is not None else default
    name = "first" if first is not None else "limit"
    if not 1 <= count <= PAGE_LIMIT:
        raise Invalid(f"{name} must be from 1 to {PAGE_LIMIT}.", field=name)
    skip = offset or 0
    if not 0 <= skip <= OFFSET_LIMIT:
        raise Invalid(f"offset must be from 0 to {OFFSET_LIMIT}; use after to read on.", field="offset")
    if after is not None and skip:
        raise Invalid("Use either after or offset.", field="after")
    return Slice(count, skip, None if after is None else read_cursor(after))


def write_cursor(values: Sequence[Any]) -> str:
    """An opaque text for a row's sort values and id."""
    marked = [{"t": value.isoformat()} if isinstance(value, datetime) else value for value in values]
    return base64.urlsafe_b64encode(orjson.dumps(marked)).rstrip(b"=").decode()


def read_cursor(cursor: str) -> tuple[Any, ...]:
    """The values that `write_cursor` put in. Invalid for anything else."""
    try:
        padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
        marked = orjson.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
        if not isinstance(marked, list) or not 1 <= len(marked) <= 6:
            raise ValueError(cursor)
        values = [_unmark(value) for value in marked]
    except (ValueError, KeyError, TypeError, OverflowError, binascii.Error) as error:
        raise Invalid("This cursor is not one of ours.", field="after") from error
    return tuple(values)


def _unmark(value: Any) -> Any:
    if isinstance(value, dict):
        moment = datetime.fromisoformat(value["t"])
        if moment.tzinfo is None:
            raise ValueError(value)
        return moment.astimezone(UTC)
    if isinstance(value, int) and abs(value) >= 2**63:
        raise ValueError(value)
    if isinstance(value, list):
        raise TypeError(value)
    return value
