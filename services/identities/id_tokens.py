"""What an ID token must be before a word of it is believed (OpenID Connect Core 3.1.3.7, RFC 8725).

Owns those checks. Refuses to fetch: keys are handed in, by id, by whoever keeps them (`directory.py`).
"""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import jwt

from services.clock import Clock

ALGORITHMS = {
    "RS256": "RSA", "RS384": "RSA", "RS512": "RSA", "PS256": "RSA", "PS384": "RSA", "PS512": "RSA",
    "ES256": "EC", "ES384": "EC", "ES512": "EC", "EdDSA": "OKP",
}  # fmt: skip
"""Those we believe, with the kind of key each needs: public ones alone, so that no published key can sign."""
SKEW_S = 60
OLDEST_S = 600
LONGEST = 32_768
_SUBJECT = 255

FindKey = Callable[[str | None, str], Awaitable[Mapping[str, Any] | None]]
"""The provider's published key with this id (None: its only one) for this kind of key."""


class Untrue(Exception):
    """What came back cannot be believed. The words are for the log alone; they hold nothing that was sent."""


async def read_id_token(
    token: str, *, issuer: str, client_id: str, nonce: str, clock: Clock, find_key: FindKey
) -> dict[str, Any]:
    """The claims of a token that is meant for us, now, in answer to our own question. Untrue for every other."""
    if not isinstance(token, str) or len(token) > LONGEST:
        raise Untrue("no ID token")
    try:
        header = jwt.get_unverified_header(token)
    except jwt.PyJWTError:
        raise Untrue("the ID token cannot be read") from None
    algorithm, key_id = header.get("alg"), header.get("kid")
    kind = ALGORITHMS.get(algorithm) if isinstance(algorithm, str) else None
    if kind is None or algorithm is None or "crit" in header or not isinstance(key_id, str | None):
        raise Untrue("the ID token is signed in a way we do not take")
    key = await find_key(key_id, kind)
    if key is None:
        raise Untrue("the ID token is signed with a key its issuer does not publish")
    if key.get("alg", algorithm) != algorithm:
        raise Untrue("the ID token's key is for another algorithm")
    try:
        claims: dict[str, Any] = jwt.decode(
            token,
            jwt.PyJWK(dict(key), algorithm=algorithm).key,
            algorithms=[algorithm],
            issuer=issuer,
            audience=client_id,
            # Times are held against the house's own clock, below.
            options={
                "require": ["iss", "sub", "aud", "exp", "iat"],
                "verify_exp": False,
                "verify_iat": False,
                "verify_nbf": False,
            },
        )
    except (jwt.PyJWTError, ValueError, TypeError):
        raise Untrue("the ID token is not true") from None
    _check_times(claims, clock.epoch_ms() / 1000)
    audience = claims["aud"]
    if isinstance(audience, list) and len(audience) > 1 and claims.get("azp") != client_id:
        raise Untrue("the ID token is for several, and not made for us")
    if claims.get("azp", client_id) != client_id:
        raise Untrue("the ID token was made for another client")
    said = claims.get("nonce")
    if not isinstance(said, str) or not hmac.compare_digest(said.encode(), nonce.encode()):
        raise Untrue("the ID token answers another question")
    if not isinstance(claims["sub"], str) or not 1 <= len(claims["sub"]) <= _SUBJECT:
        raise Untrue("the ID token names nobody")
    return claims


def _check_times(claims: Mapping[str, Any], now_s: float) -> None:
    for name in ("exp", "iat", "nbf"):
        value = claims.get(name, 0)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise Untrue("the ID token's times are none")
    if claims["exp"] + SKEW_S <= now_s:
        raise Untrue("the ID token has expired")
    if max(claims["iat"], claims.get("nbf", 0)) - SKEW_S > now_s:
        raise Untrue("the ID token is not good yet")
    if claims["iat"] + OLDEST_S + SKEW_S <= now_s:
        raise Untrue("the ID token was made too long ago")
