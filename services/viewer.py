"""Who is asking. Every service method takes one first and decides with it; nobody else decides."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from services.errors import Denied, Unauthenticated


class Role(StrEnum):
    """What a person may be; `ANYONE` needs no sign-in and is never stored."""

    ANYONE = "anyone"
    LISTENER = "listener"
    ARTIST = "artist"
    MODERATOR = "moderator"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class Viewer:
    """A person (or nobody) with their roles and the sign-in session they came through.

    `expires_at` is when the token they showed runs out: a socket closes then. None when nothing runs out.
    `guest_id` and `room_id` are set for the guest of one room, who is nobody everywhere else.
    """

    user_id: str | None = None
    roles: frozenset[str] = field(default_factory=frozenset)
    session_id: str | None = None
    tier: str = "free"
    explicit_content: bool = True
    expires_at: datetime | None = None
    guest_id: str | None = None
    room_id: str | None = None

    @property
    def signed_in(self) -> bool:
        """Whether there is a person at all."""
        return self.user_id is not None

    def has(self, role: str) -> bool:
        """Whether this viewer acts in `role`. An admin acts in every role, each person is a listener."""
        if role == Role.ANYONE:
            return True
        if not self.signed_in:
            return False
        return role == Role.LISTENER or role in self.roles or Role.ADMIN in self.roles

    def require(self, role: str) -> str:
        """The viewer's user id. Unauthenticated for nobody, Denied for somebody without `role`."""
        if self.user_id is None:
            raise Unauthenticated("Sign in first.")
        if not self.has(role):
            raise Denied(f"This needs the role {role}.")
        return self.user_id


NOBODY = Viewer()
"""The anonymous viewer."""

SYSTEM = Viewer(user_id="system", roles=frozenset({Role.ADMIN}))
"""The house itself: imports, periodic jobs and maintenance commands."""
