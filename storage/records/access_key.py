"""Keys that people make for programs and players, beside their own password."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(slots=True)
class AccessKey:
    """One key; `kind` is `api` (shown as a Bearer token) or `app` (typed where a player asks for a password).

    Its secret is kept as a digest alone, `prefix` are the characters by which its owner knows it. `last_used_at` is up
    to ten minutes behind.
    """

    id: str
    user_id: str
    kind: str
    name: str
    prefix: str
    secret_hash: str
    created_at: datetime
    scopes: list[str] = field(default_factory=list)
    expires_at: datetime | None = None
    last_used_at: datetime | None = None
