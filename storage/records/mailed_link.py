"""Links that were mailed, and a change of address on its way."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(slots=True)
class MailedLink:
    """One link in one mail, good once. `id` is the SHA-256 of its token, which is kept nowhere.

    `purpose` is what it does and nothing else does; `address` is where it was sent, and what it is about. `code_hash`
    and `tries` are those of the short code beside it, where there is one.
    """

    id: str
    user_id: str
    purpose: str
    address: str
    created_at: datetime
    expires_at: datetime
    code_hash: str | None = None
    tries: int = 0


@dataclass(slots=True)
class EmailChange:
    """An address that is to become an account's own, once both sides agreed. `id` is the account's."""

    id: str
    new_email: str
    new_key: str
    old_email: str
    requested_at: datetime
    expires_at: datetime
    is_old_confirmed: bool = False
    is_new_confirmed: bool = False
