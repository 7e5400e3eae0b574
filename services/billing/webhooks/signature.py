"""Whether a delivery is the payment service's own: the signature in its header, over the very bytes that came.

The scheme is Stripe's: `t=SECONDS,v1=HEX[,v1=HEX…]`, an HMAC-SHA256 of `SECONDS.BODY`. Refuses to know what is said.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence

from services.errors import Invalid

LONGEST_HEADER = 4_096
MOST_SIGNATURES = 16


def verify(body: bytes, header: str, secrets: Sequence[str], *, now_s: int, tolerance_s: int) -> None:
    """Return when one of the secrets signed these bytes within `tolerance_s` seconds of `now_s`, before or after.

    Invalid (SIGNATURE_WRONG) otherwise, the same for every reason.
    """
    moment, signatures = _read(header)
    good = False
    if moment is not None and abs(now_s - moment) <= tolerance_s:
        signed = b"%d." % moment + body
        for secret in secrets:
            made = hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest().encode()
            for signature in signatures:
                # All are compared, so that the time taken does not tell which one was nearly right.
                good |= hmac.compare_digest(made, signature)
    if not good:
        raise Invalid("The signature is not good.", code="SIGNATURE_WRONG")


def sign(body: bytes, secret: str, *, at_s: int) -> str:
    """The header that Stripe would send with these bytes."""
    made = hmac.new(secret.encode(), b"%d." % at_s + body, hashlib.sha256).hexdigest()
    return f"t={at_s},v1={made}"


def _read(header: str) -> tuple[int | None, list[bytes]]:
    moment: int | None = None
    signatures: list[bytes] = []
    if len(header) > LONGEST_HEADER:
        return None, []
    for part in header.split(","):
        name, _, value = part.strip().partition("=")
        if name == "t":
            if moment is not None or not (value.isascii() and value.isdigit() and len(value) <= 12):
                return None, []
            moment = int(value)
        elif name == "v1" and value.isascii() and len(signatures) < MOST_SIGNATURES:
            signatures.append(value.encode())
    return moment, signatures
