"""Signed tokens: short access tokens and week-long refresh tokens, as JWTs under one pinned algorithm.

Owns keys, claims and lifetimes, after RFC 8725: a header is one of the very few that we write, byte for byte, so that
nothing a stranger puts there is ever read. Refuses to know whether a session still stands: that is `sessions.py`. Time
comes from the clock handed in, never from the JWT library's own.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets as random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

import jwt

from services.clock import Clock
from services.errors import Unauthenticated

ALGORITHM = "HS256"
ACCESS_SECONDS = 15 * 60
REFRESH_SECONDS = 7 * 24 * 3600
SHORTEST_SECRET_BYTES = 32
_SECRETS_LIMIT = 8
_TOKEN_LIMIT = 2048
_CLOCK_SKEW_SECONDS = 60
_CLAIMS = ("iss", "aud", "sub", "sid", "jti", "iat", "exp", "typ")


class TokenKind(StrEnum):
    """What a token is good for; neither kind stands in for the other."""

    ACCESS = "access"
    REFRESH = "refresh"


@dataclass(frozen=True, slots=True)
class Claims:
    """What a verified token says."""

    user_id: str
    session_id: str
    token_id: str
    issued_at: datetime
    expires_at: datetime


class Tokens:
    """Signs with the first secret, verifies with all of them: put a new one in front, drop the old one a week later.

    ValueError for no secret, more than eight, or one under 32 bytes.
    """

    def __init__(
        self,
        secrets: Sequence[str],
        clock: Clock,
        *,
        issuer: str = "tutti",
        audience: str = "tutti",
        access_seconds: int = ACCESS_SECONDS,
        refresh_seconds: int = REFRESH_SECONDS,
    ) -> None:
        self._keys = [secret.encode() for secret in secrets]
        if not 1 <= len(self._keys) <= _SECRETS_LIMIT:
            raise ValueError(f"from 1 to {_SECRETS_LIMIT} secrets are needed")
        if any(len(key) < SHORTEST_SECRET_BYTES for key in self._keys):
            raise ValueError(f"a secret needs at least {SHORTEST_SECRET_BYTES} bytes")
        # What the first segment of a token of ours may be, and the key it names. An unknown `kid`, another algorithm,
        # `none`, `crit`, `jwk`, a member twice: none of these is among them.
        self._heads = {_head(key): key for key in self._keys}
        self._clock = clock
        self._issuer = issuer
        self._audience = audience
        self.access_seconds = access_seconds
        self.refresh_seconds = refresh_seconds
        # Expiry and issue time are compared below, with our own clock.
        self._jwt = jwt.PyJWT({"verify_exp": False, "verify_iat": False, "verify_nbf": False, "strict_aud": True})

    def sign_access(self, user_id: str, session_id: str) -> str:
        """An access token, good for `access_seconds`."""
        return self._sign(TokenKind.ACCESS, user_id, session_id, self._clock.new_id(), self.access_seconds)

    def sign_refresh(self, user_id: str, session_id: str) -> tuple[str, str]:
        """A refresh token, good for `refresh_seconds`, and its unguessable token id."""
        token_id = random.token_urlsafe(32)
        return self._sign(TokenKind.REFRESH, user_id, session_id, token_id, self.refresh_seconds), token_id

    def read_access(self, token: str) -> Claims:
        """The claims of a good access token. Unauthenticated, TOKEN_EXPIRED or TOKEN_INVALID, for anything else."""
        return self._read(TokenKind.ACCESS, token)

    def read_refresh(self, token: str) -> Claims:
        """The claims of a good refresh token. Unauthenticated, TOKEN_EXPIRED or TOKEN_INVALID, for anything else."""
        return self._read(TokenKind.REFRESH, token)

    def _sign(self, kind: TokenKind, user_id: str, session_id: str, token_id: str, seconds: int) -> str:
        issued = self._clock.epoch_ms() // 1000
        claims = {
            "iss": self._issuer,
            "aud": self._audience,
            "sub": user_id,
            "sid": session_id,
            "jti": token_id,
            "iat": issued,
            "exp": issued + seconds,
            "typ": kind.value,
        }
        key = self._keys[0]
        return self._jwt.encode(claims, key, algorithm=ALGORITHM, headers={"kid": key_id(key)})

    def _read(self, kind: TokenKind, token: str) -> Claims:
        claims = self._verified(token)
        if claims.get("typ") != kind.value:
            raise token_invalid()
        user_id, session_id, token_id = (claims[name] for name in ("sub", "sid", "jti"))
        issued_at, expires_at = claims["iat"], claims["exp"]
        texts_are_texts = all(isinstance(text, str) and text for text in (user_id, session_id, token_id))
        if not texts_are_texts or type(issued_at) is not int or type(expires_at) is not int:
            raise token_invalid()
        now = self._clock.epoch_ms() / 1000
        if issued_at > now + _CLOCK_SKEW_SECONDS:
            raise token_invalid()
        if expires_at <= now:
            raise token_expired()
        try:
            return Claims(
                user_id,
                session_id,
                token_id,
                issued_at=datetime.fromtimestamp(issued_at, UTC),
                expires_at=datetime.fromtimestamp(expires_at, UTC),
            )
        except (ValueError, OverflowError, OSError) as error:
            raise token_invalid() from error

    def _verified(self, token: str) -> dict[str, Any]:
        # Bounded and ASCII before anything is looked at.
        if not token or len(token) > _TOKEN_LIMIT or not token.isascii():
            raise token_invalid()
        key = self._heads.get(token.partition(".")[0])
        if key is None:
            raise token_invalid()
        try:
            claims: dict[str, Any] = self._jwt.decode(
                token,
                key,
                algorithms=[ALGORITHM],
                audience=self._audience,
                issuer=self._issuer,
                options={"require": list(_CLAIMS)},
            )
            # The library keeps the last of two claims of one name; another reader might keep the first.
            payload = token.split(".")[1]
            json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)), object_pairs_hook=_each_once)
        except (jwt.InvalidTokenError, ValueError, RecursionError) as error:
            raise token_invalid() from error
        return claims


def key_id(key: bytes) -> str:
    """How a key is called in the header of what it signed (`kid`). It follows from the key and tells nothing of it."""
    name = hmac.new(key, b"tutti token key", hashlib.sha256).digest()[:9]
    return base64.urlsafe_b64encode(name).decode()


def _head(key: bytes) -> str:
    return jwt.encode({}, key, algorithm=ALGORITHM, headers={"kid": key_id(key)}).partition(".")[0]


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a claim stands there twice")
    return found


def token_invalid() -> Unauthenticated:
    """The one answer to every token that is not good, whatever the reason."""
    return Unauthenticated("Sign in again.", code="TOKEN_INVALID")


def token_expired() -> Unauthenticated:
    """The answer to a token that was good; an access token may be refreshed."""
    return Unauthenticated("Sign in again.", code="TOKEN_EXPIRED")
