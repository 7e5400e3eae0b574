"""Leases: which process does a periodic job just now, and when it was last done."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(slots=True)
class Lease:
    """One job's lease; `id` is the job's name. Nobody else takes the job before `until`."""

    id: str
    holder: str
    until: datetime
    taken_at: datetime
