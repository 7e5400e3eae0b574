"""Which real services a test run met, and which it could not have: told at its end, so that no skip hides one."""

from __future__ import annotations

from collections import Counter

import pytest

EXERCISED: Counter[str] = Counter()
MISSING: dict[str, str] = {}


def exercised(service: str) -> None:
    """One test met the service."""
    EXERCISED[service] += 1


def missing(service: str, how: str) -> None:
    """Skip this test: the service is not to be had here; `how` tells what would bring it."""
    MISSING[service] = how
    pytest.skip(f"{service} is missing: {how}")


def lines() -> list[str]:
    """What to print when the run is over."""
    told = [f"services exercised: {name} ({tests} tests)" for name, tests in sorted(EXERCISED.items())]
    return told + [f"SERVICES MISSING: {name}: {how}" for name, how in sorted(MISSING.items())]
