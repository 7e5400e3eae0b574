"""What providers publish of themselves: their endpoints (OpenID Connect Discovery) and their keys (RFC 7517).

Owns fetching and remembering both, for each issuer. A key that is not known yet is looked for once more, at most every
thirty seconds, so that providers may rotate and strangers with made-up ids cost nothing. Refuses to check tokens.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from services.clock import Clock
from services.identities.id_tokens import Untrue
from services.outgoing.outgoing import Outgoing

FRESH_MS = 3_600_000
AGAIN_MS = 30_000
MOST_KEYS = 50
_LIMIT_BYTES = 256_000


@dataclass(frozen=True, slots=True)
class Metadata:
    """An issuer's endpoints. `names_itself`: its answers carry `iss` (RFC 9207); `basic`: it takes HTTP Basic."""

    issuer: str
    authorize_url: str
    token_url: str
    keys_url: str
    userinfo_url: str = ""
    names_itself: bool = False
    basic: bool = True


class Directory:
    """One issuer's publications, remembered for an hour. Unreachable when it is away, Untrue when it talks nonsense."""

    def __init__(self, outgoing: Outgoing, clock: Clock, issuer: str) -> None:
        self._outgoing = outgoing
        self._clock = clock
        self._issuer = issuer
        self._metadata: Metadata | None = None
        self._metadata_at_ms = 0
        self._keys: list[dict[str, Any]] = []
        self._keys_at_ms: int | None = None
        self._one = asyncio.Lock()

    async def metadata(self) -> Metadata:
        """The endpoints."""
        async with self._one:
            now_ms = self._clock.epoch_ms()
            if self._metadata is None or now_ms - self._metadata_at_ms > FRESH_MS:
                url = self._issuer.rstrip("/") + "/.well-known/openid-configuration"
                self._metadata = _read_metadata(await read_json(self._outgoing, url), self._issuer)
                self._metadata_at_ms = now_ms
            return self._metadata

    async def find_key(self, key_id: str | None, kind: str) -> Mapping[str, Any] | None:
        """The published signing key with that id and of that kind; without an id, the only one of its kind."""
        metadata = await self.metadata()
        async with self._one:
            now_ms = self._clock.epoch_ms()
            age_ms = None if self._keys_at_ms is None else now_ms - self._keys_at_ms
            found = self._among(key_id, kind)
            if age_ms is None or age_ms > FRESH_MS or (found is None and age_ms >= AGAIN_MS):
                # Noted before the answer comes: an issuer in trouble is not asked by each sign-in anew.
                self._keys_at_ms = now_ms
                self._keys = _read_keys(await read_json(self._outgoing, metadata.keys_url))
                found = self._among(key_id, kind)
            return found

    def _among(self, key_id: str | None, kind: str) -> dict[str, Any] | None:
        fitting = [key for key in self._keys if key["kty"] == kind and (key_id is None or key.get("kid") == key_id)]
        return fitting[0] if len(fitting) == 1 else None


async def read_json(outgoing: Outgoing, url: str, **options: Any) -> dict[str, Any]:
    """The JSON object at a URL. Untrue for an answer that is none; Unreachable as `Outgoing.fetch`."""
    headers = {"Accept": "application/json", **options.pop("headers", {})}
    answer = await outgoing.fetch(url, headers=headers, limit_bytes=_LIMIT_BYTES, **options)
    try:
        content = orjson.loads(answer.body) if answer.status == 200 else None
    except orjson.JSONDecodeError:
        content = None
    if not isinstance(content, dict):
        raise Untrue(f"an answer with status {answer.status} that is no JSON object")
    return content


def _read_metadata(content: Mapping[str, Any], issuer: str) -> Metadata:
    if content.get("issuer") != issuer:
        raise Untrue("the issuer says to be another")
    urls = [str(content.get(name) or "") for name in ("authorization_endpoint", "token_endpoint", "jwks_uri")]
    if not all(urls):
        raise Untrue("the issuer does not tell its endpoints")
    userinfo = content.get("userinfo_endpoint")
    methods = content.get("token_endpoint_auth_methods_supported")
    return Metadata(
        issuer,
        authorize_url=urls[0],
        token_url=urls[1],
        keys_url=urls[2],
        userinfo_url=userinfo if isinstance(userinfo, str) else "",
        names_itself=content.get("authorization_response_iss_parameter_supported") is True,
        basic=not isinstance(methods, list) or "client_secret_basic" in methods,
    )


def _read_keys(content: Mapping[str, Any]) -> list[dict[str, Any]]:
    keys = content.get("keys")
    if not isinstance(keys, list):
        raise Untrue("the issuer publishes no keys")
    return [
        key
        for key in keys[:MOST_KEYS]
        if isinstance(key, dict) and isinstance(key.get("kty"), str) and key.get("use", "sig") == "sig"
    ]
