"""What a key or an app password may do in its owner's name. Knows no field and no door."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from services.errors import Invalid


class Scope(StrEnum):
    """One kind of thing; a person who signed in themselves may do all, and what no scope covers besides."""

    READ = "read"
    WRITE = "write"
    STREAM = "stream"
    UPLOAD = "upload"
    MANAGE = "manage"


PLAYER_SCOPES = (Scope.READ, Scope.WRITE, Scope.STREAM)
"""What a player needs that knows a name and a password only."""


def read_scopes(scopes: Iterable[str]) -> list[str]:
    """Each once, in order. Invalid for none at all."""
    found = sorted({Scope(scope).value for scope in scopes})
    if not found:
        raise Invalid("A key needs at least one scope.", field="scopes")
    return found
