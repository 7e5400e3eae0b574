"""Lines of the audit log: who with a role did what to whom. Never changed once written."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(slots=True)
class AuditEntry:
    """One line. `id` is its `number` in twelve digits; numbers begin at 1 and leave none out.

    `hash` is the SHA-256 of everything else here, `previous` (the hash of the line before, empty for the first)
    included: who changes or removes a line breaks all that follow. `details` holds a few short plain values.
    """

    id: str
    number: int
    at: datetime
    action: str
    kind: str
    target_id: str
    previous: str
    hash: str
    actor_id: str | None = None
    details: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class AuditMark:
    """How far the log was found whole: the number and the hash of its last line then. `id` is `proven`."""

    id: str
    number: int
    hash: str
    at: datetime
