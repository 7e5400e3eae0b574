"""Browsers that asked to be pushed to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(slots=True)
class PushSubscription:
    """One browser of one person, made in the sign-in session `session_id`. `id` is a digest of the endpoint.

    `p256dh` and `auth` are the browser's keys, `key` the house's public one it asked with; all as unpadded base64url.
    """

    id: str
    user_id: str
    endpoint: str
    p256dh: str
    auth: str
    key: str
    created_at: datetime
    session_id: str | None = None
    device_id: str | None = None
