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
    `scopes` is what a key or an app password may do, None for who signed in themselves.
    `is_proven` is False for somebody whose address has yet to be proven where the house asks for that.
    `unseen` are those whom the viewer blocks and those who block the viewer: neither side finds the other. `muted` are
    those whom the viewer will not hear of.
    `guest_id` and `room_id` are set for the guest of one room, who is nobody everywhere else.
    """

    user_id: str | None = None
    roles: frozenset[str] = field(default_factory=frozenset)
    session_id: str | None = None
    tier: str = "free"
    explicit_content: bool = True
    expires_at: datetime | None = None
    is_proven: bool = True
    unseen: frozenset[str] = frozenset()
    muted: frozenset[str] = frozenset()
    guest_id: str | None = None
    room_id: str | None = None
    scopes: frozenset[str] | None = None

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

    def require_scope(self, scope: str) -> None:
        """Denied (SCOPE_NEEDED) for a key or an app password that was not given `scope`."""
        if self.scopes is not None and scope not in self.scopes:
            raise Denied(f"This needs a key with the scope {scope}.", code="SCOPE_NEEDED")

    def require_oneself(self) -> str:
        """As `require` of a listener; Denied (KEYS_MAY_NOT) for keys and app passwords, whatever their scopes."""
        user_id = self.require(Role.LISTENER)
        if self.scopes is not None:
            raise Denied("Sign in with your own password for this.", code="KEYS_MAY_NOT")
        return user_id

    def require_proven(self) -> str:
        """As `require` of a listener, for what others get to see; Denied (VERIFY_EMAIL) until the address is proven
        where the house asks for that."""
        user_id = self.require(Role.LISTENER)
        if not self.is_proven:
            raise Denied("Confirm your e-mail address first: we have mailed you a link.", code="VERIFY_EMAIL")
        return user_id


NOBODY = Viewer()
"""The anonymous viewer."""

SYSTEM = Viewer(user_id="system", roles=frozenset({Role.ADMIN}))
"""The house itself: imports, periodic jobs and maintenance commands."""
