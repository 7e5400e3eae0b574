"""Whom a provider proved, until the page that asked fetches the session."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(slots=True)
class SignInCode:
    """`id` is the SHA-256 of the code, which is kept nowhere. `roles` None: the provider has no say in them."""

    id: str
    provider: str
    subject: str
    expires_at: datetime
    email: str = ""
    email_verified: bool = False
    name: str = ""
    has_roles: bool = False
    roles: list[str] = field(default_factory=list)
