"""The second proof of who somebody is, and a log-in that waits for it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(slots=True)
class SecondFactor:
    """Somebody's authenticator; `id` is the account's. Begun until `confirmed_at` is set: then log-ins ask for it.

    `sealed_secret` opens with the house's keys alone. `last_step` is the newest step of thirty seconds whose code was
    taken, `failures` how many wrong codes came in a row, `try_from` when the next may come.
    """

    id: str
    sealed_secret: str
    seal_key: str
    created_at: datetime
    confirmed_at: datetime | None = None
    last_step: int = 0
    recovery_hashes: list[str] = field(default_factory=list)
    recovery_made_at: datetime | None = None
    failures: int = 0
    try_from: datetime | None = None


@dataclass(slots=True)
class SignInChallenge:
    """Somebody proved who they are in one way (`proof`) and is asked for the second; `id` is the token's digest.

    `password_mark` ties it to the password of that moment: one changed meanwhile ends it.
    """

    id: str
    user_id: str
    proof: str
    password_mark: str
    created_at: datetime
    expires_at: datetime
    tries_left: int
