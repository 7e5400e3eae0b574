"""Proving oneself again before something dangerous: by the password, or by a session that only just began.

Owns that question. Refuses to know what it guards, and how often it may be answered (`gate.py`).
"""

from __future__ import annotations

from datetime import timedelta

from services.accounts.gate import Gate
from services.accounts.passwords import Passwords
from services.clock import Clock
from services.errors import Denied, TooMany, Unauthenticated
from services.viewer import Viewer
from storage.collections.store import Store

FRESH_FOR = timedelta(minutes=10)


class Reproof:
    """Asks somebody who is signed in to prove that it is still them."""

    def __init__(self, store: Store, clock: Clock, passwords: Passwords, gate: Gate) -> None:
        self._store = store
        self._clock = clock
        self._passwords = passwords
        self._gate = gate

    async def require(self, viewer: Viewer, *, password: str | None = None) -> None:
        """Return if `password` is theirs, or if they have none and signed in at most ten minutes ago.

        Unauthenticated (WRONG_CREDENTIALS), Denied (REPROOF_NEEDED), TooMany for wrong passwords that come too often.
        """
        user_id = viewer.require_oneself()
        user = await self._store.users.get(user_id)
        if user is None:
            raise Unauthenticated("Sign in again.", code="TOKEN_INVALID")
        if not user.password_hash:
            session = None if viewer.session_id is None else await self._store.sessions.get(viewer.session_id)
            if session is None or session.created_at + FRESH_FOR < self._clock.now():
                raise Denied("Sign in again first: this needs a sign-in of the last minutes.", code="REPROOF_NEEDED")
            return
        if password is None:
            raise Denied("Give your password for this.", code="REPROOF_NEEDED")
        give_back = await self._gate.prove_again(user_id)
        try:
            right = await self._passwords.verify(user.password_hash, password)
        except TooMany:
            await give_back()
            raise
        if not right:
            raise Unauthenticated("The password is not right.", code="WRONG_CREDENTIALS", field="password")
        await give_back()
