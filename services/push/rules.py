"""How pushes leave the house, from the settings. Owns values alone."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class PushRules:
    """`seeds` make the house's keys: the first is asked with, the others still sign for browsers that know them.

    `contact` is how push services reach the operator; `allow_private` lets endpoints be anywhere, without TLS too.
    """

    contact: str = ""
    allow_private: bool = False
    seeds: Sequence[bytes] = field(default_factory=lambda: [secrets.token_bytes(32)], repr=False)
