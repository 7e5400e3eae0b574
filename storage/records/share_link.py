"""Share links: addresses that lead somebody to one thing for a while."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(slots=True)
class ShareLink:
    """A link to one thing. `id` is its token: whoever knows it may follow it until `expires_at`, or till it is revoked.

    `kind` is `song`, `album`, `artist` or `playlist`. Revoking sets `expires_at` to that moment too.
    """

    id: str
    user_id: str
    kind: str
    target_id: str
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None = None

    @property
    def is_revoked(self) -> bool:
        """Whether somebody ended it before its time."""
        return self.revoked_at is not None
