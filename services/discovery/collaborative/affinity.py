"""What the learned model answers with, in plain values. Refuses to know how it is worked out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Affinity:
    """A song (or artist) the model names, how strongly, and which of what was asked with speaks for it most."""

    id: str
    score: float
    because: str


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a model comes from: its version, when its plays were read, how many, and of how many people."""

    version: str
    made_at: datetime
    plays: int
    people: int
