"""An account as it would be: what somebody typed, read and held against the rules.

Owns the order in which fields are refused. Refuses to hash and to write.
"""

from __future__ import annotations

from services.accounts.details import email_key, read_email, read_name, read_username, username_key
from services.accounts.passwords import Passwords
from services.clock import Clock
from storage.records import User


def draft_account(
    clock: Clock,
    passwords: Passwords,
    email: str,
    username: str,
    password: str,
    first_name: str = "",
    last_name: str = "",
    *,
    house: bool = False,
) -> User:
    """The account without its hash; Invalid for the first field that is wrong. `house` may take any username."""
    address = read_email(email)
    name = read_username(username, house=house)
    first, last = read_name(first_name, "firstName"), read_name(last_name, "lastName")
    passwords.check(password, email=address, username=name)
    now = clock.now()
    return User(
        id=clock.new_id(),
        email=address,
        email_key=email_key(address),
        username=name,
        username_key=username_key(name),
        password_hash="",
        created_at=now,
        updated_at=now,
        first_name=first,
        last_name=last,
    )
