"""Chance that is the same whenever it is asked for: what makes another mix of the same songs each day."""

from __future__ import annotations

import hashlib


def chance_of(text: str) -> float:
    """0 to 1, evenly spread over texts, and always the same for one."""
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=6).digest()) / 2**48
