"""What a line of the audit log may say beside who did what: a few short plain values, and never a secret.

Owns the bounds and what counts as secret. Refuses to know what the values are about. Pure.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import date, datetime
from enum import Enum
from typing import Any

VALUES_LIMIT = 16
VALUE_CHARACTERS = 300
LONGEST_READ = 2000
LEFT_OUT = "(left out)"
_SECRET_NAMES = re.compile(r"pass(word|phrase|code)|token|secret|\bpin\b|_pin\b|otp|e_?mail|hash|cookie|api_?key", re.I)
# E-mail addresses, signed tokens, and long runs of letters and digits that no id of ours is as long as.
_SECRET_VALUES = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+|\beyJ[\w-]+\.[\w-]+\.[\w-]*|\b[A-Za-z0-9_+/-]{40,}")


def plain_details(given: Mapping[str, Any]) -> dict[str, Any]:
    """The values as they are kept: at most 16, texts of at most 300 characters, what looks like a secret left out."""
    kept: dict[str, Any] = {}
    for name, value in sorted(given.items())[:VALUES_LIMIT]:
        if value is None:
            continue
        kept[name.replace(".", "_").lstrip("$")[:40]] = LEFT_OUT if _SECRET_NAMES.search(name) else _plain(value)
    return kept


def _plain(value: Any) -> Any:
    if isinstance(value, Enum):
        value = value.value
    if isinstance(value, bool):
        return value
    if isinstance(value, int):
        return value if abs(value) < 2**53 else str(value)[:VALUE_CHARACTERS]
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    if isinstance(value, (list, tuple, set, frozenset)):
        shown = sorted(value, key=str) if isinstance(value, (set, frozenset)) else value
        value = ", ".join(str(_plain(each)) for each in list(shown)[:50])
    # Cut before it is searched: each place of a long text without blanks would be read to its end.
    text = str(value)[:LONGEST_READ].encode("utf-8", "replace").decode()
    return _SECRET_VALUES.sub(LEFT_OUT, text)[:VALUE_CHARACTERS]
