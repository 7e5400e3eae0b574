"""Text from anywhere as a part of one line: nothing in it ends the line, paints the terminal or turns the reading.

Owns which characters are written out and how long a text may be in a log. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

TEXT_LIMIT = 1_000
"""Characters of one value in a line of the log; the rest is counted."""
VALUES_LIMIT = 30
_DEPTH = 3
_LARGEST = 2**63 - 1
# Controls (line ends and escapes of terminals among them), Unicode's line ends, marks of direction, lone surrogates.
_LOUD = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_LOUD_BUT_LINES = re.compile(_LOUD.pattern.replace("\x00-\x1f", "\x00-\x08\x0b-\x1f"))


def one_line(text: str, limit: int = TEXT_LIMIT) -> str:
    """The text with such characters written as `\\u000a`, and cut at `limit`."""
    cut = text if len(text) <= limit else f"{text[:limit]}… ({len(text) - limit} more)"
    return _LOUD.sub(_written_out, cut)


def harmless_lines(text: str) -> str:
    """The same for text that may have several lines, however long."""
    return _LOUD_BUT_LINES.sub(_written_out, text)


def plain_value(value: Any, depth: int = 0) -> Any:
    """A value as JSON can hold it, each text in it on one line and cut; at most 30 of a list, three deep."""
    if value is None or isinstance(value, bool | float):
        return value
    if isinstance(value, int):
        return value if abs(value) <= _LARGEST else one_line(hex(value))
    if depth < _DEPTH and isinstance(value, Mapping):
        shown = list(value.items())[:VALUES_LIMIT]
        return {one_line(str(key)): plain_value(each, depth + 1) for key, each in shown}
    if depth < _DEPTH and isinstance(value, list | tuple | set | frozenset):
        return [plain_value(each, depth + 1) for each in _first(value)]
    return one_line(str(value))


def _first(values: Iterable[Any]) -> list[Any]:
    return [each for _, each in zip(range(VALUES_LIMIT), values, strict=False)]


def _written_out(found: re.Match[str]) -> str:
    return f"\\u{ord(found[0]):04x}"
