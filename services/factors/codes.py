"""One-time codes of an authenticator (RFC 6238) and recovery codes: how they are made, read and compared.

Owns their shapes. Refuses to know whose they are and which were used.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP

SECRET_BYTES = 20
"""What RFC 4226 recommends, and every authenticator takes."""
STEP_S = 30
DIGITS = 6
DRIFT_STEPS = 1
"""How many steps a clock may be ahead or behind."""
RECOVERY_CODES = 10
_ALPHABET = "abcdefghjkmnpqrstuvwxyz023456789"
_GROUPS, _GROUP = 4, 4
"""Sixteen of thirty-two characters are 80 bits: a digest of them cannot be guessed back."""
_LONGEST = 64


def new_secret() -> bytes:
    """A fresh secret for an authenticator."""
    return secrets.token_bytes(SECRET_BYTES)


def code_at(secret: bytes, epoch_s: float) -> str:
    """The code that an authenticator shows at a moment."""
    return _shown(secret, int(epoch_s) // STEP_S)


def step_of(secret: bytes, code: str, epoch_s: float) -> int | None:
    """The step whose code this is, of now, the one before and the one after; None for any other code.

    Each of the three is compared, and in constant time.
    """
    now, found = int(epoch_s) // STEP_S, None
    for step in range(max(0, now - DRIFT_STEPS), now + DRIFT_STEPS + 1):
        if hmac.compare_digest(_shown(secret, step).encode(), code.encode()):
            found = step
    return found


def otpauth_url(secret: bytes, account: str, issuer: str) -> str:
    """What an authenticator reads from a QR code."""
    return _totp(secret).get_provisioning_uri(account.replace(":", " "), issuer.replace(":", " "))


def new_recovery_codes() -> list[str]:
    """Ten fresh ones, as people are shown them."""
    return [
        "-".join("".join(secrets.choice(_ALPHABET) for _ in range(_GROUP)) for _ in range(_GROUPS))
        for _ in range(RECOVERY_CODES)
    ]


def recovery_hash(user_id: str, code: str) -> str:
    """What is kept of a recovery code."""
    return hashlib.sha256(f"tutti recovery\0{user_id}\0{plain(code)}".encode()).hexdigest()


def plain(code: str) -> str:
    """A code as typed, without blanks and dashes, in small letters; empty for what can be none."""
    if len(code) > _LONGEST or not code.isascii():
        return ""
    return "".join(character for character in code.lower() if character.isalnum())


def is_one_time(code: str) -> bool:
    """Whether a plain code has the shape of an authenticator's."""
    return len(code) == DIGITS and code.isdigit()


def is_recovery(code: str) -> bool:
    """Whether a plain code has the shape of a recovery code."""
    return len(code) == _GROUPS * _GROUP and set(code) <= set(_ALPHABET)


def _shown(secret: bytes, step: int) -> str:
    return _totp(secret).generate(step * STEP_S).decode()


def _totp(secret: bytes) -> TOTP:
    # SHA-1 here is what authenticators speak (RFC 6238, section 1.2); its weakness is in collisions, which help nobody
    # against an HMAC.
    return TOTP(secret, DIGITS, SHA1(), STEP_S)
