"""How much of a fault is done: the short form that CI runs, or the long one (`make test-faults FAULTS=long`)."""

from __future__ import annotations

import os

LONG = os.environ.get("TUTTI_FAULTS") == "long"


def times(short: int, *, long: int) -> int:
    """How often something is done in the form that was asked for."""
    return long if LONG else short
