"""The house's signature under manifests and licences: Ed25519, so that a device without a network can check it.

Owns the keys, made from the server's secrets, and the notation (JWS, RFC 7515 with RFC 8037). Refuses to know what is
signed.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jwt.api_jws import PyJWS

ALGORITHM = "EdDSA"
MANIFEST_TYPE = "tutti-download+json"
_JWS = PyJWS(algorithms=[ALGORITHM])


@dataclass(frozen=True, slots=True)
class SignedText:
    """A text with its signature, each part in URL-safe base64 as RFC 7515 has it."""

    protected: str
    payload: str
    signature: str

    @property
    def compact(self) -> str:
        """All of it in one line: `protected.payload.signature`."""
        return f"{self.protected}.{self.payload}.{self.signature}"


class ManifestKeys:
    """Signs with the key of the first seed (at least 32 bytes); the public keys of all are shown.

    Without seeds there is a key for the life of the process.
    """

    def __init__(self, seeds: Sequence[bytes]) -> None:
        made = seeds or [secrets.token_bytes(32)]
        if any(len(seed) < 32 for seed in made):
            raise ValueError("a seed of a signing key has at least 32 bytes")
        self._keys = [Ed25519PrivateKey.from_private_bytes(hashlib.sha256(seed).digest()) for seed in made]
        self._shown = [_shown(key) for key in self._keys]

    def sign(self, value: Any) -> SignedText:
        """JSON and its signature. Blocks for about a millisecond for each hundred kilobytes."""
        headers = {"kid": self._shown[0]["kid"], "typ": MANIFEST_TYPE}
        text = _JWS.encode(orjson.dumps(value), self._keys[0], algorithm=ALGORITHM, headers=headers)
        return SignedText(*text.split("."))

    @property
    def public(self) -> dict[str, Any]:
        """The public keys as a JSON Web Key Set (RFC 7517)."""
        return {"keys": self._shown}


def _shown(key: Ed25519PrivateKey) -> dict[str, str]:
    raw = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    text = _base64(raw)
    # RFC 7638: the hash of the members that make the key, in the order of their names.
    thumbprint = _base64(hashlib.sha256(f'{{"crv":"Ed25519","kty":"OKP","x":"{text}"}}'.encode()).digest())
    return {"kty": "OKP", "crv": "Ed25519", "x": text, "kid": thumbprint, "use": "sig", "alg": ALGORITHM}


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")
