"""Edges: who likes, follows or saves what."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(slots=True)
class Edge:
    """One person's bond to one thing. `id` is `{user_id}:{target_id}`: the primary key keeps it unique."""

    id: str
    user_id: str
    target_id: str
    created_at: datetime
