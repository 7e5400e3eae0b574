"""Invitations into playlists: a link that lets in whoever has it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(slots=True)
class PlaylistInvite:
    """One link. Its token is kept as a SHA-256 digest only; `role` is what it lets people be: `editor` or `viewer`."""

    id: str
    playlist_id: str
    token_hash: str
    role: str
    by_id: str
    created_at: datetime
    expires_at: datetime
