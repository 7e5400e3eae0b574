"""Students: who is proven to be one, the codes on their way to academic addresses, and the documents handed in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(slots=True)
class StudentProof:
    """Somebody was shown to be a student until `ends_at`; the id is their own. `years` counts the proofs.

    `way` is `email` or `document`, `school` a domain or what was said. `address_key` is a keyed digest of the academic
    address, one account's at a time, or names the account where there is none. `reminded` tells which mail about its
    end was sent: `soon`, `grace` or none.
    """

    id: str
    way: str
    school: str
    proven_at: datetime
    ends_at: datetime
    years: int
    address_key: str
    reminded: str = ""


@dataclass(slots=True)
class StudentCode:
    """A code on its way to an academic address; the id is its account's. Code and address are digests."""

    id: str
    code_hash: str
    address_key: str
    school: str
    expires_at: datetime
    tries: int = 0


@dataclass(slots=True)
class StudentApplication:
    """A document that somebody handed in: `reference` says where it is. `state` is open, approved or denied.

    `waiting` is the user's id until decided, then names the application; each is there once. `is_proven` is false
    between an approval and what follows from it.
    """

    id: str
    user_id: str
    school: str
    reference: str
    created_at: datetime
    waiting: str
    state: str = "open"
    is_proven: bool = True
    decided_at: datetime | None = None
    decided_by: str | None = None
    reason: str = ""
