"""The indexes of what opens an account: sessions, second factors, keys."""

from __future__ import annotations

from storage.declaring import index
from storage.engine import Index

SIGN_IN_INDEXES: dict[str, tuple[Index, ...]] = {
    "second_factors": (index("seal_key"),),
    "identities": (index("user_id", "created_at"),),
    "sign_in_codes": (index("expires_at"),),
    "access_keys": (
        index("secret_hash", unique=True),
        index("user_id", "kind", "-created_at"),
        index("expires_at", present=True),
    ),
    "known_places": (),
    "sign_in_challenges": (index("expires_at"), index("user_id")),
    "sessions": (
        index("user_id", "-created_at"),
        index("expires_at"),
    ),
}
