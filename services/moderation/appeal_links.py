"""The link by which somebody who cannot sign in appeals: it names one decision, signed, and does nothing else.

Owns the signature. It is spent by the appeal itself (`appeals.py`), which there is once for each decision.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Sequence

from services.errors import NotFound
from services.typed_text import is_id

_LONGEST = 200


class AppealLinks:
    """Makes and reads the links. `keys`: the first signs, all verify."""

    def __init__(self, keys: Sequence[bytes], *, public_url: str) -> None:
        self._keys = keys
        self.home = public_url.rstrip("/") or "http://localhost"

    def url(self, decision_id: str) -> str:
        """The address of the page where a decision is appealed."""
        return f"{self.home}/appeal/{decision_id}.{_signature(self._keys[0], decision_id)}"

    def check(self, token: str) -> str:
        """Which decision a link's token is about. NotFound for one that is not ours."""
        decision_id, _, signature = token[:_LONGEST].partition(".")
        good = is_id(decision_id) and signature.isascii()
        if not good or not any(hmac.compare_digest(_signature(key, decision_id), signature) for key in self._keys):
            raise NotFound("This link is not good.")
        return decision_id


def _signature(key: bytes, decision_id: str) -> str:
    made = hmac.new(key, b"appeal\0" + decision_id.encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(made).rstrip(b"=").decode()
