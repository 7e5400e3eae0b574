"""From what somebody types as their name to the account it means: an e-mail address, or a username.

Owns the lookup alone. Refuses to know whether the account may be seen or entered.
"""

from __future__ import annotations

from services.accounts.details import email_key, fold, username_key
from services.typed_text import is_printable
from storage.collections.store import Store
from storage.records import User

LOGIN_LIMIT = 320
"""The most characters of a login: an e-mail address of the longest kind."""


class Logins:
    """Finds accounts by what is typed for them; None for everything that cannot be one."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def find(self, login: str) -> User | None:
        """The account of an e-mail address, or of a username in any letter case."""
        if not login or len(login) > LOGIN_LIMIT or not is_printable(login):
            return None
        if "@" in login:
            return await self._store.users.by_email_key(email_key(login))
        return await self.by_username(login)

    async def by_username(self, username: str) -> User | None:
        """The account of a username in any letter case."""
        if not username or len(username) > LOGIN_LIMIT or not is_printable(username):
            return None
        user = await self._store.users.by_username_key(username_key(username))
        # The key also makes look-alikes one; those are kept from being taken, not led to somebody else.
        return user if user is not None and fold(user.username) == fold(username) else None
