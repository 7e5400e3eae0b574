"""What somebody wrote for a setting, read into the type that it has. Knows no setting; every fault is a sentence."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit


def nearest(name: str, known: Iterable[str]) -> str:
    """The end of a sentence about an unknown name: which known one may have been meant."""
    close = difflib.get_close_matches(name, list(known), n=1, cutoff=0.5)
    return f"; did you mean {close[0]}?" if close else ""


def checked_value(hint: Any, details: Mapping[str, Any], value: Any) -> Any:
    """A written value in the type that a setting has, within its `details`. ValueError says what it must be."""
    if hint is bool:
        return _as_bool(value)
    kind = _number_of(hint)
    if kind is not None:
        if kind is not hint and value in (None, "null", ""):
            return None
        number = _as_number(kind, value)
        least, most = details["least"], details["most"]
        if least is not None and not least <= number <= most:  # also catches NaN
            raise ValueError(f"must be from {least:.15g} to {most:.15g}, not {value}")
        return number
    if hint is Path:
        if not isinstance(value, str) or not value or "\0" in value:
            raise ValueError(f"must be a path, not {value!r}")
        return Path(value)
    if hint is str:
        shown = "what is set" if details["secret"] else repr(value)
        if value is None:
            return ""
        if not isinstance(value, str):
            raise ValueError(f"must be text, not {shown}")
        if details["choices"] and value not in details["choices"]:
            raise ValueError(
                f"must be one of {', '.join(details['choices'])}, not {shown}{nearest(value, details['choices'])}"
            )
        if value and details["schemes"] and not _is_url(value, details["schemes"]):
            raise ValueError(f"must be a URL such as {details['schemes'][0]}://host, not {shown}")
        return value
    items = [item.strip() for item in value.split(",") if item.strip()] if isinstance(value, str) else value
    if items is None:
        return ()
    if not isinstance(items, list) or not all(isinstance(item, str) for item in items):
        raise ValueError(f"must be a list of texts, not {value!r}")
    return tuple(items)


def _is_url(value: str, schemes: tuple[str, ...]) -> bool:
    try:
        parts = urlsplit(value)
        # A MongoDB address may name several hosts, each with its port: only the client itself can read that.
        return parts.scheme in schemes and bool(parts.netloc or parts.path) and ("," in value or parts.port != 0)
    except ValueError:
        return False


def _as_bool(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    words = {"true": True, "yes": True, "on": True, "1": True, "false": False, "no": False, "off": False, "0": False}
    if isinstance(value, str) and value.lower() in words:
        return words[value.lower()]
    raise ValueError(f"must be true or false, not {value!r}")


def _number_of(hint: Any) -> Any:
    """`int` or `float` where the setting is such a number, or one that may be `null`; else None."""
    for kind in (int, float):
        if hint is kind or hint == kind | None:
            return kind
    return None


def _as_number(kind: type, value: Any) -> Any:
    wanted = "a whole number" if kind is int else "a number"
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise ValueError(f"must be {wanted}, not {value!r}")
    try:
        number = kind(value)
    except (ValueError, OverflowError):
        raise ValueError(f"must be {wanted}, not {value!r}") from None
    if isinstance(value, float) and number != value:
        raise ValueError(f"must be {wanted}, not {value!r}")
    return number
