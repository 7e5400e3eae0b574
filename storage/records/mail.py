"""Mail on its way out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(slots=True)
class OutgoingMail:
    """One mail. `key` is what it is and unique, so that the same is never sent twice for one occasion.

    `state` is waiting, sent or failed; `due_at` is when it is tried next, None when it is done with. What a mail said
    and to whom is emptied then; `reason` says why it failed, without an address. `unsubscribe_url` goes to headers.
    """

    id: str
    key: str
    created_at: datetime
    receiver: str
    subject: str
    text: str
    html: str
    due_at: datetime | None = None
    attempts: int = 0
    state: str = "waiting"
    unsubscribe_url: str | None = None
    done_at: datetime | None = None
    reason: str | None = None
