"""Seals a push message for one browser (RFC 8291 over RFC 8188), and signs for the house (RFC 8292, VAPID).

Owns the bytes. Refuses to know who is sent what, and where.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from urllib.parse import urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from services.errors import Invalid

MOST_BYTES = 3_000
"""Most bytes of a message before it is sealed; every push service takes 4,096 after."""
_RECORD_BYTES = 4096
_CURVE = ec.SECP256R1()
_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
_LAST_RECORD = b"\x02"


class HouseKey:
    """The house's own key, always the same from one seed."""

    def __init__(self, seed: bytes) -> None:
        number = int.from_bytes(hashlib.sha512(b"tutti push\0" + seed).digest()) % (_ORDER - 1) + 1
        self._private = ec.derive_private_key(number, _CURVE)
        self.public = encoded(_point(self._private.public_key()))

    def authorization(self, endpoint: str, *, expires_at: int, contact: str) -> str:
        """The header by which a push service knows the house (RFC 8292, section 3); `expires_at` in epoch seconds."""
        parts = urlsplit(endpoint)
        claims = {"aud": f"{parts.scheme}://{parts.netloc}", "exp": expires_at}
        if contact:
            claims["sub"] = contact
        return f"vapid t={jwt.encode(claims, self._private, algorithm='ES256')}, k={self.public}"


def seal(
    message: bytes, p256dh: str, auth: str, *, ours: ec.EllipticCurvePrivateKey | None = None, salt: bytes | None = None
) -> bytes:
    """The message for whoever has the private half of `p256dh`. `ours` and `salt` are fresh unless given."""
    if len(message) > MOST_BYTES:
        raise ValueError(f"a push message has at most {MOST_BYTES} bytes")
    theirs, secret = read_keys(p256dh, auth)
    ours = ours or ec.generate_private_key(_CURVE)
    salt = salt or secrets.token_bytes(16)
    our_point = _point(ours.public_key())
    shared = _hmac(secret, ours.exchange(ec.ECDH(), theirs))
    material = _hmac(shared, b"WebPush: info\0" + _point(theirs) + our_point + b"\x01")
    root = _hmac(salt, material)
    key = _hmac(root, b"Content-Encoding: aes128gcm\0\x01")[:16]
    nonce = _hmac(root, b"Content-Encoding: nonce\0\x01")[:12]
    head = salt + _RECORD_BYTES.to_bytes(4) + bytes([len(our_point)]) + our_point
    return head + AESGCM(key).encrypt(nonce, message + _LAST_RECORD, None)


def read_keys(p256dh: str, auth: str) -> tuple[ec.EllipticCurvePublicKey, bytes]:
    """A browser's keys. Invalid, naming the one, for what is no point of the curve or not 16 bytes."""
    try:
        point = ec.EllipticCurvePublicKey.from_encoded_point(_CURVE, decoded(p256dh))
    except ValueError:
        raise Invalid("p256dh is a browser's public key, as base64url.", field="p256dh") from None
    try:
        secret = decoded(auth)
    except ValueError:
        secret = b""
    if len(secret) != 16:
        raise Invalid("auth is a browser's secret of 16 bytes, as base64url.", field="auth")
    return point, secret


def encoded(data: bytes) -> str:
    """Unpadded base64url."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def decoded(text: str) -> bytes:
    """What `encoded` made, padded or not. ValueError for anything else."""
    bare = text.rstrip("=")
    return base64.b64decode(bare.encode("ascii") + b"=" * (-len(bare) % 4), b"-_", validate=True)


def _point(key: ec.EllipticCurvePublicKey) -> bytes:
    return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def _hmac(key: bytes, data: bytes) -> bytes:
    return hmac.new(key, data, hashlib.sha256).digest()
