"""CSV as RFC 4180 has it, which no spreadsheet takes for formulas.

Pure. Owns how a value is written. Refuses to know tables.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

BOM = "\ufeff"
_DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%", "＝", "＋", "－", "＠")
Cell = str | int | float | bool | datetime | date | None


def cell(value: Cell) -> str:
    """One cell. Text that a spreadsheet might run gets an apostrophe before it; numbers are numbers, also below zero.

    Shares and hours have six places at most; times are UTC in ISO 8601; nothing is an empty cell.
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return f"{value:.6f}".rstrip("0").rstrip(".")
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%SZ")
    if isinstance(value, date):
        return value.isoformat()
    text = value.replace("\x00", "")
    if text.lstrip(" \u00a0\ufeff").startswith(_DANGEROUS) or text.startswith(("\t", "\r", "\n")):
        text = "'" + text
    if any(mark in text for mark in ',"\r\n;'):
        return '"' + text.replace('"', '""') + '"'
    return text


def line(values: Iterable[Cell]) -> str:
    """A row with its line end, CR and LF."""
    return ",".join(map(cell, values)) + "\r\n"
