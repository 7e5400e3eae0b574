"""What a setting is made of: a default, a meaning and its bounds, as a dataclass field.

Refuses to know any section.
"""

from __future__ import annotations

from dataclasses import field
from typing import Any


def setting(
    default: Any,
    meaning: str,
    *,
    least: float | None = None,
    most: float | None = None,
    choices: tuple[str, ...] = (),
    schemes: tuple[str, ...] = (),
    secret: bool = False,
) -> Any:
    """One setting: its default, its meaning, what it may be (`schemes`: of a URL). A secret one is never shown."""
    details = {
        "meaning": meaning, "least": least, "most": most, "choices": choices, "schemes": schemes, "secret": secret,
    }  # fmt: skip
    if isinstance(default, list):
        return field(default_factory=lambda: tuple(default), metadata=details, repr=not secret)
    return field(default=default, metadata=details, repr=not secret)
