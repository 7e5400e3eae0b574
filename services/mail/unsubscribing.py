"""The link at a digest's foot: it names whose digest it is, signed, and ends it.

Owns the signature. Such a link does this one thing and nothing else, so it does not run out.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Sequence

from services.errors import NotFound
from services.notifications.choices import NotificationPreferences
from services.typed_text import is_id

_LONGEST = 200


class Unsubscribing:
    """Makes and obeys the links."""

    def __init__(self, preferences: NotificationPreferences, keys: Sequence[bytes], *, public_url: str) -> None:
        self._preferences = preferences
        self._keys = keys
        self.home = public_url.rstrip("/") or "http://localhost"

    def url(self, user_id: str) -> str:
        """The address that ends somebody's digest."""
        return f"{self.home}/unsubscribe/{user_id}.{_signature(self._keys[0], user_id)}"

    def check(self, token: str) -> str:
        """Whose digest a link's token is about. NotFound for one that is not ours."""
        user_id, _, signature = token[:_LONGEST].partition(".")
        good = is_id(user_id) and signature.isascii()
        if not good or not any(hmac.compare_digest(_signature(key, user_id), signature) for key in self._keys):
            raise NotFound("This link is not good.")
        return user_id

    async def is_wanted(self, token: str) -> bool:
        """Whether whom the token names still has a digest. NotFound as for `check`."""
        return await self._preferences.has_digest(self.check(token))

    async def end(self, token: str) -> None:
        """No digest any more for whom the token names; repeating it changes nothing. NotFound as for `check`."""
        await self._preferences.stop_mail(self.check(token))


def _signature(key: bytes, user_id: str) -> str:
    made = hmac.new(key, b"digest\0" + user_id.encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(made).rstrip(b"=").decode()
