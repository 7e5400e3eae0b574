"""From what was shown to the key it is: API keys as Bearer tokens, app passwords as a player's password.

Owns the shapes of both, and when their use is noted. Refuses to know who may make them (`access_keys.py`).
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta
from enum import StrEnum

from services.clock import Clock
from storage.collections.store import Store
from storage.records.access_key import AccessKey

KEY_START = "tutti_"
ID_START = "key-"
USE_NOTED_EVERY = timedelta(minutes=10)
_KEY_BYTES = 32
_KEY_LIMIT = 100
_ALPHABET = "abcdefghjkmnpqrstuvwxyz023456789"
_APP_CHARACTERS, _APP_GROUP = 20, 4
"""A hundred bits: like a key's, a digest of them cannot be guessed back."""


class KeyKind(StrEnum):
    """Where a key is shown."""

    API = "api"
    APP = "app"


class KeyRing:
    """Finds keys by what was shown, for those who let people in."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def by_token(self, token: str) -> AccessKey | None:
        """The good API key of a Bearer token."""
        if len(token) > _KEY_LIMIT or not token.isascii():
            return None
        return await self._good(token, KeyKind.API)

    async def by_app_password(self, user_id: str | None, password: str) -> AccessKey | None:
        """Somebody's good app password, None for anything else. What this costs depends on what was typed alone."""
        plain = "".join(character for character in password[:_KEY_LIMIT].lower() if character not in " -")
        if len(plain) != _APP_CHARACTERS or not set(plain) <= set(_ALPHABET):
            return None
        key = await self._good(_grouped(plain), KeyKind.APP)
        return key if key is not None and key.user_id == user_id else None

    async def get(self, key_id: str) -> AccessKey | None:
        """A key that is still good, by its id; that it was used is noted, at most every ten minutes."""
        key = await self._store.access_keys.get(key_id)
        if key is None or self._is_over(key):
            return None
        await self.note_use(key)
        return key

    async def note_use(self, key: AccessKey) -> None:
        """Remember that it was used just now."""
        now = self._clock.now()
        if key.last_used_at is None or now - key.last_used_at >= USE_NOTED_EVERY:
            await self._store.access_keys.update({"_id": key.id}, {"$set": {"last_used_at": now}})

    async def _good(self, secret: str, kind: KeyKind) -> AccessKey | None:
        key = await self._store.access_keys.first({"secret_hash": secret_hash(secret)})
        return None if key is None or key.kind != kind.value or self._is_over(key) else key

    def _is_over(self, key: AccessKey) -> bool:
        return key.expires_at is not None and key.expires_at <= self._clock.now()


def new_secret(kind: KeyKind) -> str:
    """A fresh one, as its owner is shown it."""
    if kind is KeyKind.API:
        return KEY_START + secrets.token_urlsafe(_KEY_BYTES)
    return _grouped("".join(secrets.choice(_ALPHABET) for _ in range(_APP_CHARACTERS)))


def secret_hash(secret: str) -> str:
    """What is kept of a secret of a hundred random bits and more."""
    return hashlib.sha256(b"tutti key\0" + secret.encode()).hexdigest()


def _grouped(plain: str) -> str:
    return "-".join(plain[at : at + _APP_GROUP] for at in range(0, len(plain), _APP_GROUP))
