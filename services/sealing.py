"""Seals what must be read again but never lie open at rest: AES-256-GCM under keys made from the house's secrets.

Owns keys, nonces and the notation. A sealed text is bound to its purpose and to whom it belongs: put in another's
place it does not open. Refuses to know what is sealed and where it is kept.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import secrets as random
from collections.abc import Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_NONCE_BYTES = 12


class CannotOpen(Exception):
    """Sealed with a key that is not ours any more, for another, or changed since."""


class Seals:
    """Seals with the first secret and opens with all; one `purpose`, one set of keys. Without secrets they last as long
    as the process."""

    def __init__(self, secrets: Sequence[str], purpose: str) -> None:
        made = [secret.encode() for secret in secrets] or [random.token_bytes(32)]
        self._purpose = purpose.encode()
        self._keys: dict[str, AESGCM] = {}
        for secret in made:
            key = HKDF(SHA256(), 32, salt=None, info=b"tutti seal\0" + self._purpose).derive(secret)
            self._keys.setdefault(hashlib.sha256(b"name\0" + key).hexdigest()[:16], AESGCM(key))
        self.current = next(iter(self._keys))
        """The name of the key that seals now: what bears another is to be sealed anew before its secret is dropped."""

    def seal(self, secret: bytes, owner: str) -> str:
        """The secret as text that opens for this owner alone: `key.nonce-and-ciphertext`."""
        nonce = random.token_bytes(_NONCE_BYTES)
        locked = nonce + self._keys[self.current].encrypt(nonce, secret, self._bound(owner))
        return f"{self.current}.{base64.urlsafe_b64encode(locked).decode()}"

    def open(self, sealed: str, owner: str) -> bytes:
        """What was sealed for this owner. CannotOpen when it is not to be had."""
        name, _, text = sealed.partition(".")
        key = self._keys.get(name)
        if key is None:
            raise CannotOpen("sealed with a key that is not here")
        try:
            locked = base64.b64decode(text, altchars=b"-_", validate=True)
            return key.decrypt(locked[:_NONCE_BYTES], locked[_NONCE_BYTES:], self._bound(owner))
        except (InvalidTag, binascii.Error, ValueError):
            raise CannotOpen("changed, or another's") from None

    def is_current(self, sealed: str) -> bool:
        """Whether the newest key sealed it."""
        return sealed.partition(".")[0] == self.current

    def _bound(self, owner: str) -> bytes:
        return self._purpose + b"\0" + owner.encode()
